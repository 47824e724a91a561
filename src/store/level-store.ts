import { ClassicLevel } from 'classic-level';
import type { RestoredRecord, Store, StoredRecord, StoreWrite } from '../ports/store.ts';
import { explainFailure } from './explain-failure.ts';
import { type Changes, GroupCommit } from './group-commit.ts';
import { deletion, differences, putting } from './level-changes.ts';
import { forEachEntry, textsUnder } from './level-entries.ts';
import { FORMAT_KEY, keyOf, LEFT_OUT, RECORD, rangeOf } from './level-keys.ts';
import { unknownVersion, versionOf } from './level-version.ts';
import { decodeRecord, encodeRecord, readableRecord, seal } from './record-codec.ts';
import { notOpen, StoreError } from './store-error.ts';
import { droppedOctets, prepareFolder } from './store-folder.ts';
import { migrate, STORE_FORMAT, type StoredTexts, type StoreFormat } from './store-format.ts';
import { PAYLOADS, WithheldPayloads } from './withheld-payloads.ts';

type Database = ClassicLevel<string, string>;

/** How many keys a message names. */
const NAMED_KEYS = 3;

export interface LevelStoreOptions {
  /** The folder, made where it is missing. */
  readonly path: string;
  /** Is told of what was lost; a store that cannot be opened rejects instead. */
  readonly onProblem?: (message: string) => void;
  /** Versions known; those of this gateway. */
  readonly format?: StoreFormat;
  /** Octets of payloads of messages that are given back at the start. */
  readonly payloadOctets?: number;
  /** It is what was left of a damaged one: where its version is missing, or cannot be read, it is taken for the current one, and its records tell. */
  readonly isSalvaged?: boolean;
}

/** Sessions in a folder, by LevelDB. Errors are `StoreError`s, save a `TypeError` of `write` for a record that breaks its type. */
export class LevelStore implements Store {
  readonly #path: string;
  readonly #onProblem: (message: string) => void;
  readonly #format: StoreFormat;
  readonly #payloadOctets: number;
  readonly #isSalvaged: boolean;
  #database: Database | undefined;
  #commit: GroupCommit | undefined;
  #closing: Promise<void> | undefined;
  /** Written, but not yet certain to be on the disk. */
  #unsynced = false;
  /** A write failed: LevelDB refuses all further ones until it is opened again. */
  #failed = false;
  #reopening: Promise<void> | undefined;

  constructor(options: LevelStoreOptions) {
    const { path, onProblem = () => {}, format = STORE_FORMAT, payloadOctets = PAYLOADS, isSalvaged = false } = options;
    this.#payloadOctets = payloadOctets;
    this.#isSalvaged = isSalvaged;
    this.#path = path;
    this.#onProblem = onProblem;
    this.#format = format;
  }

  /**
   * As the port says. A store of an older version is brought to the current one. `STORE_DAMAGED` when it cannot be read, or when none of
   * its records can be decoded; single ones that cannot are left out and reported.
   */
  async open(): Promise<readonly RestoredRecord[]> {
    if (this.#database !== undefined) {
      throw new StoreError('STORE_LOCKED', `session store ${this.#path} is open already`);
    }
    await prepareFolder(this.#path);
    const database: Database = new ClassicLevel(this.#path);
    this.#database = database;
    try {
      await database.open();
      await this.#reportDropped();
      await this.#bringUpToDate(database);
      const records = await this.#read(database);
      this.#failed = false;
      this.#commit = new GroupCommit((changes, durable) => this.#put(changes, durable));
      return records;
    } catch (error) {
      await database.close();
      this.#database = undefined;
      throw explainFailure(this.#path, error);
    }
  }

  /**
   * As the port says. Records are taken as they are at the call. After a rejection the writes of the call are in the store or are not,
   * all of them alike; the next call is tried as if nothing had happened. Nothing, but durable: what was written before becomes durable.
   */
  async write(writes: readonly StoreWrite[], durable: boolean): Promise<void> {
    if (this.#commit === undefined) {
      throw notOpen();
    }
    const changes = writes.map(({ key, record }) => [RECORD + key, record && encodeRecord(key, record)] as const);
    await this.#commit.add(new Map(changes), durable);
  }

  /** As the port says. What stands where the database is damaged counts as a record that cannot be read. */
  async read(keys: readonly string[]): Promise<readonly (StoredRecord | undefined)[]> {
    if (this.#commit === undefined) {
      throw notOpen();
    }
    const database = await this.#workingDatabase();
    const texts = await textsUnder(
      database,
      keys.map((key) => RECORD + key),
    );
    return texts.map((text, at) => (text === undefined ? undefined : readableRecord(keys[at] ?? '', text)));
  }

  /** As the port says. The files are closed also when it rejects because the last writes failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    const commit = this.#commit;
    this.#commit = undefined;
    try {
      await commit?.add(new Map(), true);
    } finally {
      await this.#reopening?.catch(() => undefined); // it would be open behind that
      await this.#database?.close();
      this.#database = undefined;
    }
  }

  async #put(changes: Changes, durable: boolean): Promise<void> {
    if (changes.size === 0 && !(durable && this.#unsynced)) {
      return;
    }
    try {
      const database = await this.#workingDatabase();
      this.#unsynced = true;
      // Half as much work as a list of operations.
      const batch = database.batch();
      if (changes.size === 0) {
        const { key, value } = this.#formatEntry();
        batch.put(key, value); // any synced write takes those before it along
      }
      for (const [key, value] of changes) {
        if (value === undefined) {
          batch.del(key);
        } else {
          batch.put(key, value);
        }
      }
      await batch.write({ sync: durable });
      if (durable) {
        this.#unsynced = false;
      }
    } catch (error) {
      this.#failed = true;
      throw explainFailure(this.#path, error);
    }
  }

  /** The database; after a failed write it is closed and opened again first, once for all who want it meanwhile. */
  async #workingDatabase(): Promise<Database> {
    const database = this.#database;
    if (database === undefined) {
      throw notOpen();
    }
    if (this.#failed) {
      this.#reopening ??= this.#reopen(database).finally(() => {
        this.#reopening = undefined;
      });
      await this.#reopening;
    }
    return database;
  }

  async #reopen(database: Database): Promise<void> {
    await database.close();
    await database.open({ createIfMissing: false });
    this.#failed = false;
    await this.#reportDropped();
  }

  async #reportDropped(): Promise<void> {
    const octets = await droppedOctets(this.#path);
    if (octets > 0) {
      this.#onProblem(
        `session store ${this.#path}: ${octets} octets could not be read; some of what was written last before the stop may be missing`,
      );
    }
  }

  #formatEntry() {
    return putting(FORMAT_KEY, seal(FORMAT_KEY, String(this.#format.version)));
  }

  async #bringUpToDate(database: Database): Promise<void> {
    const found = await versionOf(database, this.#path);
    if (typeof found === 'object' && !this.#isSalvaged) {
      throw damaged(this.#path, found.lost);
    }
    if (found === this.#format.version) {
      return;
    }
    const version = typeof found === 'object' ? this.#format.version : found;
    const old = version === undefined ? new Map<string, string>() : await textsOf(database);
    const texts = version === undefined ? old : migrate(this.#format, version, old);
    if (texts === undefined) {
      throw unknownVersion(this.#path, version, this.#format);
    }
    // One batch: a crash leaves the old version or the new one.
    await database.batch([...differences(RECORD, old, texts), this.#formatEntry()], { sync: true });
  }

  async #read(database: Database): Promise<RestoredRecord[]> {
    const records: RestoredRecord[] = [];
    const withheld = new WithheldPayloads(this.#payloadOctets);
    const bad = new Map<string, string>();
    // All there is, for a damaged key may be anything.
    await forEachEntry(database, {}, (storedKey, text) => {
      if (storedKey === FORMAT_KEY || storedKey.startsWith(LEFT_OUT)) {
        return;
      }
      try {
        records.push(withheld.of(decodeRecord(keyOf(storedKey), text)));
      } catch {
        bad.set(storedKey, text);
      }
    });
    if (bad.size > 0 && records.length === 0) {
      throw damaged(this.#path, 'none of its records can be read');
    }
    if (bad.size > 0) {
      await this.#leaveOut(database, bad);
    }
    return records;
  }

  async #leaveOut(database: Database, bad: StoredTexts): Promise<void> {
    await database.batch(Array.from(bad, ([key, text]) => [deletion(key), putting(LEFT_OUT + key, text)]).flat(), {
      sync: true,
    });
    const names = [...bad.keys()].slice(0, NAMED_KEYS).map(keyOf).join(', ') + (bad.size > NAMED_KEYS ? ', …' : '');
    this.#onProblem(
      `session store ${this.#path}: records that cannot be read and are left out: ${bad.size} (${names})`,
    );
  }
}

/** Makes the list of files of a database in this folder anew, and leaves out what of its tables and its log cannot be read. */
export function repairDatabase(path: string): Promise<void> {
  return ClassicLevel.repair(path);
}

async function textsOf(database: Database): Promise<StoredTexts> {
  const texts = new Map<string, string>();
  await forEachEntry(database, rangeOf(RECORD), (key, text) => texts.set(keyOf(key), text));
  return texts;
}

function damaged(path: string, why: string): StoreError {
  return new StoreError('STORE_DAMAGED', `session store ${path} is damaged (${why})`);
}
