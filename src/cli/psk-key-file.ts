/** The file of --psk-file: one pre-shared key. */
import { readPskKey } from '../config/psk-key.ts';
import { readInputFile } from './input-file.ts';
import { OptionProblem } from './option-table.ts';

/** Throws `OptionProblem`. */
export function pskKeyIn(file: string): Uint8Array {
  const read = readPskKey(readInputFile('--psk-file', file).toString('utf8').trim());
  if ('problem' in read) {
    throw new OptionProblem(`--psk-file: ${file}: ${read.problem}`);
  }
  return read.key;
}
