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
