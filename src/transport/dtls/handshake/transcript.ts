import { createHash } from 'node:crypto';
import type { PrfHash } from '../crypto/prf.ts';
import { type HandshakeMessage, handshakeOctets } from './handshake-message.ts';

/**
 * All messages of a handshake, from the ClientHello on that has a cookie, as if none had been fragmented (RFC 6347 4.2.1, RFC 6347 4.2.6). They are kept as
 * they are: with pre-shared keys they are some hundred octets, and the hash is known only behind ServerHello.
 */
export class Transcript {
  readonly #messages: Uint8Array[] = [];

  add(message: HandshakeMessage): void {
    this.#messages.push(handshakeOctets(message));
  }

  /** The hash of what has been added. */
  hash(algorithm: PrfHash): Uint8Array {
    const hash = createHash(algorithm);
    for (const message of this.#messages) {
      hash.update(message);
    }
    return hash.digest();
  }
}
