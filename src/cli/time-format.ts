/** Times as strftime writes them, as far as a format string needs it. Local time. Pure. */

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

const two = (number: number): string => String(number).padStart(2, '0');
const date = (now: Date): string => `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
const time = (now: Date): string => `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;

const TIMES: Readonly<Record<string, (now: Date) => string>> = {
  '@': () => '@',
  Y: (now) => String(now.getFullYear()),
  y: (now) => two(now.getFullYear() % 100),
  m: (now) => two(now.getMonth() + 1),
  d: (now) => two(now.getDate()),
  e: (now) => String(now.getDate()).padStart(2, ' '),
  H: (now) => two(now.getHours()),
  I: (now) => two(now.getHours() % 12 || 12),
  M: (now) => two(now.getMinutes()),
  S: (now) => two(now.getSeconds()),
  N: (now) => `${String(now.getMilliseconds()).padStart(3, '0')}000000`,
  p: (now) => (now.getHours() < 12 ? 'AM' : 'PM'),
  A: (now) => WEEKDAYS[now.getDay()] ?? '',
  a: (now) => (WEEKDAYS[now.getDay()] ?? '').slice(0, 3),
  B: (now) => MONTHS[now.getMonth()] ?? '',
  b: (now) => (MONTHS[now.getMonth()] ?? '').slice(0, 3),
  F: date,
  T: time,
  R: (now) => time(now).slice(0, 5),
  s: (now) => String(Math.floor(now.getTime() / 1000)),
  z: zone,
  I8601: (now) => `${date(now)}T${time(now)}${zone(now)}`,
};

/** For people: every letter that `timeText` knows. */
export const TIME_LETTERS = Object.keys(TIMES)
  .filter((letter) => letter.length === 1)
  .map((letter) => `@${letter}`)
  .join(' ');

export function isTimeLetter(letter: string): boolean {
  return letter.length === 1 && Object.hasOwn(TIMES, letter);
}

/** What strftime writes for a letter; `I8601` is a whole time such as `2026-11-29T13:02:41+0100`. Empty for an unknown letter. */
export function timeText(letter: string, now: Date): string {
  return TIMES[letter]?.(now) ?? '';
}

function zone(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
