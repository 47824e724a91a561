/** So many in any second, however many senders there are. */

import type { Millis } from '../contract/link.ts';

export class RateLimit {
  readonly #perSecond: number;
  #second: Millis = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** `perSecond`: 0 = no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Counts one more; false where there have been enough in this second. */
  admits(now: Millis): boolean {
    if (this.#perSecond === 0) {
      return true;
    }
    if (now - this.#second >= 1000) {
      this.#second = now;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= this.#perSecond;
  }
}
