/** Files that options name. */
import { closeSync, openSync, readSync } from 'node:fs';
import { OptionProblem } from './option-table.ts';

/** More than any message, key, token or list of certificates has; /dev/zero has no end. */
export const MOST_INPUT = 1_048_576;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

/** The octets of the file that an option names, `MOST_INPUT` at most. Throws `OptionProblem`. */
export function readInputFile(option: string, file: string): Buffer {
  const octets = contentOf(option, file);
  if (octets.length > MOST_INPUT) {
    throw new OptionProblem(`${option}: ${file} has more than ${MOST_INPUT} octets`);
  }
  return octets;
}

/** One octet more than `MOST_INPUT` at most. */
function contentOf(option: string, file: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const chunks: Buffer[] = [];
    for (let left = MOST_INPUT + 1; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(left, 65_536));
      const count = readSync(descriptor, chunk);
      if (count === 0) {
        break;
      }
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    throw new OptionProblem(`${option}: cannot read ${file}: ${REASONS[code] ?? message}`);
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}
