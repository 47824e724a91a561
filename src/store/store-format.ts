/**
 * Versions of the store on disk, and the way from one to the next. The entry with the version is never written in any other way than now
 * (sealed, a whole number): a gateway that knows only older versions has to recognize it, or it would take the store for a damaged one.
 */

import { numberedExchanges } from './numbered-exchanges.ts';
import { sessionsInParts } from './sessions-in-parts.ts';
import { sessionsWithPeers } from './sessions-with-peers.ts';

/** Texts by key, as they are on disk: sealed (record-codec.ts), the keys those of the port. */
export type StoredTexts = ReadonlyMap<string, string>;

export interface StoreFormat {
  /** The version that this gateway writes. */
  readonly version: number;
  /** From a version to the one after it: all texts of the old in, all texts of the new out. Without an entry a version is refused. */
  readonly migrations: ReadonlyMap<number, (texts: StoredTexts) => StoredTexts>;
}

/**
 * Version 1: sealed JSON, see record-codec.ts. Version 2: sessions know the version of the protocol and their peer. Version 3: exchanges are
 * numbered, and those that were let go are remembered. Version 4: a session is in parts, and times count from the first start of the gateway.
 * Version 5: a session may belong to an identity. Nothing of version 4 is another; a gateway that would give such a session to anybody must not read it.
 */
export const STORE_FORMAT: StoreFormat = {
  version: 5,
  migrations: new Map<number, (texts: StoredTexts) => StoredTexts>([
    [1, sessionsWithPeers],
    [2, numberedExchanges],
    [3, sessionsInParts],
    [4, (texts) => texts],
  ]),
};

/** Takes texts from a version to the current one; undefined where there is no way. */
export function migrate(format: StoreFormat, version: number, texts: StoredTexts): StoredTexts | undefined {
  let current = texts;
  for (let from = version; from !== format.version; from++) {
    const step = format.migrations.get(from);
    if (step === undefined) {
      return undefined;
    }
    current = step(current);
  }
  return current;
}
