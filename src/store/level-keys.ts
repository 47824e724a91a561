/** Keys of the database. */

/** Key of the version, sealed as the records are. */
export const FORMAT_KEY = 'format';
/** Before the keys of the port, so that no record can be taken for anything else. */
export const RECORD = 'record/';
/** Before the keys of texts that could not be decoded: kept for a look at them, never read again. */
export const LEFT_OUT = 'left-out/';

/** Everything after a prefix that ends in a slash: up to the character after it. */
export const rangeOf = (prefix: string): { readonly gte: string; readonly lt: string } => ({
  gte: prefix,
  lt: `${prefix.slice(0, -1)}0`,
});

/** The key of the port. */
export const keyOf = (storedKey: string): string =>
  storedKey.startsWith(RECORD) ? storedKey.slice(RECORD.length) : storedKey;
