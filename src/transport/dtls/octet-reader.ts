/** What the other side sent is not what RFC 5246 or RFC 6347 describe. */
export class MalformedError extends Error {}

/** Reads octets in the order in which they stand. Each call throws `MalformedError` where there are too few. */
export class OctetReader {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** Octets that have not been read. */
  get left(): number {
    return this.#octets.length - this.#at;
  }

  /** A number of `width` octets, at most six, in network order. */
  number(width: number): number {
    let value = 0;
    for (const octet of this.take(width)) {
      value = value * 256 + octet;
    }
    return value;
  }

  /** A view of the next `length` octets. */
  take(length: number): Uint8Array {
    if (length > this.left) {
      throw new MalformedError(`expected ${length} octets, found ${this.left}`);
    }
    const from = this.#at;
    this.#at += length;
    return this.#octets.subarray(from, this.#at);
  }

  /** A view of a vector behind a length of `width` octets (RFC 5246 4.3). */
  vector(width: number): Uint8Array {
    return this.take(this.number(width));
  }

  /** Throws where something is left. */
  end(): void {
    if (this.left > 0) {
      throw new MalformedError(`${this.left} octets more than expected`);
    }
  }
}
