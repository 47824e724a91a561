import type { HandshakeFragment, HandshakeMessage } from './handshake-message.ts';

/** Octets of the longest message, and of all that are kept because one before them is missing; with pre-shared keys a quarter of it is much. */
const MAX_MESSAGE = 1_024;
/** Messages that are kept because one before them is missing; no flight of the other side has more. */
const MAX_AHEAD = 4;

interface Partial {
  readonly type: number;
  readonly body: Uint8Array;
  /** Octets that have come. */
  readonly has: Uint8Array;
  missing: number;
}

/** Puts messages together and in order: fragments may come in any order, overlap, and come again (RFC 6347 4.2.2, RFC 6347 4.2.3). */
export class Reassembly {
  #next: number;
  readonly #partial = new Map<number, Partial>();

  /** `next`: number of the message that is expected first. */
  constructor(next: number) {
    this.#next = next;
  }

  /** The messages that a fragment completes, in order. What came before, is too long or does not fit to what is known is ignored. */
  add({ type, length, messageSeq, offset, body }: HandshakeFragment): HandshakeMessage[] {
    const isExpected = messageSeq >= this.#next && messageSeq < this.#next + MAX_AHEAD;
    if (!isExpected || length > MAX_MESSAGE || offset + body.length > length) {
      return [];
    }
    const known = this.#partial.get(messageSeq);
    const partial = known ?? { type, body: new Uint8Array(length), has: new Uint8Array(length), missing: length };
    if (partial.type !== type || partial.body.length !== length) {
      return [];
    }
    // The one that is expected can always come.
    if (known === undefined && messageSeq !== this.#next && this.#octets + length > MAX_MESSAGE) {
      return [];
    }
    this.#partial.set(messageSeq, partial);
    fill(partial, offset, body);
    return this.#complete();
  }

  /** Of all messages that are not complete, or not in turn. */
  get #octets(): number {
    let octets = 0;
    for (const { body } of this.#partial.values()) {
      octets += body.length;
    }
    return octets;
  }

  #complete(): HandshakeMessage[] {
    const messages: HandshakeMessage[] = [];
    for (;;) {
      const partial = this.#partial.get(this.#next);
      if (partial === undefined || partial.missing > 0) {
        return messages;
      }
      this.#partial.delete(this.#next);
      messages.push({ type: partial.type, messageSeq: this.#next, body: partial.body });
      this.#next += 1;
    }
  }
}

/** The first that comes for an octet counts. */
function fill(partial: Partial, offset: number, body: Uint8Array): void {
  for (const [index, octet] of body.entries()) {
    const at = offset + index;
    if (partial.has[at] === 0) {
      partial.has[at] = 1;
      partial.body[at] = octet;
      partial.missing -= 1;
    }
  }
}
