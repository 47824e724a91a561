import type { Clock, Millis } from '../ports/clock.ts';
import type { Distribution } from '../ports/site.ts';

/**
 * How often it is looked. Each look wakes the process for some forty microseconds, and a loop that stands for longer than this cannot hide: five in a
 * second are little for what is late that matters.
 */
const INTERVAL: Millis = 200;

/** Upper bounds of the delays that are told apart. Timers of Node are up to 1 ms late by themselves. */
const BOUNDS: readonly Millis[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** So many looks are `recent`: a second. */
const RECENT = 5;

/** How late the event loop is: how much later than it was due a timer is called. Whatever comes in waits as long. Looks only between `start` and `stop`. */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #counts: number[] = new Array(BOUNDS.length + 1).fill(0);
  readonly #recent: Millis[] = new Array(RECENT).fill(0);
  #sum: Millis = 0;
  #looks = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    if (this.#cancel === undefined) {
      this.#wait();
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The longest delay of the last second. */
  get recent(): Millis {
    return Math.max(...this.#recent);
  }

  /** All delays since the start. */
  distribution(): Distribution {
    return { bounds: BOUNDS, counts: [...this.#counts], sum: this.#sum };
  }

  #wait(): void {
    const due = this.#clock.now() + INTERVAL;
    this.#cancel = this.#clock.wakeAt(due, () => {
      // A timer of Node may be early, too.
      this.#looked(Math.max(0, this.#clock.now() - due));
      this.#wait();
    });
  }

  #looked(delay: Millis): void {
    const bucket = BOUNDS.findIndex((bound) => delay <= bound);
    const at = bucket < 0 ? BOUNDS.length : bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += delay;
    this.#recent[this.#looks++ % RECENT] = delay;
  }
}
