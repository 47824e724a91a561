/**
 * What the core knows of the ways to its clients: the largest frame (T-43), T_retry, who may forward (F-8), and, of slow media, how much
 * is on its way. On a slow or closed medium gateway publishes wait here, in the queues of their clients, where they are bounded and in
 * order; acknowledgements never wait in the core.
 */

import type { TransportOpened } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Peer } from '../contract/peer.ts';
import type { TransportRules } from '../contract/settings-changed.ts';
import { type DeadlineOwner, type Deadlines, NO_WAITS, type Waits } from './deadlines.ts';
import type { Session } from './session.ts';

/**
 * How long what has been handed to a medium may take at most before a further publish waits, in milliseconds: long enough to keep the
 * medium busy, short enough that an acknowledgement is never far behind.
 */
const BACKLOG: Millis = 250;

/** One transport, open or closed. Owns the deadline `line`: the medium is free for another publish. */
export class TransportState implements DeadlineOwner<'line'> {
  readonly kind = 'transport';
  waits: Waits<'line'> = NO_WAITS;
  /** As it was opened last. */
  opened: TransportOpened;
  closed = false;
  /** Sessions with something to send, in the order in which they get their turn. */
  readonly waiting = new Set<Session>();
  /** The session whose turn it is. */
  serving: Session | undefined;
  /** When everything that was handed to the medium will have left. */
  busyUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(opened: TransportOpened) {
    this.opened = opened;
  }

  /** A frame of `octets` is handed to the medium. */
  carry(octets: number, now: Millis): void {
    const { speed } = this.opened;
    if (speed) {
      this.busyUntil = Math.max(now, this.busyUntil) + ((octets + speed.overhead) * 1000) / speed.octetsPerSecond;
    }
  }

  /** Whether another publish may be handed over. */
  hasRoom(now: Millis): boolean {
    return !this.closed && this.busyUntil - now < BACKLOG;
  }

  /** When it will have room again; undefined where that is not a question of time. */
  get roomAt(): Millis | undefined {
    return this.closed ? undefined : this.busyUntil - BACKLOG + 1;
  }
}

export class Transports {
  readonly #byName = new Map<string, TransportState>();
  /** What has changed since the transports were made, by name. */
  #rules: ReadonlyMap<string, TransportRules> = new Map();
  /** None of them is slow or closed: the path of a PUBLISH need not ask. */
  #unlimited = true;
  /** No transport refuses frames up to this size: the path of a PUBLISH need not ask. */
  #takenByAll = Number.POSITIVE_INFINITY;

  /** A transport works (again). */
  open(opened: TransportOpened): TransportState {
    const known = this.#byName.get(opened.transport);
    const state = known ?? new TransportState(opened);
    state.opened = this.#ruled(opened);
    state.closed = false;
    state.busyUntil = Number.NEGATIVE_INFINITY;
    this.#byName.set(opened.transport, state);
    this.#count();
    return state;
  }

  /** Other rules than those that the transports were made with, also for one that opens later. */
  set rules(rules: ReadonlyMap<string, TransportRules>) {
    this.#rules = rules;
    for (const state of this.#byName.values()) {
      state.opened = this.#ruled(state.opened);
    }
  }

  /** A transport went away, or is not there yet. Its clients stay under supervision. */
  close(name: string, deadlines: Deadlines): TransportState {
    const state =
      this.#byName.get(name) ??
      new TransportState({ type: 'transport-opened', transport: name, maxFrame: 0, broadcast: false });
    state.closed = true;
    deadlines.clearAll(state);
    this.#byName.set(name, state);
    this.#count();
    return state;
  }

  /** The open ones that reach all nodes. */
  *broadcasting(): Iterable<TransportOpened> {
    for (const { opened, closed } of this.#byName.values()) {
      if (opened.broadcast && !closed) {
        yield opened;
      }
    }
  }

  /** As it was opened last; undefined for a name that was never opened: such a transport carries anything. */
  of(name: string): TransportState | undefined {
    return this.#byName.get(name);
  }

  /** A transport where it is slow or closed; undefined where nothing has to wait. */
  limited(name: string): TransportState | undefined {
    if (this.#unlimited) {
      return undefined;
    }
    const state = this.of(name);
    return state && (state.closed || state.opened.speed) ? state : undefined;
  }

  /** T-43: whether a frame of so many octets is more than is taken from a transport. */
  isTooLong(octets: number, name: string): boolean {
    return octets > this.#takenByAll && octets > (this.of(name)?.opened.maxReceived ?? Number.POSITIVE_INFINITY);
  }

  /** F-8: whether encapsulated frames are taken from a peer, which may be listed with its address or with its host alone. */
  mayForward({ transport, address, host }: Peer): boolean {
    const listed = this.of(transport)?.opened.forwarders;
    return listed === undefined || listed.includes(address) || listed.includes(host);
  }

  #ruled(opened: TransportOpened): TransportOpened {
    const rules = this.#rules.get(opened.transport);
    if (rules === undefined) {
      return opened;
    }
    const { forwarders: _list, retryInterval: _time, ...rest } = opened;
    const { forwarders, retryInterval } = rules;
    return {
      ...rest,
      ...(forwarders !== undefined && { forwarders }),
      ...(retryInterval !== undefined && { retryInterval }),
    };
  }

  #count(): void {
    this.#takenByAll = Math.min(
      ...[...this.#byName.values()].map(({ opened }) => opened.maxReceived ?? Number.POSITIVE_INFINITY),
    );
    this.#unlimited = [...this.#byName.values()].every(({ closed, opened }) => !closed && opened.speed === undefined);
  }
}
