import { GROUPS } from '../crypto/key-agreement.ts';
import { SUITES } from '../crypto/suites.ts';
import { CLOSE_NOTIFY, isEnd, isFatal, NO_RENEGOTIATION, warning } from '../handshake/alerts.ts';
import { FlightTimer } from '../handshake/flight-timer.ts';
import { type HandshakeMessage, handshakeFragments, handshakeOctets } from '../handshake/handshake-message.ts';
import { Reassembly } from '../handshake/reassembly.ts';
import { MalformedError } from '../octet-reader.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  type DtlsRecord,
  HANDSHAKE,
  recordAt,
} from '../records/record.ts';
import { RecordLayer } from '../records/record-layer.ts';
import { joined } from '../wire-octets.ts';
import { ClientHandshake } from './client-handshake.ts';

/** How often a flight is sent before it is given up: after 31 s. */
const MAX_TRANSMISSIONS = 5;
/** Records that are kept until there are keys for them. */
const MAX_EARLY = 4;
const NO_CID = new Uint8Array(0);

/** Why a client has no association. */
export type ClientEnd = 'unanswered' | 'refused' | 'closed';

export interface DtlsClientOptions {
  readonly identity: string;
  readonly key: Uint8Array;
  /** Octets that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
}

/** Where everything goes that comes out of a client; called before the call that caused it returns. */
export interface DtlsClientSink {
  transmit(datagram: Uint8Array): void;
  /** Both sides have proven that they have the key: frames can be exchanged. */
  connected(): void;
  received(frame: Uint8Array): void;
  /** It is over, and `start` begins anew. */
  ended(reason: ClientEnd): void;
}

/**
 * A DTLS 1.2 client with a pre-shared key (RFC 6347, RFC 4279), without the socket: datagrams and time in milliseconds go in, datagrams and frames come
 * out. It offers connection ids (RFC 9146), so that the gateway finds it again when its address changes.
 */
export class DtlsClient {
  readonly #options: DtlsClientOptions;
  readonly #sink: DtlsClientSink;
  #state: 'idle' | 'handshake' | 'connected' = 'idle';
  #layer = new RecordLayer(0);
  #reassembly = new Reassembly(0);
  #handshake: ClientHandshake;
  #timer = new FlightTimer();
  #transmissions = 0;
  #early: DtlsRecord[] = [];

  constructor(options: DtlsClientOptions, sink: DtlsClientSink) {
    this.#options = options;
    this.#sink = sink;
    this.#handshake = this.#newHandshake();
  }

  /** When `tick` is to be called, in milliseconds; undefined: nothing waits. */
  get nextDeadline(): number | undefined {
    return this.#timer.deadline;
  }

  /** Begins a handshake, whatever was before. */
  start(now: number): void {
    this.#layer = new RecordLayer(0);
    this.#reassembly = new Reassembly(0);
    this.#handshake = this.#newHandshake();
    this.#early = [];
    this.#state = 'handshake';
    this.#sendFlight(now);
  }

  /** One datagram of the server; its memory must not be used again. Never throws. */
  receive(datagram: Uint8Array, now: number): void {
    for (let at = 0; at < datagram.length && this.#state !== 'idle'; ) {
      // What comes has no connection id: this side asked for an empty one.
      const record = recordAt(datagram, at, NO_CID.length);
      if (record === undefined) {
        return;
      }
      at += record.length;
      this.#receiveRecord(record, now);
    }
  }

  /** Sends a frame. False: there is no association. */
  send(frame: Uint8Array): boolean {
    const record = this.#state === 'connected' ? this.#layer.sealed(APPLICATION_DATA, frame) : undefined;
    if (record !== undefined) {
      this.#sink.transmit(record);
    }
    return record !== undefined;
  }

  /** Sends a flight again where it is due, or gives up. Harmless at any time. */
  tick(now: number): void {
    if (this.#timer.deadline === undefined || now < this.#timer.deadline) {
      return;
    }
    if (this.#transmissions === MAX_TRANSMISSIONS) {
      this.#end('unanswered');
    } else {
      this.#transmissions += 1;
      this.#timer.again(now);
      this.#transmitFlight();
    }
  }

  /** Says that it is over (RFC 5246 7.2.1). */
  close(): void {
    const record = this.#state === 'connected' ? this.#layer.sealed(ALERT, warning(CLOSE_NOTIFY)) : undefined;
    if (record !== undefined) {
      this.#sink.transmit(record);
    }
    this.#state = 'idle';
    this.#timer.stop();
  }

  #newHandshake(): ClientHandshake {
    const suites = SUITES.map(({ id }) => id);
    return new ClientHandshake({ ...this.#options, suites, groups: GROUPS, layer: this.#layer });
  }

  /** A flight of the server has been answered: this is the first time that the answer is sent. */
  #sendFlight(now: number): void {
    this.#transmissions = 1;
    this.#timer.start(now);
    this.#transmitFlight();
  }

  #transmitFlight(): void {
    const { clear, sealed } = this.#handshake.flight;
    const records = clear.map((message) => this.#layer.plain(HANDSHAKE, handshakeOctets(message)));
    if (sealed !== undefined) {
      records.push(this.#layer.plain(CHANGE_CIPHER_SPEC, Uint8Array.of(1)));
      records.push(this.#layer.sealed(HANDSHAKE, handshakeOctets(sealed)) ?? new Uint8Array(0));
    }
    this.#sink.transmit(joined(...records));
  }

  #receiveRecord(record: DtlsRecord, now: number): void {
    if (record.epoch === 0) {
      if (record.type === HANDSHAKE && this.#state === 'handshake') {
        this.#receiveMessages(record.fragment, false, now);
      } else if (record.type === ALERT && this.#state === 'handshake' && isFatal(record.fragment)) {
        // Nothing proves it, but there is nothing yet that could be lost. CLOSE_NOTIFY is late: it answers a record of an association before.
        this.#end('refused');
      }
      return;
    }
    const content = this.#layer.open(record);
    if (content === 'no-keys') {
      if (this.#early.length < MAX_EARLY) {
        this.#early.push(record);
      }
    } else if (typeof content !== 'string') {
      this.#receiveContent(content.type, content.plain, now);
    }
  }

  #receiveContent(type: number, plain: Uint8Array, now: number): void {
    if (type === HANDSHAKE) {
      if (this.#state === 'handshake') {
        this.#receiveMessages(plain, true, now);
      } else if (plain[0] === 0) {
        this.#refuseRenegotiation(); // HelloRequest
      }
    } else if (type === APPLICATION_DATA && this.#state === 'connected') {
      this.#sink.received(plain);
    } else if (type === ALERT && isEnd(plain)) {
      this.#end(this.#state === 'connected' ? 'closed' : 'refused');
    }
  }

  /** RFC 5246 7.2.2 */
  #refuseRenegotiation(): void {
    const alert = this.#layer.sealed(ALERT, warning(NO_RENEGOTIATION));
    if (alert !== undefined) {
      this.#sink.transmit(alert);
    }
  }

  #receiveMessages(content: Uint8Array, isProtected: boolean, now: number): void {
    try {
      for (const fragment of handshakeFragments(content)) {
        for (const message of this.#reassembly.add(fragment)) {
          this.#receiveMessage(message, isProtected, now);
        }
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) {
        throw error;
      }
      this.#end('refused');
    }
  }

  #receiveMessage(message: HandshakeMessage, isProtected: boolean, now: number): void {
    const outcome = this.#handshake.receive(message, isProtected);
    if (outcome === 'answer') {
      this.#sendFlight(now);
      const early = this.#early;
      this.#early = [];
      for (const record of early) {
        this.#receiveRecord(record, now);
      }
    } else if (outcome === 'done') {
      this.#state = 'connected';
      this.#timer.stop();
      this.#sink.connected();
    }
  }

  #end(reason: ClientEnd): void {
    this.#state = 'idle';
    this.#timer.stop();
    this.#sink.ended(reason);
  }
}
