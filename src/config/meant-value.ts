/** What was probably meant by a value in another form than settings have it: sizes with units, weeks, a prefix without its end. */

const POWERS = ['', 'k', 'm', 'g', 't'];

/** `(write the number of octets: …)` for a size with a unit, of those that fit; else nothing. */
export function sizeHint(value: unknown, fits: (octets: number) => boolean): string {
  const [, number = '', prefix = '', binary = ''] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgt])(i?)b?\s*$/i.exec(String(value)) ?? [];
  const power = POWERS.indexOf(prefix.toLowerCase());
  if (number === '' || power < 1) {
    return '';
  }
  const bases = binary === '' ? [1_000, 1_024] : [1_024]; // MB is said of both
  const meant = bases.map((base) => Number(number) * base ** power).filter(fits);
  return meant.length === 0 ? '' : ` (write the number of octets: ${meant.join(', or ')})`;
}

/** Weeks in days; undefined: no weeks were written. */
export function withoutWeeks(value: unknown): string | undefined {
  const [, weeks] = /^\s*(\d+)\s*w(?:eeks?)?\s*$/i.exec(String(value)) ?? [];
  return weeks === undefined ? undefined : `${Number(weeks) * 7}d`;
}

/** A topic prefix with its end, and with the client id where another letter was thought to stand for it. */
export function meantPrefix(value: string): string {
  const ended = value.endsWith('/') ? value : `${value}/`;
  return ended.replace(/%[a-z]/gi, '%c');
}
