/**
 * What the core wants written, until it is written. One batch is at the store at a time, and what comes meanwhile is the next one. A batch that
 * fails is tried again together with what has come since; nobody is told that something is on disk before it is (I-23). The log says
 * once that the store hangs, once that it fails and why, and once that it works again.
 */
import { Histogram } from '../core/contract/histogram.ts';
import type { Clock, Millis } from '../ports/clock.ts';
import type { Observer } from '../ports/observer.ts';
import type { Store, StoredRecord, StoreWrite } from '../ports/store.ts';

/** From here on clients that wait are held (I-38). */
const SLOW: Millis = 1_000;
/** From here on an operator should look. */
const STALLED: Millis = 3_000;
/** Pauses between attempts. */
const FIRST_PAUSE: Millis = 500;
const LONGEST_PAUSE: Millis = 5_000;

export interface StoreWriterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Writes take long, or fail; or they do not any more. */
  readonly onSlow: (slow: boolean) => void;
  /** A record of these clients cannot be written at all: a bug of ours. */
  readonly onDefect: (owners: Iterable<string>) => void;
}

/** What is under a key; undefined: nothing. */
export interface RecordOfKey {
  readonly key: string;
  readonly record: StoredRecord | undefined;
}

interface Batch {
  /** By key; the last change of a key wins. */
  readonly writes: Map<string, { readonly write: StoreWrite; readonly owners: Iterable<string> }>;
  durable: boolean;
  /** Who waits for it, in order. */
  readonly done: (() => void)[];
}

export class StoreWriter {
  readonly #parts: StoreWriterParts;
  /** How long writes took that succeeded. */
  readonly times = new Histogram();
  #launchedAt: Millis = 0;
  #next = newBatch();
  /** Parts of a batch with a defect, before the next one. */
  readonly #split: Batch[] = [];
  #flying: Batch | undefined;
  #pauses = 0;
  #since: Millis | undefined;
  /** What the log has been told of since the store worked last. */
  #told: 'nothing' | 'stalled' | 'failed' = 'nothing';
  #slow = false;
  #cancel: () => void = () => {};
  #retrying = false;
  #stopped = false;

  constructor(parts: StoreWriterParts) {
    this.#parts = parts;
  }

  /** Changes that are not written yet. */
  get unwritten(): number {
    const batches = [...this.#split, this.#next, ...(this.#flying ? [this.#flying] : [])];
    return batches.reduce((sum, { writes }) => sum + writes.size, 0);
  }

  get slow(): boolean {
    return this.#slow;
  }

  /** How long a write has been under way, or been tried again and again; 0: none is. */
  get waits(): Millis {
    return this.#since === undefined ? 0 : this.#parts.clock.now() - this.#since;
  }

  /** The records of some keys as they are, or will be when all is written; undefined where there is none. Rejects where the disk does not answer. */
  async read(keys: readonly string[]): Promise<readonly RecordOfKey[]> {
    const pending = new Map<string, RecordOfKey>();
    for (const batch of [this.#flying, ...this.#split, this.#next]) {
      for (const key of keys) {
        const change = batch?.writes.get(key);
        if (change) {
          pending.set(key, { key, record: change.write.record });
        }
      }
    }
    const asked = keys.filter((key) => !pending.has(key));
    const read = asked.length > 0 ? await this.#parts.store.read(asked) : [];
    const found = new Map(asked.map((key, at) => [key, { key, record: read[at] }]));
    return keys.map((key) => pending.get(key) ?? found.get(key) ?? { key, record: undefined });
  }

  /** `done` is called when the writes are in the store, on the disk where they are `durable`; never before. */
  write(writes: readonly StoreWrite[], durable: boolean, owners: Iterable<string>, done: () => void): void {
    for (const write of writes) {
      this.#next.writes.set(write.key, { write, owners });
    }
    this.#next.durable ||= durable;
    this.#next.done.push(done);
    this.#launch();
  }

  /** What fails from now on is not tried again, and no timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #launch(): void {
    if (this.#flying || this.#retrying) {
      return;
    }
    let batch = this.#split.shift();
    if (batch === undefined) {
      if (this.#next.writes.size === 0 && this.#next.done.length === 0) {
        return;
      }
      batch = this.#next;
      this.#next = newBatch();
    }
    this.#flying = batch;
    const flying = batch;
    this.#launchedAt = this.#parts.clock.now();
    this.#since ??= this.#launchedAt;
    if (this.#told === 'nothing' && !this.#stopped) {
      this.#watch(this.#slow ? STALLED : SLOW);
    }
    const writes = Array.from(flying.writes.values(), ({ write }) => write);
    this.#parts.store.write(writes, flying.durable).then(
      () => this.#succeeded(flying),
      (error: unknown) => this.#failed(flying, error),
    );
  }

  #watch(after: Millis): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.wakeAt((this.#since ?? 0) + after, () => {
      if (after === SLOW) {
        this.#becomeSlow(true);
        this.#watch(STALLED);
        return;
      }
      this.#told = 'stalled';
      this.#parts.observer.note({ type: 'store-stalled', seconds: STALLED / 1000 });
    });
  }

  #becomeSlow(slow: boolean): void {
    if (slow !== this.#slow) {
      this.#slow = slow;
      this.#parts.onSlow(slow);
    }
  }

  #succeeded(batch: Batch): void {
    this.#cancel();
    this.#flying = undefined;
    this.times.record(this.#parts.clock.now() - this.#launchedAt);
    if (this.#told !== 'nothing') {
      const seconds = Math.round((this.#parts.clock.now() - (this.#since ?? 0)) / 1000);
      this.#parts.observer.note({ type: 'store-recovered', seconds });
    }
    this.#told = 'nothing';
    this.#since = undefined;
    this.#pauses = 0;
    this.#becomeSlow(false);
    this.#launch();
    for (const done of batch.done) {
      done();
    }
  }

  #failed(batch: Batch, error: unknown): void {
    this.#cancel();
    this.#flying = undefined;
    if (error instanceof TypeError) {
      this.#findDefect(batch, error);
      this.#launch();
      return;
    }
    this.#next = [batch, ...this.#split.splice(0), this.#next].reduce(merged);
    if (this.#stopped) {
      return;
    }
    if (this.#told !== 'failed') {
      this.#told = 'failed'; // also where it hung before: now the reason is known
      this.#parts.observer.note({
        type: 'store-problem',
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    this.#retrying = true; // also for what is written because of it
    this.#becomeSlow(true);
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#pauses++);
    this.#cancel = this.#parts.clock.wakeAt(this.#parts.clock.now() + pause, () => {
      this.#retrying = false;
      this.#launch();
    });
  }

  /** A record that breaks its type keeps nobody else from being written: the batch is halved until it is alone. */
  #findDefect(batch: Batch, error: TypeError): void {
    const entries = [...batch.writes];
    const [only] = entries;
    if (entries.length > 1) {
      const half = entries.length >> 1;
      this.#split.unshift(
        { writes: new Map(entries.slice(0, half)), durable: batch.durable, done: [] },
        { writes: new Map(entries.slice(half)), durable: batch.durable, done: batch.done },
      );
      return;
    }
    this.#parts.observer.note({ type: 'store-problem', reason: `${only?.[0]}: ${error.message}` });
    this.#parts.onDefect(only?.[1].owners ?? []);
    for (const done of batch.done) {
      done();
    }
  }
}

function newBatch(): Batch {
  return { writes: new Map(), durable: false, done: [] };
}

function merged(one: Batch, other: Batch): Batch {
  const writes = new Map([...one.writes, ...other.writes]);
  return { writes, durable: one.durable || other.durable, done: [...one.done, ...other.done] };
}
