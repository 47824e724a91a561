/**
 * The time of the core, made of a clock that only moves forward: it counts the time that the gateway runs, over all its starts (I-36), and
 * leaves out what the process stood still (I-37). It looks at the clock every second while the core waits for anything, so that it notices. It has whole
 * milliseconds: a number with a fraction is an object of its own wherever it is kept, and three times as long where it is written.
 */
import type { Clock, Millis } from '../ports/clock.ts';

/** How often the clock is looked at, and how late that may be before it counts as a pause; a pause counts as this long. */
const LATE: Millis = 1_000;

export interface CoreClockParts {
  readonly clock: Clock;
  /** The deadline is due, by the time of the core. */
  readonly due: (now: Millis) => void;
  /** The time has been looked at without that anything is due. */
  readonly looked: () => void;
  /** The process stood still for so long. */
  readonly paused: (milliseconds: Millis) => void;
}

export class CoreClock {
  readonly #parts: CoreClockParts;
  /** Of the clock, before the time of the core. */
  #offset: Millis = 0;
  #deadline: Millis | undefined;
  /** When the timer is due, by the clock; undefined: there is none. */
  #wakeUp: Millis | undefined;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(parts: CoreClockParts) {
    this.#parts = parts;
  }

  /** From now on it goes on from `time`. */
  continueFrom(time: Millis): void {
    this.#offset = this.#look() - Math.ceil(time);
  }

  /** The time of the core. */
  now(): Millis {
    const now = this.#look();
    if (this.#wakeUp !== undefined && now - this.#wakeUp > LATE) {
      this.#leaveOut(now - this.#wakeUp);
    }
    return now - this.#offset;
  }

  /** Waits for the next deadline of the core; undefined: for none. Cheap where nothing has changed. */
  waitUntil(deadline: Millis | undefined): void {
    if (this.#stopped || (deadline === this.#deadline && (deadline === undefined || this.#wakeUp !== undefined))) {
      return;
    }
    this.#deadline = deadline;
    if (deadline === undefined) {
      this.#letGo();
    } else if (this.#wakeUp === undefined || deadline + this.#offset < this.#wakeUp) {
      const now = this.#look();
      // A deadline may be set that is over already: that is no time for which the process stood still
      this.#setTimer(Math.max(now, Math.min(deadline + this.#offset, now + LATE)));
    }
  }

  /** For good. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#letGo();
  }

  /** What was late longer than a second has not happened for the core. The sockets are read before anything is due. */
  #leaveOut(late: Millis): void {
    this.#offset += late - LATE;
    this.#letGo();
    if (!this.#stopped && this.#deadline !== undefined) {
      this.#setTimer(this.#look() + 1);
    }
    this.#parts.paused(late);
  }

  #look(): Millis {
    return Math.floor(this.#parts.clock.now());
  }

  #setTimer(at: Millis): void {
    this.#letGo();
    this.#wakeUp = at;
    this.#cancel = this.#parts.clock.wakeAt(at, this.#wake);
  }

  #letGo(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#wakeUp = undefined;
  }

  readonly #wake = (): void => {
    const expected = this.#wakeUp;
    const now = this.now();
    if (expected === undefined || this.#deadline === undefined || this.#wakeUp !== expected) {
      return; // it stood still: the next timer is set
    }
    this.#wakeUp = undefined;
    const deadline = this.#deadline;
    // Node's timers may fire up to 1 ms early
    if (deadline <= Math.max(now, expected - this.#offset)) {
      this.#parts.due(Math.max(deadline, now));
    } else {
      this.#parts.looked();
    }
  };
}
