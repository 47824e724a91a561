/** Files that options name. */
import { readAtMost } from '../config/text-file.ts';
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
  if (octets === undefined) {
    throw new OptionProblem(`${option}: ${file} has more than ${MOST_INPUT} octets`);
  }
  return octets;
}

/** Undefined where there is more. */
function contentOf(option: string, file: string): Buffer | undefined {
  try {
    return readAtMost(file, MOST_INPUT);
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    throw new OptionProblem(`${option}: cannot read ${file}: ${REASONS[code] ?? message}`);
  }
}
