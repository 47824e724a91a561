/** Octets of a key: fewer can be guessed, and more not every implementation takes (RFC 4279 5.3). */
const MIN_KEY = 16;
const MAX_KEY = 64;
/** Octets of an identity (RFC 4279 5.3). */
const MAX_IDENTITY = 128;

const HEX = /^[0-9a-f]+$/i;
const BASE64 = /^(?:[0-9a-z+/]{4})*(?:[0-9a-z+/]{2}==|[0-9a-z+/]{3}=)?$/i;

/** The octets of a pre-shared key, or what is wrong with it; that never shows any of it. Hexadecimal where it can be, else base64. */
export function readPskKey(text: string): { readonly key: Uint8Array } | { readonly problem: string } {
  const isHex = HEX.test(text) && text.length >= 2 * MIN_KEY;
  if (isHex ? text.length % 2 !== 0 : !BASE64.test(text) || text === '') {
    return { problem: 'expected a key in hexadecimal or base64 digits' };
  }
  const key = Uint8Array.from(Buffer.from(text, isHex ? 'hex' : 'base64'));
  return key.length < MIN_KEY || key.length > MAX_KEY
    ? { problem: `expected a key of ${MIN_KEY} to ${MAX_KEY} octets, found ${key.length}` }
    : { key };
}

/** What is wrong with an identity; undefined: nothing. */
export function pskIdentityProblem(identity: string): string | undefined {
  const length = Buffer.byteLength(identity);
  if (length === 0 || length > MAX_IDENTITY) {
    return `expected an identity of 1 to ${MAX_IDENTITY} octets, found ${length}`;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
  return /[\u0000-\u001f\u007f]/.test(identity) ? 'expected an identity without control characters' : undefined;
}
