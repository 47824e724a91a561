import type { Clock, Millis } from '../../ports/clock.ts';

/** Wrong passwords or tokens that an address may send in a window. */
const MOST_FAILURES = 5;
const WINDOW: Millis = 60_000;
/** Addresses that are remembered; the ones go first whose window ends first. */
const MOST_ADDRESSES = 1_000;

interface Attempts {
  readonly until: Millis;
  count: number;
}

/** Who guesses: after five failures within a minute an address is not listened to for a minute. */
export class FailureLimit {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #blocked: (address: string, seconds: number) => void;
  /** In the order in which their windows end. */
  readonly #attempts = new Map<string, Attempts>();

  /** `blocked` is told of each address that is blocked from now on, and for how many seconds. */
  constructor(clock: Pick<Clock, 'now'>, blocked: (address: string, seconds: number) => void) {
    this.#clock = clock;
    this.#blocked = blocked;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#attempts.size;
  }

  /** Whole seconds, rounded up, for which the address is not listened to; 0: it is. */
  blockedFor(address: string): number {
    const { until = 0, count = 0 } = this.#attempts.get(address) ?? {};
    return count < MOST_FAILURES ? 0 : Math.max(0, Math.ceil((until - this.#clock.now()) / 1_000));
  }

  /** An attempt, which counts as a failure until it has succeeded: whoever makes many at a time learns no more than others. */
  attempt(address: string): void {
    const now = this.#clock.now();
    for (const [known, { until }] of this.#attempts) {
      if (until > now) {
        break;
      }
      this.#attempts.delete(known);
    }
    const { until = now + WINDOW, count = 0 } = this.#attempts.get(address) ?? {};
    const isLast = count + 1 === MOST_FAILURES;
    this.#attempts.delete(address);
    this.#attempts.set(address, { until: isLast ? now + WINDOW : until, count: count + 1 });
    const [first] = this.#attempts.size > MOST_ADDRESSES ? this.#attempts.keys() : [];
    if (first !== undefined) {
      this.#attempts.delete(first);
    }
  }

  /** An attempt was in vain. */
  failed(address: string): void {
    if (this.#attempts.get(address)?.count === MOST_FAILURES) {
      this.#blocked(address, WINDOW / 1_000);
    }
  }

  /** An attempt was none in vain. */
  succeeded(address: string): void {
    const attempts = this.#attempts.get(address);
    if (attempts !== undefined) {
      attempts.count -= 1;
    }
  }
}
