import type { Millis } from '../ports/clock.ts';

/** Lets so many through in any span of this length. */
export class RateWindow {
  readonly #span: Millis;
  /** When the last ones went, in a ring; the oldest is at `#next`. */
  readonly #went: Float64Array;
  #next = 0;

  constructor(most: number, span: Millis) {
    this.#span = span;
    this.#went = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  }

  /** When the next one may go; not after now: at once. */
  get freeAt(): Millis {
    return (this.#went[this.#next] ?? 0) + this.#span;
  }

  /** One goes. */
  take(now: Millis): void {
    this.#went[this.#next] = now;
    this.#next = (this.#next + 1) % this.#went.length;
  }
}
