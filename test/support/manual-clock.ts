import type { Clock, Millis } from '../../src/ports/clock.ts';

/** A clock that stands still until the test moves it, with any number of timers. */
export class ManualClock implements Clock {
  #now: Millis;
  readonly #timers = new Set<{ readonly deadline: Millis; readonly wake: () => void }>();

  constructor(now: Millis = 1_000_000) {
    this.#now = now;
  }

  readonly now = (): Millis => this.#now;

  /** Timers that are waited for. */
  get waiting(): number {
    return this.#timers.size;
  }

  readonly wakeAt = (deadline: Millis, wake: () => void): (() => void) => {
    const timer = { deadline, wake };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Moves it on by so much; timers are called in the order in which they are due, each at its time. */
  advance(by: Millis): void {
    const end = this.#now + by;
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ deadline }) => deadline <= end)
        .sort((a, b) => a.deadline - b.deadline);
      if (next === undefined) {
        break;
      }
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.deadline);
      next.wake();
    }
    this.#now = end;
  }
}
