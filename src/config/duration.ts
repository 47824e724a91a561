/** Durations as people write them in the settings: `500ms`, `10s`, `15m`, `1h`, `7d`. */
import { type Millis, UNITS } from '../core/contract/units.ts';

/** A duration as it is written; only 0 may stand alone. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | 0 | '0';

/** What each unit is. */
export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

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
