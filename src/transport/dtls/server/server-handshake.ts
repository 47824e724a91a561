import { createHmac, timingSafeEqual } from 'node:crypto';
import { type KeyShare, keyShare } from '../crypto/key-agreement.ts';
import {
  extendedMasterSecret,
  masterSecret,
  premasterSecret,
  trafficCiphers,
  verifyData,
} from '../crypto/key-schedule.ts';
import { FlightTimer } from '../handshake/flight-timer.ts';
import {
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  FINISHED,
  type HandshakeMessage,
  handshakeFragments,
  handshakeOctets,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
} from '../handshake/handshake-message.ts';
import { serverHelloBody } from '../handshake/hellos.ts';
import { readClientKeyExchange, serverKeyExchangeBody } from '../handshake/key-exchange-messages.ts';
import { LastFlight } from '../handshake/last-flight.ts';
import { Reassembly } from '../handshake/reassembly.ts';
import { Transcript } from '../handshake/transcript.ts';
import { MalformedError } from '../octet-reader.ts';
import { APPLICATION_DATA, DTLS_1_2, type DtlsRecord, HANDSHAKE } from '../records/record.ts';
import type { RecordLayer } from '../records/record-layer.ts';
import { joined } from '../wire-octets.ts';
import type { Agreement } from './negotiation.ts';
import { isSameKey } from './same-key.ts';

/** How often the server's first flight is sent at most, whatever asks for it. */
const MAX_TRANSMISSIONS = 8;
/** Records of the next epoch that are kept until there are keys for them, their octets, and how many of them are kept until Finished. */
const MAX_EARLY = 4;
const MAX_EARLY_OCTETS = 1_024;

/** Why a handshake does not succeed: nobody outside is told. */
export type HandshakeFailure = 'wrong-key' | 'unknown-identity' | 'malformed' | 'bad-share';

/** What a server needs for a handshake. */
export interface HandshakeParts {
  /** The ClientHello with its cookie, as it came, and its random value. */
  readonly hello: HandshakeMessage;
  readonly clientRandom: Uint8Array;
  readonly agreement: Agreement;
  readonly layer: RecordLayer;
  readonly random: (length: number) => Uint8Array;
  /** Pre-shared key of an identity; undefined: nobody has it. */
  readonly keyOf: (identity: string) => Uint8Array | undefined;
  /** Makes keys for identities that nobody has: whoever asks gets as far as with a wrong key. */
  readonly decoySecret: Uint8Array;
}

/** The server's side of one handshake, behind the cookie (RFC 6347 4.2.4): flight 4 out, flight 5 in, flight 6 out. */
export class ServerHandshake {
  readonly #parts: HandshakeParts;
  readonly #transcript = new Transcript();
  readonly #reassembly: Reassembly;
  readonly #timer = new FlightTimer();
  readonly #serverRandom: Uint8Array;
  readonly #share: KeyShare | undefined;
  readonly #firstFlight: readonly HandshakeMessage[];
  #transmissions = 0;
  #early: DtlsRecord[] = [];
  #earlyOctets = 0;
  #data: Uint8Array[] = [];
  #identity: string | undefined;
  /** The key with which it goes on; undefined: there is none, or nobody has this identity. */
  #psk: Uint8Array | undefined;
  #master: Uint8Array | undefined;
  #lastFlight: LastFlight | undefined;
  #failure: HandshakeFailure | undefined;

  constructor(parts: HandshakeParts) {
    const { hello, agreement, random } = parts;
    this.#parts = parts;
    this.#reassembly = new Reassembly(hello.messageSeq + 1);
    this.#serverRandom = random(32);
    this.#share = agreement.group === undefined ? undefined : keyShare(agreement.group, random);
    this.#firstFlight = this.#makeFirstFlight();
    for (const message of [{ ...hello, type: CLIENT_HELLO }, ...this.#firstFlight]) {
      this.#transcript.add(message);
    }
  }

  /** What the client says it is; undefined: nothing yet. Proven where `isDone`. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** The client has proven that it has the key. */
  get isDone(): boolean {
    return this.#lastFlight !== undefined;
  }

  /** Flight 6; undefined: it is not over. */
  get lastFlight(): LastFlight | undefined {
    return this.#lastFlight;
  }

  /** It will not succeed; undefined: it may. */
  get failure(): HandshakeFailure | undefined {
    return this.#failure;
  }

  /** When `firstFlight` is to be sent again, in milliseconds; undefined: it is not. */
  get deadline(): number | undefined {
    return this.#timer.deadline;
  }

  /** The client has sent this ClientHello: not another one. */
  isOf(clientRandom: Uint8Array): boolean {
    return timingSafeEqual(clientRandom, this.#parts.clientRandom);
  }

  /** Flight 4 as one datagram, sent at `now`; undefined: it has been sent often enough, or has been answered. */
  firstFlight(now: number): Uint8Array | undefined {
    if (this.#transmissions === MAX_TRANSMISSIONS || this.#master !== undefined) {
      this.#timer.stop();
      return undefined;
    }
    this.#transmissions += 1;
    if (this.#transmissions === 1) {
      this.#timer.start(now);
    } else {
      this.#timer.again(now);
    }
    const { layer } = this.#parts;
    return joined(...this.#firstFlight.map((message) => layer.plain(HANDSHAKE, handshakeOctets(message))));
  }

  /** Application data that came before the handshake was over; once. */
  takeData(): readonly Uint8Array[] {
    const data = this.#data;
    this.#data = [];
    return data;
  }

  /** A record of the client. What came of it: `isDone`, `failure`. */
  receive(record: DtlsRecord): void {
    if (this.isDone) {
      return;
    }
    try {
      if (record.epoch === 0) {
        // ChangeCipherSpec says nothing that the epoch of a record does not say, and may be lost.
        if (record.type === HANDSHAKE) {
          this.#receiveMessages(record.fragment, ({ type }) => type === CLIENT_KEY_EXCHANGE);
        }
      } else {
        this.#receiveProtected(record);
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) {
        throw error;
      }
      this.#failure ??= 'malformed';
    }
  }

  #receiveProtected(record: DtlsRecord): void {
    const content = this.#parts.layer.open(record);
    if (content === 'no-keys') {
      this.#keepEarly(record); // it was faster than ClientKeyExchange
    } else if (content === 'forged') {
      this.#failure ??= this.#psk === undefined ? 'unknown-identity' : 'wrong-key';
    } else if (content !== 'replayed') {
      if (content.type === HANDSHAKE) {
        this.#receiveMessages(content.plain, ({ type }) => type === FINISHED);
      } else if (content.type === APPLICATION_DATA && this.#data.length < MAX_EARLY) {
        this.#data.push(content.plain); // it was faster than Finished
      }
    }
  }

  /** A copy, for all of its datagram would stay with it. */
  #keepEarly(record: DtlsRecord): void {
    const octets = this.#earlyOctets + record.fragmentLength;
    if (this.#early.length < MAX_EARLY && octets <= MAX_EARLY_OCTETS) {
      this.#earlyOctets = octets;
      this.#early.push(record.copy());
    }
  }

  /** `isFitting`: messages that may come in this epoch. */
  #receiveMessages(content: Uint8Array, isFitting: (message: HandshakeMessage) => boolean): void {
    for (const fragment of handshakeFragments(content).filter(isFitting)) {
      for (const message of this.#reassembly.add(fragment)) {
        if (message.type === CLIENT_KEY_EXCHANGE && this.#master === undefined) {
          this.#receiveKeyExchange(message);
        } else if (message.type === FINISHED && this.#master !== undefined) {
          this.#receiveFinished(message, this.#master);
        } else {
          throw new MalformedError('a handshake message out of turn');
        }
      }
    }
  }

  #receiveKeyExchange(message: HandshakeMessage): void {
    const { agreement, clientRandom, layer, keyOf, decoySecret } = this.#parts;
    const { suite } = agreement;
    const { identity, publicKey } = readClientKeyExchange(message.body, suite);
    const shared = publicKey && this.#share?.secretWith(publicKey);
    if (publicKey !== undefined && shared === undefined) {
      this.#failure = 'bad-share';
      return;
    }
    this.#identity = textOf(identity);
    const key = this.#identity === undefined ? undefined : keyOf(this.#identity);
    // Both take the same steps, so that nobody outside can tell them apart (RFC 4279 2 allows that).
    const decoy = createHmac('sha256', decoySecret).update(identity).digest();
    const premaster = premasterSecret(key ?? decoy, shared);
    this.#psk = key;
    this.#transcript.add(message);
    const master = agreement.extendedMasterSecret
      ? extendedMasterSecret(suite, premaster, this.#transcript.hash(suite.hash))
      : masterSecret(suite, premaster, joined(clientRandom, this.#serverRandom));
    const randoms = { clientRandom, serverRandom: this.#serverRandom };
    const ciphers = trafficCiphers(suite, master, randoms);
    layer.install(ciphers.client, ciphers.server);
    this.#master = master;
    this.#timer.stop();
    const early = this.#early;
    this.#early = [];
    for (const record of early) {
      this.receive(record);
    }
  }

  #receiveFinished(message: HandshakeMessage, master: Uint8Array): void {
    const { agreement, keyOf } = this.#parts;
    const { suite } = agreement;
    const expected = verifyData(suite, master, 'client', this.#transcript.hash(suite.hash));
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected) || !this.#psk) {
      this.#failure = 'wrong-key'; // or somebody has changed a message on the way (RFC 5246 7.4.9)
      return;
    }
    const now = keyOf(this.#identity ?? '');
    if (!isSameKey(now, this.#psk)) {
      this.#failure = now === undefined ? 'unknown-identity' : 'wrong-key'; // since ClientKeyExchange
      return;
    }
    this.#transcript.add(message);
    const body = verifyData(suite, master, 'server', this.#transcript.hash(suite.hash));
    this.#failure = undefined; // records that were no records of the client
    const finished = { type: FINISHED, messageSeq: this.#lastSeq() + 1, body };
    this.#lastFlight = new LastFlight(this.#parts.layer, finished);
  }

  /** RFC 6347 4.2.2: HelloVerifyRequest had a number before, as the first ClientHello did. */
  #makeFirstFlight(): readonly HandshakeMessage[] {
    const { hello, agreement } = this.#parts;
    const { suite, extensions } = agreement;
    const serverHello = {
      version: DTLS_1_2,
      random: this.#serverRandom,
      suite: suite.id,
      compressionMethod: 0,
      extensions,
    };
    const share = this.#share;
    const messages = [
      { type: SERVER_HELLO, body: serverHelloBody(serverHello) },
      // RFC 4279 2: left out where there is nothing but an empty hint.
      ...(share ? [{ type: SERVER_KEY_EXCHANGE, body: serverKeyExchangeBody(share.group, share.publicKey) }] : []),
      { type: SERVER_HELLO_DONE, body: new Uint8Array(0) },
    ];
    return messages.map((message, index) => ({ ...message, messageSeq: hello.messageSeq + index }));
  }

  #lastSeq(): number {
    return this.#firstFlight.at(-1)?.messageSeq ?? 0;
  }
}

/** RFC 4279 5.1: identities are UTF-8. Undefined: it is none, so nobody has it. */
function textOf(identity: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(identity);
  } catch {
    return undefined;
  }
}
