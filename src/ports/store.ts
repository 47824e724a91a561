/** What outlives the process. The core writes records; after a start it gets all of them back. */
import type { StoredRecord, StoreWrite } from '../core/contract/stored-records.ts';

export type { StoredRecord, StoreWrite } from '../core/contract/stored-records.ts';

export interface Store {
  /** Opens the store and gives back every record in it, in no particular order. Rejects where it cannot be opened, with what to do. */
  open(): Promise<readonly StoredRecord[]>;
  /**
   * Writes all or nothing, in the order of the calls. Resolves when the writes would survive a crash of the machine (`durable`), or when
   * they have been handed over. Calls that come while one is under way are joined into one batch.
   */
  write(writes: readonly StoreWrite[], durable: boolean): Promise<void>;
  /** Resolves when everything that was written is on disk and the files are closed. */
  close(): Promise<void>;
}
