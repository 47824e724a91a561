/** Records of the store, each kind for itself: after a start there are hundreds of thousands, and going over all of them for each kind takes long. */

import type { RestoredRecord } from '../contract/stored-records.ts';

type Kind = RestoredRecord['kind'];
type OfKind<K extends Kind> = Extract<RestoredRecord, { readonly kind: K }>;

export class RecordsByKind {
  readonly #byKind = new Map<Kind, RestoredRecord[]>();

  constructor(records: readonly RestoredRecord[]) {
    for (const record of records) {
      const same = this.#byKind.get(record.kind);
      if (same === undefined) {
        this.#byKind.set(record.kind, [record]);
      } else {
        same.push(record);
      }
    }
  }

  /** Those of one kind, in order. */
  of<K extends Kind>(kind: K): readonly OfKind<K>[] {
    return (this.#byKind.get(kind) ?? []) as OfKind<K>[];
  }
}
