/** Numbers and times for people. */

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const STEPS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `12,345` */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** `1 message`, `12,345 messages` */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : several}`;
}

/** A rate or a delay: three digits, no more. `0`, `0.4`, `12.3`, `1,234` */
export function figureText(figure: number): string {
  if (figure === 0 || Math.abs(figure) >= 100) {
    return countText(figure);
  }
  return figure.toFixed(Math.abs(figure) < 10 ? (Math.abs(figure) < 0.1 ? 2 : 1) : 1).replace(/\.0+$/, '');
}

/** `512 B`, `1.2 kB`, `3.4 MB` */
export function octetsText(octets: number): string {
  if (octets < 1_000) {
    return `${octets} B`;
  }
  const [unit, size] = octets < 1e6 ? ['kB', 1e3] : octets < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  const figure = octets / Number(size);
  return `${figure < 100 ? figure.toFixed(1) : countText(figure)} ${unit}`;
}

/** `−43 dBm` */
export function signalText(rssi: number): string {
  return `${rssi < 0 ? '−' : ''}${Math.abs(rssi)} dBm`;
}

/** The two largest units of so many seconds: `45 s`, `2 min 5 s`, `3 d 4 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const index = STEPS.findIndex(([, size]) => whole >= size);
  const [unit, size] = STEPS[index] ?? ['s', 1];
  const [nextUnit, nextSize] = STEPS[index + 1] ?? ['', 0];
  const rest = nextSize === 0 ? 0 : Math.floor((whole % size) / nextSize);
  return `${Math.floor(whole / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${nextUnit}`}`;
}

/** How long something is so: below an hour one unit, as for people. */
export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return durationText(whole < 60 || whole >= 3_600 ? whole : whole - (whole % 60));
}

/** How far a time is from now: `just now`, `5 s ago`, `3 min ago`, `in 2 h`. Times in milliseconds since 1970. */
export function relativeText(time: number, now: number): string {
  const seconds = Math.round((now - time) / 1_000);
  const distance = Math.abs(seconds);
  if (distance < 2) {
    return 'just now';
  }
  const [unit, size] = STEPS.find(([, one]) => distance >= one) ?? ['s', 1];
  const text = `${Math.floor(distance / size)} ${unit}`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const CLOCK_WITH_DATE = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** `14:05`; where it is more than twelve hours from now, with the day. */
export function clockText(time: number, now: number): string {
  return (Math.abs(time - now) < 12 * 3_600_000 ? CLOCK : CLOCK_WITH_DATE).format(time);
}

/** Everything about a time, for whoever asks: day, time, zone. */
export function wholeTimeText(time: number): string {
  return WHOLE.format(time);
}

/** `14:05:09.123` */
export function preciseClockText(time: number): string {
  const date = new Date(time);
  const digits = (value: number, length: number): string => String(value).padStart(length, '0');
  return `${digits(date.getHours(), 2)}:${digits(date.getMinutes(), 2)}:${digits(date.getSeconds(), 2)}.${digits(date.getMilliseconds(), 3)}`;
}
