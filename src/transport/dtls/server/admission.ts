import { fatal } from '../handshake/alerts.ts';
import {
  CLIENT_HELLO,
  type HandshakeMessage,
  HELLO_VERIFY_REQUEST,
  handshakeFragments,
  handshakeOctets,
} from '../handshake/handshake-message.ts';
import { type ClientHello, helloVerifyRequestBody, readClientHello } from '../handshake/hellos.ts';
import { MalformedError } from '../octet-reader.ts';
import { ALERT, type DtlsRecord, HANDSHAKE, plainRecord } from '../records/record.ts';
import { RecordLayer } from '../records/record-layer.ts';
import { hexOf } from '../wire-octets.ts';
import { Association } from './association.ts';
import { connectionNumber } from './connection-number.ts';
import { Cookies } from './cookies.ts';
import { type Agreement, type Disagreement, negotiate } from './negotiation.ts';
import type { Remote } from './remote.ts';
import { ServerHandshake } from './server-handshake.ts';

/** Octets of the connection ids that this server gives out (RFC 9146 3): random, so that nobody meets one by chance. */
export const CID_LENGTH = 6;

/** Octets of the longest ClientHello, which is kept as long as the handshake. */
const MAX_HELLO = 2_048;

/** A ClientHello as it came. */
export interface HeardHello {
  readonly hello: ClientHello;
  readonly message: HandshakeMessage;
  readonly record: DtlsRecord;
  readonly remote: Remote;
}

/** What a ClientHello leads to: an answer after which nothing is remembered, or a handshake. */
export type Admitted =
  | { readonly type: 'asked' | 'refused'; readonly answer: Uint8Array; readonly reason?: Disagreement['reason'] }
  | { readonly type: 'again' }
  | { readonly type: 'begun'; readonly association: Association };

export interface AdmissionOptions {
  readonly transport: string;
  readonly suites: readonly string[];
  readonly random: (length: number) => Uint8Array;
  readonly keyOf: (identity: string) => Uint8Array | undefined;
  /** Whether an association has this number. */
  readonly isTaken: (id: number) => boolean;
}

/** Who may begin a handshake: whoever has shown that it is at its address (RFC 6347 4.2.1), and has a suite that is spoken. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #suites: ReadonlySet<string>;
  readonly #cookies: Cookies;
  readonly #decoySecret: Uint8Array;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#suites = new Set(options.suites);
    this.#cookies = new Cookies(options.random);
    this.#decoySecret = options.random(32);
  }

  /** `pending`: the handshake that is under way with the same address. Throws `MalformedError` where an extension is none. */
  admit(heard: HeardHello, pending: Association | undefined, now: number): Admitted {
    const { hello, record, remote } = heard;
    if (!this.#cookies.isValid(remote.key, hello, now)) {
      return { type: 'asked', answer: this.#question(heard, now) };
    }
    if (pending?.handshake?.isOf(hello.random) === true) {
      return { type: 'again' };
    }
    const cid = this.#newCid();
    const agreement = negotiate(hello, this.#suites, cid);
    if ('alert' in agreement) {
      const answer = plainRecord(ALERT, record.sequence, fatal(agreement.alert));
      return { type: 'refused', answer, reason: agreement.reason };
    }
    return { type: 'begun', association: this.#begin(heard, agreement, cid, now) };
  }

  /** RFC 6347 4.2.1: with the numbers of what it answers. */
  #question({ hello, message, record, remote }: HeardHello, now: number): Uint8Array {
    const body = helloVerifyRequestBody(this.#cookies.of(remote.key, hello, now));
    const request = { type: HELLO_VERIFY_REQUEST, messageSeq: message.messageSeq, body };
    return plainRecord(HANDSHAKE, record.sequence, handshakeOctets(request), record.version);
  }

  #begin(
    { hello, message, record, remote }: HeardHello,
    agreement: Agreement,
    cid: Uint8Array,
    now: number,
  ): Association {
    const { transport, random, keyOf } = this.#options;
    const layer = new RecordLayer(record.sequence);
    const { clientCid, suite } = agreement;
    if (clientCid !== undefined) {
      // From now on: the client's Finished has it already.
      layer.useConnectionIds(cid, clientCid);
    }
    const handshake = new ServerHandshake({
      ...{ hello: message, clientRandom: hello.random, agreement, layer, random, keyOf },
      decoySecret: this.#decoySecret,
    });
    return new Association({
      ...{ transport, id: connectionNumber(cid), name: hexOf(cid), hasCid: clientCid !== undefined },
      ...{ suite: suite.name, layer, handshake, remote, now },
    });
  }

  #newCid(): Uint8Array {
    for (;;) {
      const cid = this.#options.random(CID_LENGTH);
      if (!this.#options.isTaken(connectionNumber(cid))) {
        return cid;
      }
    }
  }
}

/**
 * The ClientHello that a record in the clear has in it, and no more of the datagram than that; undefined: it has something else. One in fragments is
 * nothing: it would have to be remembered before its sender has shown where it is. Nor is a very long one, which would be remembered then.
 */
export function wholeClientHello(record: DtlsRecord): Omit<HeardHello, 'remote'> | 'malformed' | undefined {
  try {
    const [fragment] = handshakeFragments(record.fragment);
    if (fragment?.type !== CLIENT_HELLO) {
      return undefined;
    }
    const { type, messageSeq, length } = fragment;
    if (fragment.body.length !== length || length > MAX_HELLO) {
      return 'malformed';
    }
    const body = fragment.body.slice();
    return { hello: readClientHello(body), message: { type, messageSeq, body }, record };
  } catch (error) {
    if (error instanceof MalformedError) {
      return 'malformed';
    }
    throw error;
  }
}
