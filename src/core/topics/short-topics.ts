/** Short topic names that are in use, and who has used each last (§6.7). Nobody registers them, so the last ones are remembered. */

/** One of them. */
export interface ShortTopic {
  /** Two octets, as text. */
  readonly topicName: string;
  /** Client id, or the address of a sender of QoS −1. */
  usedBy: string;
  /** In milliseconds, as given to `used`. */
  usedAt: number;
}

/** Each generation has so many; the older one goes as a whole when the younger one is full. */
const GENERATION = 500;

export class ShortTopics {
  /** By topic id. */
  #young = new Map<number, ShortTopic>();
  #old = new Map<number, ShortTopic>();

  /** Somebody has used one at `now`: `topicId` are its two octets. */
  used(topicId: number, topicName: string, by: string, now: number): void {
    const known = this.#young.get(topicId);
    if (known) {
      known.usedBy = by;
      known.usedAt = now;
      return;
    }
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#old.delete(topicId);
    this.#young.set(topicId, { topicName, usedBy: by, usedAt: now });
  }

  /** Those that are remembered, 1,000 at most. */
  *all(): IterableIterator<Readonly<ShortTopic>> {
    yield* this.#young.values();
    yield* this.#old.values();
  }
}
