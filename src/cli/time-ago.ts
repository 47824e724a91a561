/** Times and spans for people. Pure. */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `3 d 4 h`, `12 s`: a span of seconds in its two largest units. */
export function spanText(seconds: number): string {
  let left = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => left >= size);
  if (first < 0) {
    return '0 s';
  }
  const words: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) {
      words.push(`${count} ${unit}`);
    }
  }
  return words.join(' ');
}

/** `12 s ago`, `in 5 min`; `–` for none. `now`: milliseconds since 1970. */
export function agoText(time: string | null, now: number): string {
  if (time === null) {
    return '–';
  }
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds < -0.5 ? `in ${spanText(-seconds)}` : `${spanText(seconds)} ago`;
}
