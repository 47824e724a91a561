/** Octets put together in the presentation language of TLS (RFC 5246 4): numbers in network order, vectors behind their length. */

/** All parts, one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Octets of which parts are given away. */
const POOL = 8_192;
let pool = new ArrayBuffer(POOL);
let used = 0;

/**
 * Octets to be filled by the caller, with anything in them: part of a larger piece of memory, for what is small and made by itself is moved by V8 when it
 * leaves for a cipher or a socket.
 */
export function roomFor(length: number): Uint8Array {
  if (length > POOL / 4) {
    return new Uint8Array(length);
  }
  if (used + length > POOL) {
    pool = new ArrayBuffer(POOL);
    used = 0;
  }
  const octets = new Uint8Array(pool, used, length);
  used += (length + 7) & ~7;
  return octets;
}

/** `width` octets of a number below 2^48. */
export function numberOctets(value: number, width: number): Uint8Array {
  const octets = new Uint8Array(width);
  writeNumber(octets, 0, value, width);
  return octets;
}

/** Writes `width` octets of a number below 2^48. */
export function writeNumber(octets: Uint8Array, at: number, value: number, width: number): void {
  let rest = value;
  for (let index = at + width - 1; index >= at; index--) {
    octets[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Writes epoch and number of a record, eight octets (RFC 6347 4.1). */
export function writeRecordNumber(octets: Uint8Array, at: number, epoch: number, sequence: number): void {
  const high = Math.floor(sequence / 2 ** 32);
  octets[at] = epoch >>> 8;
  octets[at + 1] = epoch;
  octets[at + 2] = high >>> 8;
  octets[at + 3] = high;
  octets[at + 4] = sequence >>> 24;
  octets[at + 5] = sequence >>> 16;
  octets[at + 6] = sequence >>> 8;
  octets[at + 7] = sequence;
}

/** A vector behind a length of `width` octets. */
export function vector(content: Uint8Array, width: number): Uint8Array {
  return joined(numberOctets(content.length, width), content);
}

/** Octets as hexadecimal digits. */
export function hexOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    text += octet.toString(16).padStart(2, '0');
  }
  return text;
}
