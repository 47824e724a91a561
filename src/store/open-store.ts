import type { RestoredRecord, Store } from '../ports/store.ts';
import { LevelStore } from './level-store.ts';
import { MemoryStore } from './memory-store.ts';
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
 * Opens the session store. A damaged one is set aside and reported, and an empty one opened in its place. Rejects with a `StoreError`
 * whose message says what to do where the store is in use, of another version, or where the system refuses.
 */
export async function openStore({ path, report }: OpenStoreOptions): Promise<OpenedStore> {
  if (path === 'memory') {
    return opened(new MemoryStore());
  }
  try {
    return await opened(new LevelStore({ path, onProblem: report }));
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_DAMAGED')) {
      throw error;
    }
    const place = await setAside(path);
    report(`${error.message}; it is now ${place}, and the gateway starts without stored sessions`);
    return opened(new LevelStore({ path, onProblem: report }));
  }
}

async function opened(store: Store): Promise<OpenedStore> {
  return { store, records: await store.open() };
}
