import { CHANGE_CIPHER_SPEC, HANDSHAKE } from '../records/record.ts';
import type { RecordLayer } from '../records/record-layer.ts';
import { joined } from '../wire-octets.ts';
import { type HandshakeMessage, handshakeOctets } from './handshake-message.ts';

/** Flight 6, with which a handshake is over for the server: all that is left of it, for it may have been lost (RFC 6347 4.2.4). */
export class LastFlight {
  readonly #layer: RecordLayer;
  readonly #finished: HandshakeMessage;

  constructor(layer: RecordLayer, finished: HandshakeMessage) {
    this.#layer = layer;
    this.#finished = finished;
  }

  /** As one datagram, with record numbers of its own each time. */
  octets(): Uint8Array {
    const finished = this.#layer.sealed(HANDSHAKE, handshakeOctets(this.#finished));
    return joined(this.#layer.plain(CHANGE_CIPHER_SPEC, Uint8Array.of(1)), finished ?? new Uint8Array(0));
  }
}
