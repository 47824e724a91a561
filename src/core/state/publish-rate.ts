/** How much one client may publish (access rules): what it has not used for a while it may use at once. */

import type { AccessRate } from '../contract/access-settings.ts';
import type { Millis } from '../contract/units.ts';

export class PublishRate {
  readonly #messages: Allowance | undefined;
  readonly #octets: Allowance | undefined;

  constructor({ messages, octets, burstSeconds }: AccessRate) {
    this.#messages = messages === undefined ? undefined : new Allowance(messages, Math.max(1, messages * burstSeconds));
    this.#octets = octets === undefined ? undefined : new Allowance(octets, Math.max(1, octets * burstSeconds));
  }

  /** Whether a publish may pass now; where it may it is counted. One that is larger than all that may come at once passes alone, and is paid for later. */
  admits(octets: number, now: Millis): boolean {
    const isIn = (this.#messages?.left(now) ?? 1) >= 1 && (this.#octets?.left(now) ?? 1) > 0;
    if (isIn) {
      this.#messages?.take(1);
      this.#octets?.take(octets);
    }
    return isIn;
  }
}

/** So much in a second, and what was not used up to `most`. */
class Allowance {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #at: Millis = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
  }

  left(now: Millis): number {
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    return this.#left;
  }

  take(amount: number): void {
    this.#left -= amount;
  }
}
