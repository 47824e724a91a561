/** Changes by key; undefined: the key goes away. */
export type Changes = ReadonlyMap<string, string | undefined>;

/** Writes changes, all or nothing; `durable`: they are on the disk when the promise resolves. */
export type WriteChanges = (changes: Changes, durable: boolean) => Promise<void>;

interface Batch {
  readonly changes: Map<string, string | undefined>;
  durable: boolean;
  readonly done: Promise<void>;
}

/**
 * Joins changes that come while others are being written into one batch: a hundred waiting callers cost one sync of the disk. One batch
 * is written at a time, in the order of the calls; within a batch the last change of a key wins.
 */
export class GroupCommit {
  readonly #write: WriteChanges;
  /** The batch that still takes changes. */
  #open: Batch | undefined;
  /** The end of the batch before it, well or not. */
  #previous: Promise<void> = Promise.resolve();

  constructor(write: WriteChanges) {
    this.#write = write;
  }

  /**
   * Resolves when the batch with these changes has been written; durable when one of its calls asked for it. Rejects with the error of
   * the batch, for all calls in it; the next batch is tried nevertheless.
   */
  add(changes: Changes, durable: boolean): Promise<void> {
    this.#open ??= this.#begin();
    const batch = this.#open;
    for (const [key, text] of changes) {
      batch.changes.set(key, text);
    }
    batch.durable ||= durable;
    return batch.done;
  }

  #begin(): Batch {
    const changes = new Map<string, string | undefined>();
    // Starts in a microtask at the earliest, so that calls of one turn share a batch.
    const done = this.#previous.then(() => {
      this.#open = undefined;
      return this.#write(changes, batch.durable);
    });
    const batch: Batch = { changes, durable: false, done };
    this.#previous = done.catch(() => {});
    return batch;
  }
}
