import { errorCode } from '../problem-reporter.ts';

/** Characters of what a module says that are kept. */
const LONGEST = 400;

/** What a module says, in one line of the log. */
export function moduleWords(text: unknown): string {
  const line = textOf(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** `code` and words of what a module has thrown, with the place in the module where that is known. `file`: the module's, or a URL of it. */
export function moduleError(error: unknown, folder: string): { readonly code: string; readonly reason: string } {
  const code = errorCode(error);
  const isError = error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error);
  const words = isError ? textOf((error as Error).message) : `it threw ${textOf(error)}, which is no Error`;
  const name = isError && typeof (error as Error).name === 'string' ? (error as Error).name : 'Error';
  const place = isError ? placeIn(textOf((error as Error).stack ?? ''), folder) : '';
  return {
    code: /^[A-Z][A-Z0-9_]{0,31}$/.test(code) ? code : 'ERROR',
    reason: moduleWords(`${name === 'Error' ? '' : `${name}: `}${words}${place}`),
  };
}

/** `String`, which throws where an object does not want to be a text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'something that has no text';
  }
}

/** ` (my-radio.js:12:5)`: the first line of the stack that lies in the folder of the module. */
function placeIn(stack: string, folder: string): string {
  for (const line of stack.split('\n')) {
    const at = line.indexOf(folder);
    const [, place] = (at < 0 ? null : /^[/\\]?([^()]+:\d+:\d+)/.exec(line.slice(at + folder.length))) ?? [];
    if (place !== undefined) {
      return ` (${place})`;
    }
  }
  return '';
}
