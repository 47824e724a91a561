/** Units of time. The core counts milliseconds, the wire seconds. */

/** Milliseconds: a time on any clock that only moves forward, or a time span. */
export type Millis = number;

/** Seconds, as they stand on the wire. */
export type Seconds = number;

/** What each unit is in which people write durations. */
export const UNITS: readonly (readonly [string, Millis])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

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
