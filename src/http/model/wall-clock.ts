/** From the clock of the gateway to that on the wall, as it is told to whoever asks. */
import type { Millis } from '../../ports/clock.ts';

export interface WallClockParts {
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** The clock of the sessions, see `Sessions.now`. */
  readonly now: () => Millis;
}

export class WallClock {
  readonly #parts: WallClockParts;

  constructor(parts: WallClockParts) {
    this.#parts = parts;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#parts.wall();
  }

  /** How far the clock of the sessions is behind that on the wall: to be asked once for all that is told together. */
  offset(): number {
    return this.#parts.wall() - this.#parts.now();
  }
}

/** ISO 8601 in UTC, for times that may be far away: what no date can have is the last that one can. */
export function isoTime(millis: number): string {
  const LAST = 8_640_000_000_000_000;
  return new Date(Math.max(-LAST, Math.min(LAST, Math.round(millis)))).toISOString();
}
