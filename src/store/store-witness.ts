/**
 * Whether a folder is the one that was written last, and not a copy of it from an earlier time: a file in it is made anew at each start, and what is
 * written says which one it was, by its number and the time of its last change, which nobody can set. A folder that was copied, restored from a
 * backup, or written over has another one (I-131).
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the file. */
export const WITNESS = 'witness';

/** Says which witness is in a folder; undefined: none. */
export function witnessIn(folder: string): string | undefined {
  const found = statSync(join(folder, WITNESS), { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}:${found.ctimeNs}`;
}

/** Puts a new witness in place of the one that was there. Throws where that is not possible. */
export function newWitness(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(join(folder, WITNESS), { force: true });
  writeFileSync(join(folder, WITNESS), '', { mode: 0o600, flag: 'wx' });
  return witnessIn(folder) ?? '';
}

/** Names the time since the machine was started; undefined: the system does not say. */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
