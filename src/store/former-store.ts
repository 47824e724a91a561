import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a folder has a store in it, of any version and in any state. */
export async function holdsStore(path: string): Promise<boolean> {
  return access(join(path, 'CURRENT')).then(
    () => true,
    () => false,
  );
}

/** Of other folders the first that has a store in it. */
export async function formerStore(others: readonly string[]): Promise<string | undefined> {
  for (const folder of others) {
    if (await holdsStore(folder)) {
      return folder;
    }
  }
  return undefined;
}
