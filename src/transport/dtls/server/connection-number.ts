/** A connection id as a number, by which associations are found. Its 48 bits are exact. */
export function connectionNumber(cid: Uint8Array): number {
  let number = 0;
  for (const octet of cid) {
    number = number * 256 + octet;
  }
  return number;
}
