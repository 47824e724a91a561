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

/** The last time that a date can have, and its sign turned the first. */
const LAST = 8_640_000_000_000_000;
const MINUTE = 60_000;
/** Minutes whose text is remembered: most of what is told has happened in the same few. */
const REMEMBERED = 64;
const minutes: number[] = new Array(REMEMBERED).fill(Number.NaN);
const texts: string[] = new Array(REMEMBERED).fill('');

/** ISO 8601 in UTC, for times that may be far away: what no date can have is the last that one can. */
export function isoTime(millis: number): string {
  const time = Math.max(-LAST, Math.min(LAST, Math.round(millis)));
  const minute = Math.floor(time / MINUTE);
  const slot = Math.abs(minute % REMEMBERED);
  if (minutes[slot] !== minute) {
    minutes[slot] = minute;
    texts[slot] = new Date(minute * MINUTE).toISOString().slice(0, -'00.000Z'.length);
  }
  const rest = String(100_000 + time - minute * MINUTE);
  return `${texts[slot]}${rest.slice(1, 3)}.${rest.slice(3)}Z`;
}
