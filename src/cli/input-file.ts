/** Files that options name. */
import { readFileSync } from 'node:fs';
import { OptionProblem } from './option-table.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

/** The octets of the file that an option names. Throws `OptionProblem`. */
export function readInputFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    throw new OptionProblem(`${option}: cannot read ${file}: ${REASONS[code] ?? message}`);
  }
}
