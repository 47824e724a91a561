/** Numbers that are the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1, 1 not included. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** True in that part of the cases. */
  chance(part: number): boolean {
    return part > 0 && this.next() < part;
  }

  /** A time until the next of events that come by chance, `mean` apart on average. */
  untilNext(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** A number of its own for each sensor, so that one does not change what becomes of the others. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
