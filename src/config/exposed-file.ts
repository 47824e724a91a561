import { statSync } from 'node:fs';

/** Whether others than the owner and the group of a file can read it; where the system has such rights. */
export function isExposed(path: string): boolean {
  try {
    return process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0;
  } catch {
    return false; // it has gone meanwhile
  }
}
