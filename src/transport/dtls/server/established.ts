import type { AssociationKeeper, RestoredAssociation } from '../../../ports/association-store.ts';
import type { AssociationEnd } from '../../../ports/dtls-note.ts';
import type { Link, Peer } from '../../../ports/transport.ts';
import { BAD_RECORD_MAC, CLOSE_NOTIFY, fatal, UNKNOWN_PSK_IDENTITY, warning } from '../handshake/alerts.ts';
import { ALERT, APPLICATION_DATA, type DtlsRecord } from '../records/record.ts';
import type { Association } from './association.ts';
import { AssociationTable } from './association-table.ts';
import type { DtlsNotes } from './dtls-notes.ts';
import type { Heard } from './heard.ts';
import { Keeping } from './keeping.ts';
import type { Remote } from './remote.ts';
import { isSameKey } from './same-key.ts';
import type { ServerHandshake } from './server-handshake.ts';

export interface EstablishedParts {
  /** First part of each link. */
  readonly transport: string;
  /** Milliseconds of silence after which an association is given up. */
  readonly idle: number;
  readonly maxAssociations: number;
  /** Names of the suites that may be used. */
  readonly suites: readonly string[];
  /** Pre-shared keys by identity. */
  readonly keyOf: (identity: string) => Uint8Array | undefined;
  /** Where associations outlive the process; undefined: nowhere. */
  readonly keeper: AssociationKeeper | undefined;
  /** See DtlsServerOptions. */
  readonly messageOf: (frame: Uint8Array) => number | undefined;
  /** One datagram for the address `key`. */
  readonly transmit: (datagram: Uint8Array, key: string) => void;
  /** One frame of a client that has proven who it is. */
  readonly received: (link: Link, peer: Peer, frame: Uint8Array) => void;
  readonly notes: DtlsNotes;
}

/** The associations whose clients have proven who they are: what comes over them, what goes, and how they end. */
export class Established {
  readonly #parts: EstablishedParts;
  readonly #table = new AssociationTable();
  readonly #keeping: Keeping;

  constructor(parts: EstablishedParts) {
    this.#parts = parts;
    this.#keeping = new Keeping(parts.keeper, (heard) => this.#accept(heard));
  }

  get size(): number {
    return this.#table.size;
  }

  /** The one without a connection id that was last made from an address. */
  from(address: string): Association | undefined {
    return this.#table.from(address);
  }

  withId(id: number): Association | undefined {
    return this.#table.withId(id);
  }

  /** When `endIdle` is to be called, in milliseconds; undefined: there is nothing that could end. */
  get deadline(): number | undefined {
    return this.#table.idleDeadline(this.#parts.idle);
  }

  /** Those of the process before go on, as far as they may. */
  resume(restored: readonly RestoredAssociation[], now: number): void {
    const { keyOf, suites, idle, maxAssociations: limit, notes } = this.#parts;
    const rules = { keyOf, isAllowed: (suite: string) => suites.includes(suite), idle, limit, now };
    const resumed = this.#keeping.resumed(restored, rules);
    for (const association of resumed) {
      this.#table.add(association);
    }
    notes.resumed(resumed.length, restored.length - resumed.length);
  }

  /**
   * A client has proven that it has the key of its identity. It is where its cookie has come back from; where the last record of its handshake came from
   * somewhere else (`remote`) it has moved there.
   */
  add(association: Association, handshake: ServerHandshake, remote: Remote, now: number): void {
    const { transport, maxAssociations, transmit, notes } = this.#parts;
    const { identity = '' } = handshake;
    for (const former of this.#table.at(association.remote.key)) {
      // Another client may have come to be behind the address of one that is found by its connection id.
      if (!former.hasCid || former.identity === identity) {
        this.#end(former, 'replaced');
      }
    }
    const least = this.#table.size >= maxAssociations ? this.#table.leastWorthy() : undefined;
    if (least !== undefined) {
      this.#end(least, 'limit');
    }
    association.establish(transport, identity, association.remote);
    association.lastHeard = now;
    this.#table.add(association);
    const psk = this.#parts.keyOf(identity);
    if (psk !== undefined) {
      this.#keeping.begin(association, psk);
    }
    notes.opened(association);
    if (remote.key !== association.remote.key) {
      this.#follow(association, remote);
    }
    transmit(handshake.lastFlight?.octets() ?? new Uint8Array(0), remote.key);
    for (const frame of handshake.takeData()) {
      this.#deliver(association, frame);
    }
  }

  /**
   * A record for this association. `isTold`: nobody else may be meant, so that it is told where the record is not authentic. Returns whether it was.
   */
  receive(association: Association, record: DtlsRecord, remote: Remote, now: number, isTold: boolean): boolean {
    if (this.#keeping.isFull(association)) {
      this.#parts.notes.dropped(remote, 'unwritten');
      return true;
    }
    const { received, isNewest } = association.receive(record);
    if (received.type === 'dropped') {
      if (isTold) {
        this.#parts.notes.dropped(remote, received.reason);
      }
      if (association.layer.isForgedTooOften) {
        this.#alert(association, fatal(BAD_RECORD_MAC));
        this.#end(association, 'forged');
      }
      return false;
    }
    association.lastHeard = now;
    this.#keeping.heard({ association, received, remote, isNewest, octets: record.length });
    return true;
  }

  /** Sends a frame. False: the association does not exist, or its address has to prove itself first. */
  send(link: Link, frame: Uint8Array): boolean {
    const association = this.#table.withLink(link);
    if (association === undefined) {
      return false;
    }
    if (association.isUnproven && !association.maySend(frame, this.#parts.messageOf(frame))) {
      this.#parts.notes.dropped(association.remote, 'address-unproven');
      return false;
    }
    const record = association.layer.sealed(APPLICATION_DATA, frame);
    if (record === undefined) {
      if (association.layer.isWornOut) {
        this.#end(association, 'worn-out');
      } else {
        this.#parts.notes.dropped(association.remote, 'unreserved');
      }
      return false;
    }
    this.#parts.transmit(record, association.remote.key);
    this.#keeping.sent(association);
    return true;
  }

  /** Ends those that have been silent for too long at `now`. */
  endIdle(now: number): void {
    for (;;) {
      const idle = this.#table.nextIdle(now, this.#parts.idle);
      if (idle === undefined) {
        return;
      }
      this.#end(idle, 'idle');
    }
  }

  /** Ends those of identities that have no key any more, or another one. Their clients are told. */
  endWithout(former: ReadonlyMap<string, Uint8Array>, keys: ReadonlyMap<string, Uint8Array>): void {
    for (const identity of [...this.#table.identities()]) {
      if (!isSameKey(former.get(identity), keys.get(identity))) {
        for (const association of this.#table.of(identity)) {
          this.#alert(association, fatal(UNKNOWN_PSK_IDENTITY));
          this.#end(association, 'key-changed');
        }
      }
    }
  }

  /** Ends all but those that the next process goes on with; their clients are told (RFC 5246 7.2.1). */
  endAll(): void {
    this.#keeping.close();
    for (const association of [...this.#table.all()].filter((each) => !this.#keeping.has(each))) {
      this.#alert(association, warning(CLOSE_NOTIFY));
      this.#end(association, 'closed-by-gateway');
    }
  }

  /** What has come counts, unless the association has ended meanwhile. */
  #accept({ association, received, remote, isNewest }: Heard): void {
    if (association.isOver) {
      return;
    }
    if (isNewest) {
      this.#follow(association, remote);
    }
    if (received.type === 'data') {
      this.#deliver(association, received.frame);
    } else if (received.type === 'end') {
      this.#alert(association, warning(CLOSE_NOTIFY)); // RFC 5246 7.2.1
      this.#end(association, 'closed-by-client');
    } else if (received.type === 'nothing' && received.answer !== undefined) {
      this.#parts.transmit(received.answer, association.remote.key);
      this.#keeping.sent(association);
    }
  }

  /** RFC 9146 6: the address of an authentic record counts where no newer one has come before. */
  #follow(association: Association, remote: Remote): void {
    const { key, address } = association.remote;
    if (key === remote.key) {
      association.proveAddress();
      return;
    }
    this.#table.move(association, () => association.moveTo(remote));
    this.#keeping.moved(association);
    this.#parts.notes.moved(association, address);
  }

  #deliver(association: Association, frame: Uint8Array): void {
    const { peer, link } = association;
    if (peer !== undefined && frame.length > 0) {
      this.#parts.received(link, peer, frame);
    }
  }

  #alert(association: Association, content: Uint8Array): void {
    const record = association.layer.sealed(ALERT, content);
    if (record !== undefined) {
      this.#parts.transmit(record, association.remote.key);
      this.#keeping.sent(association);
    }
  }

  #end(association: Association, reason: AssociationEnd): void {
    association.isOver = true;
    this.#table.remove(association);
    this.#keeping.ended(association);
    this.#parts.notes.closed(association, reason);
  }
}
