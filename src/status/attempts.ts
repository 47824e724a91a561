import type { Millis } from '../ports/clock.ts';

/** A connection that lasted so long has proved that it can: pauses begin anew. */
const LASTING: Millis = 60_000;

/** A broker that goes away breaks all connections within this time. */
const TOGETHER: Millis = 1_000;

/** So many attempts in a row that the broker ends itself, while the own connection stands throughout, are enough. */
const MOST_REFUSALS = 5;

/** Doublings after which a pause is the longest of all, whatever it was at first. */
const MOST_DOUBLINGS = 20;

export interface AttemptsOptions {
  readonly reconnectMin: Millis;
  readonly reconnectMax: Millis;
  /** 0 ≤ random() < 1; shortens each pause by up to a half. */
  readonly random: () => number;
}

/** How long to wait before the next attempt to connect, and when there have been enough. */
export class Attempts {
  readonly #options: AttemptsOptions;
  /** Since the last connection that lasted. */
  #failures = 0;
  /** Attempts in a row that the broker ended. */
  #refusals = 0;
  #refusedSince: Millis = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** An attempt came to something. */
  connected(): void {
    this.#refusals = 0;
  }

  /** The broker has ended an attempt; `ownSince`: since when the own connection stands. True: that was enough. */
  refused(ownSince: Millis, now: Millis): boolean {
    if (this.#refusals === 0 || ownSince > this.#refusedSince) {
      this.#refusals = 0;
      this.#refusedSince = now;
    }
    this.#refusals++;
    return this.#refusals >= MOST_REFUSALS;
  }

  /** An attempt came to nothing for a reason that is not the broker's. */
  failed(): void {
    this.#refusals = 0;
  }

  /** How long to wait. `lasted`: how long the connection did that is over; undefined: it was an attempt. */
  pause(lasted: Millis | undefined): Millis {
    const { reconnectMin, reconnectMax, random } = this.#options;
    const doublings = lasted !== undefined && lasted >= LASTING ? 0 : this.#failures;
    this.#failures = Math.min(MOST_DOUBLINGS, doublings + 1);
    const longest = Math.min(reconnectMax, reconnectMin * 2 ** doublings);
    const pause = Math.round(longest * (1 - random() / 2));
    return lasted === undefined ? pause : Math.max(pause, TOGETHER);
  }
}
