/** Who lost a connection to the broker soon after it stood (I-12): whether one client alone, or others as well. */

import type { Millis } from '../contract/link.ts';

export class ShortFalls {
  #last: object | undefined;
  #lastAt: Millis = Number.NEGATIVE_INFINITY;
  /** When somebody else than the last one fell last. */
  #otherAt: Millis = Number.NEGATIVE_INFINITY;

  /** The connection of `who` broke soon after it stood. */
  fell(who: object, now: Millis): void {
    if (who !== this.#last) {
      this.#otherAt = this.#lastAt;
      this.#last = who;
    }
    this.#lastAt = now;
  }

  /** Whether anybody but `who` has fallen since `since`. */
  othersSince(who: object, since: Millis): boolean {
    return (this.#last === who ? this.#otherAt : this.#lastAt) >= since;
  }
}
