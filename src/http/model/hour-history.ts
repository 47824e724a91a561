import type { Clock, Millis } from '../../ports/clock.ts';
import type { History } from '../api-contract.ts';
import type { MessageCounts } from './message-rates.ts';
import { Ring } from './ring.ts';

/** How often the delay of the event loop is looked at, which is told for one second. */
const LOOK: Millis = 1_000;
/** One entry for so many looks. */
const LOOKS = 10;
/** An hour of them. */
const ENTRIES = 360;

/** What is so at one moment. */
export interface Reading extends MessageCounts {
  readonly clients: number;
  readonly queued: number;
}

export interface HourHistoryParts {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  read(): Reading;
  /** The longest delay of the event loop in the last second. */
  eventLoopDelay(): Millis;
}

interface Entry extends Reading {
  /** Seconds since 1970. */
  readonly time: number;
  readonly eventLoopDelay: Millis;
}

/** The last hour, for plots. */
export class HourHistory {
  readonly #parts: HourHistoryParts;
  readonly #entries = new Ring<Entry>(ENTRIES);
  #before: { readonly at: Millis; readonly up: number; readonly down: number } | undefined;
  #looks = 0;
  #longest: Millis = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: HourHistoryParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock } = this.#parts;
    const { up, down } = this.#parts.read();
    this.#before = { at: clock.now(), up, down };
    const wait = (due: Millis): void => {
      this.#cancel = clock.wakeAt(due, () => {
        this.#look();
        // A machine that slept has nothing to tell of the time in between.
        wait(Math.max(due + LOOK, clock.now()));
      });
    };
    wait(clock.now() + LOOK);
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Oldest first. */
  history(): History {
    const entries = this.#entries.values();
    return {
      time: entries.map(({ time }) => time),
      up: entries.map(({ up }) => up),
      down: entries.map(({ down }) => down),
      clients: entries.map(({ clients }) => clients),
      eventLoopDelay: entries.map(({ eventLoopDelay }) => eventLoopDelay),
      queued: entries.map(({ queued }) => queued),
    };
  }

  #look(): void {
    this.#longest = Math.max(this.#longest, this.#parts.eventLoopDelay());
    this.#looks += 1;
    if (this.#looks === LOOKS) {
      this.#add(this.#longest);
      this.#looks = 0;
      this.#longest = 0;
    }
  }

  #add(eventLoopDelay: Millis): void {
    const now = this.#parts.clock.now();
    const { up, down, ...rest } = this.#parts.read();
    const before = this.#before ?? { at: now, up, down };
    const seconds = Math.max(1, now - before.at) / 1_000;
    this.#before = { at: now, up, down };
    this.#entries.add({
      ...rest,
      time: Math.round(this.#parts.wall() / 1_000),
      up: rounded((up - before.up) / seconds),
      down: rounded((down - before.down) / seconds),
      eventLoopDelay: rounded(eventLoopDelay),
    });
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
