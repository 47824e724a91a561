/** What outlives the process. The core writes records; after a start it gets all of them back. */
import type { RestoredRecord, StoredRecord, StoreWrite } from '../core/contract/stored-records.ts';

export type { RestoredRecord, StoredRecord, StoreWrite } from '../core/contract/stored-records.ts';

export interface Store {
  /**
   * Opens the store and gives back every record in it, in no particular order; of messages beyond a limit in all without their payloads (`withheld`).
   * Rejects where it cannot be opened, with what to do.
   */
  open(): Promise<readonly RestoredRecord[]>;
  /**
   * Writes all or nothing, in the order of the calls. Resolves when the writes would survive a crash of the machine (`durable`), or when
   * they have been handed over. Calls that come while one is under way are joined into one batch.
   */
  write(writes: readonly StoreWrite[], durable: boolean): Promise<void>;
  /** The records of some keys, in their order; undefined where there is none, or none that can be read. Rejects where the disk does not answer. */
  read(keys: readonly string[]): Promise<readonly (StoredRecord | undefined)[]>;
  /** Resolves when everything that was written is on disk and the files are closed. */
  close(): Promise<void>;
}
