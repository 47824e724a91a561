import { createWriteStream, type WriteStream } from 'node:fs';

/** What happened in a run, line by line, in the file that `CRASH_JOURNAL` names; without it nothing is kept. */
export class Journal {
  readonly on: boolean;
  readonly #file: WriteStream | undefined;

  constructor(path: string | undefined = process.env.CRASH_JOURNAL) {
    this.on = path !== undefined && path !== '';
    this.#file = this.on ? createWriteStream(path as string) : undefined;
  }

  /** `line` is asked for only where there is a file. */
  add(who: string, line: () => string): void {
    this.#file?.write(`${new Date().toISOString()} ${who}: ${line()}\n`);
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file !== undefined) {
      await new Promise<void>((resolve) => file.end(() => resolve()));
    }
  }
}
