/** How long things took, counted in fixed steps: a few comparisons for each, and no memory. */

import type { Millis } from './link.ts';

/** `counts[i]` are those up to `bounds[i]`, the last one those above all bounds. */
export interface Distribution {
  /** Upper bounds in milliseconds, ascending. */
  readonly bounds: readonly Millis[];
  readonly counts: readonly number[];
  /** Milliseconds in all. */
  readonly sum: Millis;
}

/** From the time of a message on a fast network to that of a client whose radio hardly reaches. */
const BOUNDS: readonly Millis[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

export class Histogram {
  readonly #counts = new Array<number>(BOUNDS.length + 1).fill(0);
  #sum: Millis = 0;

  /** One more. `took`: milliseconds. */
  record(took: Millis): void {
    let at = 0;
    while (at < BOUNDS.length && took > (BOUNDS[at] ?? 0)) {
      at++;
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += took;
  }

  /** As it is now. */
  read(): Distribution {
    return { bounds: BOUNDS, counts: [...this.#counts], sum: this.#sum };
  }
}
