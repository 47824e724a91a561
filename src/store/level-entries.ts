/** What is in the database, entry by entry. */

/** What is read: the database, as far as its entries go. */
export interface Entries {
  iterator(options: Range & { readonly highWaterMarkBytes: number }): {
    nextv(count: number): Promise<[string, string][]>;
    close(): Promise<void>;
  };
}

/** From `gte` on, and before `lt`; empty: everything. */
export interface Range {
  readonly gte?: string;
  readonly lt?: string;
}

/** Octets that are read ahead. */
const READ_AHEAD = 1 << 20;

/** Entries that are waited for at a time. */
const READ_AT_ONCE = 5000;

/** Goes through everything in portions: to wait for each entry by itself takes as long as to read it. `use` never throws. */
export async function forEachEntry(
  database: Entries,
  range: Range,
  use: (key: string, text: string) => void,
): Promise<void> {
  const iterator = database.iterator({ ...range, highWaterMarkBytes: READ_AHEAD });
  try {
    let coming = iterator.nextv(READ_AT_ONCE);
    let entries = await coming;
    while (entries.length > 0) {
      coming = iterator.nextv(READ_AT_ONCE); // is read while these are used
      for (const [key, text] of entries) {
        use(key, text);
      }
      entries = await coming;
    }
  } finally {
    await iterator.close();
  }
}

/** Where texts are read by their keys. */
export interface Texts {
  getMany(keys: string[]): Promise<(string | undefined)[]>;
}

/** What LevelDB says of a part of a table that it cannot read. */
const DAMAGED = 'LEVEL_CORRUPTION';

/** The texts of some keys; undefined where there is none, or where it is damaged: that is nobody else's loss. */
export async function textsUnder(database: Texts, keys: readonly string[]): Promise<readonly (string | undefined)[]> {
  try {
    return await database.getMany([...keys]);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== DAMAGED) {
      throw error;
    }
  }
  return keys.length === 1 ? [undefined] : (await Promise.all(keys.map((key) => textsUnder(database, [key])))).flat();
}
