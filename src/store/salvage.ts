/** What LevelDB can still read of a damaged store. */
import { constants, copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repairDatabase } from './level-store.ts';

/** Where its records are: tables, and the log of what has come last. */
const DATA = /^\d+\.(ldb|sst|log)$/;

/**
 * Makes a store in the empty folder `path` of what can be read of the one that was set aside at `place`, which stays as it is. The list of its files is
 * made anew, and a block of a table that is damaged costs what is in it. Of a key whose last change stood there the one before may come back. False where
 * there is nothing to read; rejects with what the system or LevelDB says.
 */
export async function salvage(place: string, path: string): Promise<boolean> {
  const names = (await readdir(place)).filter((name) => DATA.test(name));
  if (names.length === 0) {
    return false;
  }
  for (const name of names) {
    await copyFile(join(place, name), join(path, name), constants.COPYFILE_FICLONE);
  }
  await repairDatabase(path);
  await rm(join(path, 'lost'), { recursive: true, force: true }); // copies of what it could not use
  return true;
}

/** Takes away what a salvage has left in a folder that it could make no store of. */
export async function clearSalvaged(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isFile() || entry.name === 'lost') {
      await rm(join(path, entry.name), { recursive: true, force: true });
    }
  }
}
