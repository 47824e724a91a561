/** Asks for something that nobody is to read over one's shoulder. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where the question is asked, and the answer comes from. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** One line of a terminal, which does not show what is typed; undefined where it was given up (Ctrl-C, Ctrl-D). */
export async function askSecret(question: string, { input, output }: Terminal): Promise<string | undefined> {
  const silent = new Writable({ write: (_text, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  output.write(question);
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
  lines.close();
  output.write('\n');
  return answer;
}

/** The first line of what comes from a pipe or a file; empty where nothing comes. */
export async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input })) {
    return line;
  }
  return '';
}
