import type { Clock, Millis } from '../../ports/clock.ts';

/** Requests that an address may make at once: some pages that are opened. */
const BURST = 400;
/** And each second for good. */
const PER_SECOND = 40;
/** Addresses that are remembered; the one goes first that has asked longest ago. */
const MOST_ADDRESSES = 1_000;

interface Bucket {
  left: number;
  at: Millis;
}

/** How many requests an address may make: a token bucket for each. */
export class RequestRate {
  readonly #clock: Pick<Clock, 'now'>;
  /** In the order of their last request. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Whether one more request is taken, which counts as so many. */
  admits(address: string, cost: number): boolean {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(address) ?? { left: BURST, at: now };
    bucket.left = Math.min(BURST, bucket.left + ((now - bucket.at) / 1_000) * PER_SECOND);
    bucket.at = now;
    const admitted = bucket.left >= cost;
    bucket.left -= admitted ? cost : 0;
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    const [first] = this.#buckets.size > MOST_ADDRESSES ? this.#buckets.keys() : [];
    if (first !== undefined) {
      this.#buckets.delete(first);
    }
    return admitted;
  }
}
