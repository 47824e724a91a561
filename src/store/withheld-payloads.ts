/** A store may have more messages than fit into memory: at the start it gives back the payloads of the first ones only. */
import type { RestoredRecord, StoredRecord } from '../ports/store.ts';

/** Octets of payloads that are given back. */
export const PAYLOADS = 16 << 20;

export class WithheldPayloads {
  #left: number;

  /** `octets`: of payloads that may be given back. */
  constructor(octets: number) {
    this.#left = octets;
  }

  /** A record as it is given back. */
  of(record: StoredRecord): RestoredRecord {
    if (record.kind !== 'message' || record.packetId !== undefined) {
      return record;
    }
    const { payload, ...rest } = record;
    this.#left -= payload.length;
    return this.#left >= 0 ? record : { ...rest, kind: 'withheld', octets: payload.length };
  }
}
