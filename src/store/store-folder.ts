/** The folder of a store: made where it is missing, looked at before LevelDB does, set aside when it is damaged. */
import { access, constants, lstat, mkdir, readdir, readFile, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { explainFailure } from './explain-failure.ts';
import { StoreError } from './store-error.ts';

/** Payloads and wills are nobody else's business. */
const MODE = 0o700;

/** Why a folder cannot be renamed although its files can: a mount point, or a parent that belongs to somebody else. */
const NOT_RENAMED: ReadonlySet<string | undefined> = new Set(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS']);

/** Makes the folder where there is none and checks that it can be used. Rejects with a `StoreError`. */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await makeFolder(resolve(path));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    await checkCurrent(path);
  } catch (error) {
    throw explainFailure(path, error);
  }
}

/**
 * One folder after the other: where the system makes none although it says that nothing is missing, as in /proc, the recursive form of Node
 * tries for ever.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: MODE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) {
      return;
    }
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) {
      throw error;
    }
    await makeFolder(parent);
    await mkdir(path, { mode: MODE });
  }
}

/**
 * CURRENT names the file from which LevelDB reads everything else. Without it LevelDB would take the folder for a new one and delete the
 * tables in it; with anything else in it, it would look for a file of that name.
 */
async function checkCurrent(path: string): Promise<void> {
  const current = join(path, 'CURRENT');
  if (!(await exists(current))) {
    if (await hasTables(path)) {
      throw new StoreError('STORE_DAMAGED', `session store ${path} is damaged (the file CURRENT is missing)`);
    }
    return;
  }
  if (!/^MANIFEST-\d+\n$/.test(await readFile(current, 'latin1'))) {
    throw new StoreError('STORE_DAMAGED', `session store ${path} is damaged (the file CURRENT names no manifest)`);
  }
}

/** Whether LevelDB has moved anything from its log to a table in this folder. */
export async function hasTables(path: string): Promise<boolean> {
  return (await readdir(path)).some((name) => /^\d+\.(ldb|sst)$/.test(name));
}

/** Octets that LevelDB could not read from its log and passed over when it opened the store last; it tells that only its own LOG. */
export async function droppedOctets(path: string): Promise<number> {
  const log = await readFile(join(path, 'LOG'), 'utf8').catch(() => '');
  return Array.from(log.matchAll(/: dropping (\d+) bytes; /g), ([, octets]) => Number(octets)).reduce(
    (sum, octets) => sum + octets,
    0,
  );
}

/**
 * Moves a damaged store out of the way, to `<path>.damaged-<date>`, and leaves an empty folder. Where the folder itself cannot be renamed,
 * its content goes to a folder in it. Returns where it is now; rejects with a `StoreError` where neither can be done.
 */
export async function setAside(path: string, today = new Date()): Promise<string> {
  const date = today.toISOString().slice(0, 10);
  try {
    // A link stays where it is: what it points to is renamed.
    const folder = await realpath(path);
    const { mode } = await lstat(folder);
    const place = await freeName(`${folder}.damaged-${date}`);
    try {
      await rename(folder, place);
    } catch (error) {
      if (!NOT_RENAMED.has((error as NodeJS.ErrnoException).code)) {
        throw error;
      }
      return await moveContent(folder, date);
    }
    await mkdir(folder, { mode: mode & 0o777 });
    return place;
  } catch (error) {
    throw explainFailure(path, error);
  }
}

async function moveContent(folder: string, date: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('damaged-'));
  const place = await freeName(join(folder, `damaged-${date}`));
  await mkdir(place, { mode: MODE });
  for (const name of names) {
    await rename(join(folder, name), join(place, name));
  }
  return place;
}

async function freeName(wanted: string): Promise<string> {
  let name = wanted;
  for (let number = 2; await exists(name); number++) {
    name = `${wanted}-${number}`;
  }
  return name;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
