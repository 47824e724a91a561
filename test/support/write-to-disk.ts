import type { StoreEffect } from '../../src/core/contract/effect.ts';
import type { StoredRecord } from '../../src/core/contract/stored-records.ts';

/** What the core wants written, to a disk of a test. The records are copied: what the core changes later without a write is not there after a restart. */
export function writeToDisk(disk: Map<string, StoredRecord>, { writes }: StoreEffect): void {
  for (const { key, record } of writes) {
    if (record === undefined) {
      disk.delete(key);
    } else {
      disk.set(key, structuredClone(record));
    }
  }
}
