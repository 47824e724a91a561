import { timingSafeEqual } from 'node:crypto';
import { type GroupId, type KeyShare, keyShare } from '../crypto/key-agreement.ts';
import {
  extendedMasterSecret,
  masterSecret,
  premasterSecret,
  trafficCiphers,
  verifyData,
} from '../crypto/key-schedule.ts';
import { type Suite, suiteOf } from '../crypto/suites.ts';
import {
  CLIENT_HELLO,
  CLIENT_KEY_EXCHANGE,
  FINISHED,
  type HandshakeMessage,
  HELLO_VERIFY_REQUEST,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
} from '../handshake/handshake-message.ts';
import {
  type ClientHello,
  CONNECTION_ID,
  clientHelloBody,
  EC_POINT_FORMATS,
  EXTENDED_MASTER_SECRET,
  numberList,
  RENEGOTIATION_INFO,
  readHelloVerifyRequest,
  readServerHello,
  type ServerHello,
  SUPPORTED_GROUPS,
} from '../handshake/hellos.ts';
import { clientKeyExchangeBody, readServerKeyExchange, type ServerShare } from '../handshake/key-exchange-messages.ts';
import { Transcript } from '../handshake/transcript.ts';
import { MalformedError, OctetReader } from '../octet-reader.ts';
import { DTLS_1_2 } from '../records/record.ts';
import type { RecordLayer } from '../records/record-layer.ts';
import { joined, vector } from '../wire-octets.ts';

const NOTHING = new Uint8Array(0);

export interface ClientHandshakeParts {
  readonly identity: string;
  readonly key: Uint8Array;
  readonly random: (length: number) => Uint8Array;
  /** What is offered, the dearest first. */
  readonly suites: readonly number[];
  readonly groups: readonly GroupId[];
  readonly layer: RecordLayer;
}

/** What a client sends, until it is answered: messages in the clear, and Finished. */
export interface ClientFlight {
  readonly clear: readonly HandshakeMessage[];
  readonly sealed: HandshakeMessage | undefined;
}

/** The client's side of one handshake (RFC 6347 4.2.4). Every call throws `MalformedError` where the server does what a server may not do. */
export class ClientHandshake {
  readonly #parts: ClientHandshakeParts;
  #hello: ClientHello;
  #transcript = new Transcript();
  #flight: ClientFlight;
  #serverHello: ServerHello | undefined;
  #suite: Suite | undefined;
  #serverShare: ServerShare | undefined;
  #master: Uint8Array | undefined;

  constructor(parts: ClientHandshakeParts) {
    this.#parts = parts;
    this.#hello = {
      ...{ version: DTLS_1_2, random: parts.random(32), sessionId: NOTHING, cookie: NOTHING, suites: parts.suites },
      compressionMethods: Uint8Array.of(0),
      extensions: new Map([
        [RENEGOTIATION_INFO, Uint8Array.of(0)], // RFC 5746 3.4
        [EXTENDED_MASTER_SECRET, NOTHING], // RFC 7627 5.2
        [SUPPORTED_GROUPS, vector(numberList(parts.groups), 2)], // RFC 8422 5.1.1
        [EC_POINT_FORMATS, Uint8Array.of(1, 0)], // RFC 8422 5.1.2
        [CONNECTION_ID, Uint8Array.of(0)], // RFC 9146 3: none for what comes, for this socket hears one server
      ]),
    };
    this.#flight = { clear: [this.#helloMessage(0)], sealed: undefined };
  }

  /** What is to be sent, and sent again until it is answered. */
  get flight(): ClientFlight {
    return this.#flight;
  }

  /**
   * The next message of the server. `answer`: there is another flight; `done`: the server has proven that it has the key. `isProtected`: its record
   * was.
   */
  receive(message: HandshakeMessage, isProtected: boolean): 'answer' | 'done' | 'more' {
    if (isProtected !== (message.type === FINISHED)) {
      throw new MalformedError('a handshake message in the wrong epoch');
    }
    switch (message.type) {
      case HELLO_VERIFY_REQUEST:
        return this.#receiveCookie(message);
      case SERVER_HELLO:
        this.#receiveServerHello(message);
        return 'more';
      case SERVER_KEY_EXCHANGE:
        this.#serverShare = readServerKeyExchange(message.body, this.#agreedSuite());
        this.#transcript.add(message);
        return 'more';
      case SERVER_HELLO_DONE:
        return this.#receiveDone(message);
      case FINISHED:
        return this.#receiveFinished(message);
      default:
        throw new MalformedError('a message that no server with pre-shared keys sends');
    }
  }

  #helloMessage(messageSeq: number): HandshakeMessage {
    return { type: CLIENT_HELLO, messageSeq, body: clientHelloBody(this.#hello) };
  }

  #agreedSuite(): Suite {
    if (this.#suite === undefined || this.#master !== undefined) {
      throw new MalformedError('a handshake message out of turn');
    }
    return this.#suite;
  }

  #receiveCookie({ body }: HandshakeMessage): 'answer' {
    if (this.#serverHello !== undefined) {
      throw new MalformedError('HelloVerifyRequest behind ServerHello');
    }
    this.#hello = { ...this.#hello, cookie: readHelloVerifyRequest(body) };
    const [before] = this.#flight.clear;
    this.#flight = { clear: [this.#helloMessage((before?.messageSeq ?? 0) + 1)], sealed: undefined };
    return 'answer';
  }

  #receiveServerHello(message: HandshakeMessage): void {
    const hello = readServerHello(message.body);
    const suite = suiteOf(hello.suite);
    const isOffered = suite !== undefined && this.#parts.suites.includes(hello.suite);
    const extra = [...hello.extensions.keys()].some((number) => !this.#hello.extensions.has(number));
    const renegotiation = hello.extensions.get(RENEGOTIATION_INFO);
    if (
      this.#serverHello !== undefined ||
      hello.version !== DTLS_1_2 ||
      hello.compressionMethod !== 0 ||
      !isOffered ||
      extra || // RFC 5246 7.4.1.4
      (renegotiation !== undefined && renegotiation.length !== 1) // RFC 5746 3.4
    ) {
      throw new MalformedError('a ServerHello that does not answer the ClientHello');
    }
    const cid = hello.extensions.get(CONNECTION_ID);
    if (cid !== undefined) {
      this.#parts.layer.useConnectionIds(NOTHING, new OctetReader(cid).vector(1));
    }
    this.#serverHello = hello;
    this.#suite = suite;
    for (const clear of this.#flight.clear) {
      this.#transcript.add(clear);
    }
    this.#transcript.add(message);
  }

  #receiveDone(message: HandshakeMessage): 'answer' {
    const suite = this.#agreedSuite();
    const { identity, key, layer } = this.#parts;
    this.#transcript.add(message);
    const share = this.#ownShare(suite);
    const shared = share && this.#serverShare && share.secretWith(this.#serverShare.publicKey);
    if (share !== undefined && shared === undefined) {
      throw new MalformedError('a public key that is none');
    }
    const messageSeq = (this.#flight.clear.at(-1)?.messageSeq ?? 0) + 1;
    const names = { identity: new TextEncoder().encode(identity), publicKey: share?.publicKey };
    const exchange = { type: CLIENT_KEY_EXCHANGE, messageSeq, body: clientKeyExchangeBody(names) };
    this.#transcript.add(exchange);
    const master = this.#masterSecret(suite, premasterSecret(key, shared));
    const ciphers = trafficCiphers(suite, master, this.#randoms());
    layer.install(ciphers.server, ciphers.client);
    const body = verifyData(suite, master, 'client', this.#transcript.hash(suite.hash));
    const finished = { type: FINISHED, messageSeq: messageSeq + 1, body };
    this.#transcript.add(finished);
    this.#master = master;
    this.#flight = { clear: [exchange], sealed: finished };
    return 'answer';
  }

  #ownShare({ keyExchange }: Suite): KeyShare | undefined {
    const { groups, random } = this.#parts;
    if (keyExchange === 'psk') {
      return undefined;
    }
    const group = groups.find((each) => each === this.#serverShare?.group);
    if (group === undefined) {
      throw new MalformedError('a group that was not offered, or none');
    }
    return keyShare(group, random);
  }

  #masterSecret(suite: Suite, premaster: Uint8Array): Uint8Array {
    const { clientRandom, serverRandom } = this.#randoms();
    return this.#serverHello?.extensions.has(EXTENDED_MASTER_SECRET) === true
      ? extendedMasterSecret(suite, premaster, this.#transcript.hash(suite.hash))
      : masterSecret(suite, premaster, joined(clientRandom, serverRandom));
  }

  #randoms(): { readonly clientRandom: Uint8Array; readonly serverRandom: Uint8Array } {
    return { clientRandom: this.#hello.random, serverRandom: this.#serverHello?.random ?? NOTHING };
  }

  #receiveFinished({ body }: HandshakeMessage): 'done' {
    const suite = this.#suite;
    if (suite === undefined || this.#master === undefined) {
      throw new MalformedError('Finished before there are keys');
    }
    const expected = verifyData(suite, this.#master, 'server', this.#transcript.hash(suite.hash));
    if (body.length !== expected.length || !timingSafeEqual(body, expected)) {
      throw new MalformedError('a Finished that does not fit to the handshake');
    }
    return 'done';
  }
}
