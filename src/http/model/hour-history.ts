import type { Clock, Millis } from '../../ports/clock.ts';
import type { History } from '../api-contract.ts';
import type { MessageCounts } from './message-rates.ts';
import { Ring } from './ring.ts';

/** One entry for so long. */
const INTERVAL: Millis = 10_000;
/** An hour of them. */
const ENTRIES = 360;

/** What is so at one moment. */
export interface Reading extends MessageCounts {
  readonly clients: number;
  readonly queued: number;
  /** Milliseconds, the longest since the reading before, or of the last second. */
  readonly eventLoopDelay: Millis;
}

export interface HourHistoryParts {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  read(): Reading;
}

interface Entry extends Reading {
  /** Seconds since 1970. */
  readonly time: number;
}

/** The last hour, for plots. */
export class HourHistory {
  readonly #parts: HourHistoryParts;
  readonly #entries = new Ring<Entry>(ENTRIES);
  #before: { readonly at: Millis; readonly up: number; readonly down: number } | undefined;
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
        this.#add();
        // A machine that slept has nothing to tell of the time in between.
        wait(Math.max(due + INTERVAL, clock.now()));
      });
    };
    wait(clock.now() + INTERVAL);
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

  #add(): void {
    const { clock, wall, read } = this.#parts;
    const now = clock.now();
    const { up, down, ...rest } = read();
    const before = this.#before ?? { at: now, up, down };
    const seconds = Math.max(1, now - before.at) / 1_000;
    this.#before = { at: now, up, down };
    this.#entries.add({
      ...rest,
      time: Math.round(wall() / 1_000),
      up: rounded((up - before.up) / seconds),
      down: rounded((down - before.down) / seconds),
      eventLoopDelay: rounded(rest.eventLoopDelay),
    });
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
