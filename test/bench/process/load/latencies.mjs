/** Times of messages in milliseconds, to about 1 %: octaves of a microsecond in 64 steps each, so that any number of them fits. */
const STEPS = 64;
const OCTAVES = 40;

export class Latencies {
  max = 0;
  #count = 0;
  #buckets = new Uint32Array(STEPS * OCTAVES);

  add(milliseconds) {
    const microseconds = Math.max(1, milliseconds * 1000);
    const bucket = Math.min(STEPS * OCTAVES - 1, Math.floor(Math.log2(microseconds) * STEPS));
    this.#buckets[bucket]++;
    this.#count++;
    this.max = Math.max(this.max, milliseconds);
  }

  /** Those of somebody else as well. */
  include(other) {
    other.#buckets.forEach((count, bucket) => {
      this.#buckets[bucket] += count;
    });
    this.#count += other.#count;
    this.max = Math.max(this.max, other.max);
  }

  /** The time within which this share of the messages was through; NaN where there was none. */
  quantile(share) {
    let left = Math.ceil(this.#count * share);
    if (left === 0) {
      return Number.NaN;
    }
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket];
      if (left <= 0) {
        return Math.min(this.max, 2 ** ((bucket + 0.5) / STEPS) / 1000);
      }
    }
    return this.max;
  }
}
