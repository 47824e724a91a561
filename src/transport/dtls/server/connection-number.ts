/** A connection id of `length` octets as a number, by which associations are found. Its 48 bits are exact. */
export function connectionNumber(octets: Uint8Array, from = 0, length = octets.length): number {
  let number = 0;
  for (let at = from; at < from + length; at++) {
    number = number * 256 + (octets[at] ?? 0);
  }
  return number;
}
