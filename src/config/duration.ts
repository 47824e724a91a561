/** Durations as people write them in the settings: `500ms`, `10s`, `15m`, `1h`, `7d`. */
import type { Millis } from '../core/contract/units.ts';

/** A duration as it is written; only 0 may stand alone. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | 0 | '0';

/** What each unit is. */
export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

const UNITS = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
] as const;

/** What a written duration looks like; for editors. A plain 0 is allowed beside it. */
export const DURATION_PATTERN = '^(0|[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))$';

/** A written duration; undefined where it is none. A number without a unit is none, save 0. */
export function parseDuration(written: unknown): Millis | undefined {
  if (written === 0 || written === '0') {
    return 0;
  }
  if (typeof written !== 'string') {
    return undefined;
  }
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(written);
  const factor = UNITS.find(([unit]) => unit === match?.[2])?.[1];
  if (match === null || factor === undefined) {
    return undefined;
  }
  const exact = Number(match[1]) * factor;
  const millis = Math.round(exact);
  // 1.1d is a whole number of milliseconds, though not in binary fractions.
  return Number.isSafeInteger(millis) && Math.abs(exact - millis) < 1e-5 ? millis : undefined;
}

/** Writes a duration with the largest unit that needs no fraction: 900000 is `15m`. */
export function formatDuration(millis: Millis): string {
  if (millis === 0) {
    return '0';
  }
  for (const [unit, factor] of UNITS) {
    if (millis % factor === 0) {
      return `${millis / factor}${unit}`;
    }
  }
  return `${millis}ms`;
}
