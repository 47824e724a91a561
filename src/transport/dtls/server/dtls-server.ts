import type { AssociationKeeper, RestoredAssociation } from '../../../ports/association-store.ts';
import type { DtlsNote, HandshakeEnd } from '../../../ports/dtls-note.ts';
import type { Link, Peer } from '../../../ports/transport.ts';
import { CLOSE_NOTIFY, warning } from '../handshake/alerts.ts';
import { MalformedError } from '../octet-reader.ts';
import { ALERT, type DtlsRecord, HANDSHAKE, plainRecord, recordAt } from '../records/record.ts';
import { Admission, type Admitted, CID_LENGTH, type HeardHello, wholeClientHello } from './admission.ts';
import { AlertBudget } from './alert-budget.ts';
import type { Association } from './association.ts';
import { connectionNumber } from './connection-number.ts';
import { DtlsNotes } from './dtls-notes.ts';
import { Established } from './established.ts';
import { HandshakeTable } from './handshake-table.ts';
import type { Remote } from './remote.ts';

export interface DtlsServerOptions {
  /** First part of each link. */
  readonly transport: string;
  /** Names of the suites that may be used. */
  readonly suites: readonly string[];
  /** Pre-shared keys by identity. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Milliseconds of silence after which an association is given up. */
  readonly idle: number;
  readonly maxAssociations: number;
  readonly maxHandshakes: number;
  /** Number of the message in a frame that its receiver has to acknowledge; undefined: there is none in it. */
  readonly messageOf: (frame: Uint8Array) => number | undefined;
  /** Where associations outlive this process, as far as their clients have connection ids; undefined: nowhere. */
  readonly keeper?: AssociationKeeper | undefined;
  /** Octets that nobody can guess. */
  readonly random: (length: number) => Uint8Array;
}

/** Where everything goes that comes out of a server; called before the call that caused it returns. */
export interface DtlsServerSink {
  /** One datagram for the address `key`. */
  transmit(datagram: Uint8Array, key: string): void;
  /** One frame of a client that has proven who it is. */
  received(link: Link, peer: Peer, frame: Uint8Array): void;
  note(note: DtlsNote): void;
}

/**
 * A DTLS 1.2 server with pre-shared keys (RFC 6347, RFC 4279) for all clients of one socket, without the socket: datagrams and time in milliseconds go
 * in, datagrams, frames and events come out. What others send never makes it throw.
 */
export class DtlsServer {
  readonly #sink: DtlsServerSink;
  readonly #notes: DtlsNotes;
  readonly #admission: Admission;
  readonly #established: Established;
  readonly #handshakes: HandshakeTable;
  readonly #alerts = new AlertBudget();
  /** The datagram that is being worked on has been answered, though nothing of it proves who sent it. */
  #isAnswered = false;
  #keys: ReadonlyMap<string, Uint8Array>;

  constructor(options: DtlsServerOptions, sink: DtlsServerSink) {
    this.#sink = sink;
    this.#notes = new DtlsNotes(options.transport, (note) => sink.note(note));
    this.#established = new Established({
      ...options,
      keeper: options.keeper,
      keyOf: (identity) => this.#keys.get(identity),
      transmit: (datagram, key) => sink.transmit(datagram, key),
      received: (link, peer, frame) => sink.received(link, peer, frame),
      notes: this.#notes,
    });
    this.#handshakes = new HandshakeTable(options.maxHandshakes);
    this.#keys = options.keys;
    this.#admission = new Admission({
      ...options,
      keyOf: (identity) => this.#keys.get(identity),
      isTaken: (id) => (this.#established.withId(id) ?? this.#handshakes.withId(id)) !== undefined,
    });
  }

  /** Associations whose clients have proven who they are, and handshakes that are under way. */
  get sizes(): { readonly associations: number; readonly handshakes: number } {
    return { associations: this.#established.size, handshakes: this.#handshakes.size };
  }

  get isShakingHands(): boolean {
    return this.#handshakes.size > 0;
  }

  /** When `tick` is to be called, in milliseconds; undefined: nothing waits. */
  get nextDeadline(): number | undefined {
    const idle = this.#established.deadline;
    const handshake = this.#handshakes.deadline;
    return idle === undefined || handshake === undefined ? (idle ?? handshake) : Math.min(idle, handshake);
  }

  /** One datagram; it may have several records (RFC 6347 4.1.1). Its memory must not be used again. */
  receive(datagram: Uint8Array, remote: Remote, now: number): void {
    this.#isAnswered = false;
    for (let at = 0; at < datagram.length; ) {
      const record = recordAt(datagram, at, CID_LENGTH);
      if (record === undefined) {
        this.#notes.dropped(remote, 'malformed');
        return;
      }
      at += record.length;
      if (record.cidLength > 0) {
        this.#receiveWithCid(record, remote, now);
      } else if (record.epoch === 0) {
        this.#receivePlain(record, remote, now);
      } else {
        this.#receiveProtected(record, remote, now);
      }
    }
  }

  /** Sends a frame. False: the association does not exist, or its address has to prove itself first. */
  send(link: Link, frame: Uint8Array): boolean {
    return this.#established.send(link, frame);
  }

  /** Does what is due. Harmless at any time. */
  tick(now: number): void {
    const { over, unanswered } = this.#handshakes.due(now);
    for (const association of over) {
      this.#failed(association, 'timeout');
    }
    for (const association of unanswered) {
      this.#sendFirstFlight(association, now);
    }
    this.#established.endIdle(now);
  }

  /** Other keys count from now on. Associations go on, but for those of identities that have no key any more, or another one. */
  changeKeys(keys: ReadonlyMap<string, Uint8Array>): void {
    const former = this.#keys;
    this.#keys = keys;
    this.#established.endWithout(former, keys);
  }

  /** Associations of the process before go on, as far as they may; before anything else. */
  resume(restored: readonly RestoredAssociation[], now: number): void {
    this.#established.resume(restored, now);
  }

  /** Ends all associations but those that are kept for the next process; their clients are told (RFC 5246 7.2.1). */
  close(): void {
    this.#established.endAll();
  }

  #receivePlain(record: DtlsRecord, remote: Remote, now: number): void {
    if (record.type !== HANDSHAKE) {
      return; // an alert that nothing proves ends nothing, ChangeCipherSpec says nothing
    }
    const heard = wholeClientHello(record);
    if (heard === 'malformed') {
      this.#notes.dropped(remote, 'malformed');
    } else if (heard !== undefined) {
      this.#receiveClientHello({ ...heard, remote }, now);
    } else {
      const pending = this.#handshakes.from(remote.key);
      if (pending !== undefined) {
        this.#receivePending(pending, record, remote, now);
      }
    }
  }

  #receiveProtected(record: DtlsRecord, remote: Remote, now: number): void {
    const established = this.#established.from(remote.key);
    // A sensor that was started anew shakes hands beside its old association.
    const pending = this.#handshakes.from(remote.key);
    const isLast = pending === undefined;
    if (established !== undefined) {
      if (this.#established.receive(established, record, remote, now, isLast) || isLast) {
        return;
      }
    }
    if (isLast) {
      this.#unknown(record, remote, now);
    } else {
      this.#receivePending(pending, record, remote, now);
    }
  }

  #receiveWithCid(record: DtlsRecord, remote: Remote, now: number): void {
    const id = connectionNumber(record.datagram, record.cidAt, record.cidLength);
    const established = this.#established.withId(id);
    if (established?.hasCid === true) {
      this.#established.receive(established, record, remote, now, true);
      return;
    }
    const pending = this.#handshakes.withId(id);
    if (pending?.hasCid === true) {
      this.#receivePending(pending, record, remote, now);
    } else {
      this.#unknown(record, remote, now);
    }
  }

  #receiveClientHello(heard: HeardHello, now: number): void {
    const { remote } = heard;
    const pending = this.#handshakes.from(remote.key);
    let admitted: Admitted;
    try {
      admitted = this.#admission.admit(heard, pending, now);
    } catch (error) {
      if (error instanceof MalformedError) {
        this.#notes.dropped(remote, 'malformed');
        return;
      }
      throw error;
    }
    switch (admitted.type) {
      case 'again':
        this.#sendFirstFlight(pending, now);
        return;
      case 'begun':
        if (pending !== undefined) {
          this.#handshakes.remove(pending); // the same client has begun anew
        }
        this.#failed(this.#handshakes.add(admitted.association, now), 'limit');
        this.#sendFirstFlight(admitted.association, now);
        return;
      default:
        this.#answer(admitted.answer, remote);
        if (admitted.reason !== undefined) {
          this.#notes.failed(remote, undefined, admitted.reason);
        }
    }
  }

  #sendFirstFlight(association: Association | undefined, now: number): void {
    const flight = association?.handshake?.firstFlight(now);
    if (association !== undefined && flight !== undefined) {
      this.#sink.transmit(flight, association.remote.key);
      this.#handshakes.noteDeadline(association, now);
    }
  }

  /** A handshake has got a record. */
  #receivePending(association: Association, record: DtlsRecord, remote: Remote, now: number): void {
    const { handshake } = association;
    handshake?.receive(record);
    if (handshake?.isDone === true) {
      this.#handshakes.remove(association);
      this.#established.add(association, handshake, remote, now);
    } else if (handshake?.failure !== undefined) {
      // In silence, and it stays until its time is over: what was wrong may have come from somebody else.
      this.#failed(association, handshake.failure);
    }
  }

  /** At most one alert for a record that belongs to nobody, and no larger than it (RFC 6347 4.1.2.7 allows any). */
  #unknown(record: DtlsRecord, remote: Remote, now: number): void {
    this.#notes.dropped(remote, 'unknown-association');
    const alert = plainRecord(ALERT, 0, warning(CLOSE_NOTIFY));
    if (!this.#isAnswered && record.type !== ALERT && alert.length <= record.length && this.#alerts.take(now)) {
      this.#answer(alert, remote);
    }
  }

  /** To somebody who has proven nothing: one datagram for each of his, for a datagram costs more than its octets. */
  #answer(datagram: Uint8Array, { key }: Remote): void {
    if (!this.#isAnswered) {
      this.#isAnswered = true;
      this.#sink.transmit(datagram, key);
    }
  }

  /** Each handshake fails once. */
  #failed(association: Association | undefined, reason: HandshakeEnd): void {
    if (association !== undefined && !association.hasFailed) {
      association.hasFailed = true;
      this.#notes.failed(association.remote, association.identity, reason);
    }
  }
}
