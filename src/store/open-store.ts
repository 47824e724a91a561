import type { RestoredRecord, Store } from '../ports/store.ts';
import { LevelStore } from './level-store.ts';
import { MemoryStore } from './memory-store.ts';
import { clearSalvaged, salvage } from './salvage.ts';
import { StoreError } from './store-error.ts';
import { setAside } from './store-folder.ts';

export interface OpenStoreOptions {
  /** `sessions.path`: a folder, made where it is missing, or `memory`. */
  readonly path: string;
  /** Is told, as an error in the log, what was lost and where a damaged store is now. */
  readonly report: (message: string) => void;
}

/** A store that is open, and what is in it. */
export interface OpenedStore {
  readonly store: Store;
  readonly records: readonly RestoredRecord[];
}

/**
 * Opens the session store. A damaged one is set aside and reported, and what can still be read of it is in the one that is opened in its place. Rejects
 * with a `StoreError` whose message says what to do where the store is in use, of another version, or where the system refuses.
 */
export async function openStore({ path, report }: OpenStoreOptions): Promise<OpenedStore> {
  if (path === 'memory') {
    return opened(new MemoryStore());
  }
  try {
    return await opened(new LevelStore({ path, onProblem: report }));
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    const place = await setAside(path);
    const salvaged = await openSalvaged(place, path, report);
    const isMade = typeof salvaged !== 'string';
    const goesOn = isMade
      ? `goes on with the records that could be read (${salvaged.records.length}): what was written last may be missing, and what was over may come again`
      : `starts without stored sessions: ${salvaged}`;
    report(`${error.message}; it is now ${place}, and the gateway ${goesOn}`);
    return isMade ? salvaged : opened(new LevelStore({ path, onProblem: report }));
  }
}

/** Or why there is none: nothing can be read any more, or there is no room for it. The folder is empty again then. */
async function openSalvaged(
  place: string,
  path: string,
  report: OpenStoreOptions['report'],
): Promise<OpenedStore | string> {
  let problem = 'nothing in it can be read any more';
  try {
    if (await salvage(place, path)) {
      const salvaged = await opened(new LevelStore({ path, onProblem: report, isSalvaged: true }));
      if (salvaged.records.length > 0) {
        return salvaged;
      }
      await salvaged.store.close();
    }
  } catch (error) {
    problem = isDamage(error)
      ? problem
      : `what can be read of it could not be taken over (${error instanceof Error ? error.message : String(error)})`;
  }
  await clearSalvaged(path);
  return problem;
}

function isDamage(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'STORE_DAMAGED';
}

async function opened(store: Store): Promise<OpenedStore> {
  return { store, records: await store.open() };
}
