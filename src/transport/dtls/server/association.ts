import type { Link, Peer } from '../../../ports/transport.ts';
import { isEnd, NO_RENEGOTIATION, warning } from '../handshake/alerts.ts';
import { CLIENT_HELLO, FINISHED, handshakeFragments } from '../handshake/handshake-message.ts';
import type { LastFlight } from '../handshake/last-flight.ts';
import { MalformedError } from '../octet-reader.ts';
import { ALERT, APPLICATION_DATA, type DtlsRecord, HANDSHAKE } from '../records/record.ts';
import type { Content, RecordLayer } from '../records/record-layer.ts';
import { AddressAllowance } from './address-allowance.ts';
import type { Remote } from './remote.ts';
import type { ServerHandshake } from './server-handshake.ts';

/** What a record of the client means. `answer`: a datagram for it. */
export type Received =
  | { readonly type: 'data'; readonly frame: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'nothing'; readonly answer?: Uint8Array | undefined }
  | { readonly type: 'dropped'; readonly reason: 'forged' | 'replayed' };

/** What one client and this server share: at first a handshake, then keys. */
export class Association {
  /** Unique in this process and longer; it outlives every change of the address. */
  readonly link: Link;
  /** As a number: what the records of the client carry where connection ids are agreed on. */
  readonly id: number;
  readonly hasCid: boolean;
  /** Name of its suite. */
  readonly suite: string;
  readonly layer: RecordLayer;
  /** When something authentic came last, in milliseconds. */
  lastHeard: number;
  /** Undefined: it is over. */
  handshake: ServerHandshake | undefined;
  /** Undefined: the client has it, or it has not been sent yet. */
  #lastFlight: LastFlight | undefined;
  #remote: Remote;
  #peer: Peer | undefined;
  /** What may still go to the address; undefined: it is proven. */
  #allowance: AddressAllowance | undefined;
  /** Somebody has been told that the handshake fails. */
  hasFailed = false;
  /** It has ended, or another one has taken its place. */
  isOver = false;
  /** It is stored, see Keeping. */
  isKept = false;

  constructor(parts: {
    readonly transport: string;
    readonly id: number;
    readonly name: string;
    readonly hasCid: boolean;
    readonly suite: string;
    readonly layer: RecordLayer;
    readonly handshake: ServerHandshake | undefined;
    readonly remote: Remote;
    readonly now: number;
  }) {
    this.link = `${parts.transport}:${parts.name}`;
    this.id = parts.id;
    this.hasCid = parts.hasCid;
    this.suite = parts.suite;
    this.layer = parts.layer;
    this.handshake = parts.handshake;
    this.#remote = parts.remote;
    this.lastHeard = parts.now;
  }

  /** Where the client is, as far as is known. */
  get remote(): Remote {
    return this.#remote;
  }

  /** The client, where it has proven who it is. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  get identity(): string | undefined {
    return this.#peer?.identity ?? this.handshake?.identity;
  }

  /** The client has proven that it is `identity`, and that it is at `remote`. */
  establish(transport: string, identity: string, remote: Remote): void {
    const { host, address } = remote;
    this.#lastFlight = this.handshake?.lastFlight;
    this.handshake = undefined; // with all that it has remembered
    this.#remote = remote;
    this.#peer = { transport, host, address, identity };
  }

  /** An authentic record newer than all others came from another address (RFC 9146 6). */
  moveTo(remote: Remote): void {
    this.#remote = remote;
    this.#allowance = new AddressAllowance();
    if (this.#peer !== undefined) {
      this.#peer = { ...this.#peer, host: remote.host, address: remote.address };
    }
  }

  /** Another authentic, newer record came from where the client is. */
  proveAddress(): void {
    this.#allowance = undefined;
  }

  /** Whether a frame may go to the address of the client; see AddressAllowance. */
  maySend(frame: Uint8Array, message: number | undefined): boolean {
    const octets = this.layer.peerCid.length + frame.length;
    return this.#allowance === undefined || this.#allowance.take(octets, message);
  }

  /** Whether the address of the client has still to prove itself. */
  get isUnproven(): boolean {
    return this.#allowance !== undefined;
  }

  /** What a record of epoch 1 says, once the handshake is over; `isNewest`: see Content. */
  receive(record: DtlsRecord): { readonly received: Received; readonly isNewest: boolean } {
    const content = this.layer.open(record);
    if (typeof content === 'string') {
      const reason = content === 'no-keys' ? 'forged' : content;
      return { received: { type: 'dropped', reason }, isNewest: false };
    }
    return { received: this.#meaning(content), isNewest: content.isNewest };
  }

  #meaning({ type, plain }: Content): Received {
    switch (type) {
      case APPLICATION_DATA:
        this.#lastFlight = undefined; // the client has our Finished
        return { type: 'data', frame: plain };
      case ALERT:
        return isEnd(plain) ? { type: 'end' } : { type: 'nothing' };
      case HANDSHAKE:
        return { type: 'nothing', answer: this.#handshakeAgain(plain) };
      default:
        return { type: 'nothing' };
    }
  }

  #handshakeAgain(plain: Uint8Array): Uint8Array | undefined {
    let types: readonly number[];
    try {
      types = handshakeFragments(plain).map(({ type }) => type);
    } catch (error) {
      if (error instanceof MalformedError) {
        return undefined;
      }
      throw error;
    }
    if (types.includes(FINISHED)) {
      return this.#lastFlight?.octets(); // our last flight was lost (RFC 6347 4.2.4)
    }
    // RFC 5246 7.2.2: a server may refuse, and goes on.
    return types.includes(CLIENT_HELLO) ? this.layer.sealed(ALERT, warning(NO_RENEGOTIATION)) : undefined;
  }
}
