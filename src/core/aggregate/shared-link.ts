/** The connection to the broker that all clients of an aggregating gateway share, over all attempts to have one. */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamConnected } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { type BrokerLimits, limitsOf } from '../state/broker-limits.ts';
import { IdSequence } from '../state/msg-id.ts';
import type { SmallSet } from '../topics/small-map.ts';
import { YoungMap } from '../topics/young-map.ts';
import type { Askers } from './asked-filter.ts';
import type { Member, Relay } from './member.ts';
import { OutWindow } from './out-window.ts';
import { ReadyLine } from './ready-line.ts';
import type { Echo, SharedFilter } from './shared-filter.ts';

/** What a packet id is for. */
export type SharedUse =
  | { readonly is: 'relay'; readonly relay: Relay }
  | { readonly is: 'subscribe'; readonly filter: SharedFilter }
  | { readonly is: 'unsubscribe'; readonly filter: string }
  /** PUBREL for what a former life of the gateway may have left there. */
  | { readonly is: 'stale' };

/** From the first to the last. */
export interface PacketIds {
  readonly first: number;
  readonly last: number;
}

/** Those that are written down: the last `fresh` of them were the last time, and whose `turn` it was to wait for that (unrecorded.ts). */
export interface Unrecorded extends PacketIds {
  readonly fresh: number;
  readonly turn: 'even' | 'odd';
}

/** What the broker may close the connection on: a publish or its PUBREL, SUBSCRIBE for a filter, or UNSUBSCRIBE for one, by its name. */
export type SharedSuspect = Relay | SharedFilter | string;

/** SUBSCRIBE for newcomers, until all that is retained has come: what comes meanwhile as retained is for them. */
export interface Fetch {
  readonly filter: SharedFilter;
  readonly askers: Askers;
  /** They get only what comes with QoS 0 (I-147). */
  readonly askersOfQos0: SmallSet<Member>;
  /** Topics of which it has come: another SUBSCRIBE that is out may bring it once more. */
  readonly topics: Set<string>;
  /** SUBACK has come, as the how many-th; 0: it has not. */
  granted: number;
  /** When it is over, whatever is unacknowledged then. */
  until: Millis;
  /** It is known to have been granted with QoS 1 or 2: what comes with that is kept in the broker's session. */
  isKept: boolean;
  /** What has been asked for once more, for the connection broke. */
  asked: 'nothing' | 'qos0' | 'all';
}

/** PINGREQ is out (drained.ts). */
export interface Drain {
  /** Messages and PUBRELs of the broker, and SUBACKs, that had come by then. */
  readonly arrivals: number;
  readonly grants: number;
  /** The last copy that was owed by then (open-copies.ts). */
  readonly owed: number;
  /** Copies wait for a better one: they are unacknowledged. */
  readonly forCopies: boolean;
  /** Bridges that were to end by then (bridges.ts). */
  readonly bridges: readonly Member[];
}

/** The longest pause where clients wait. */
const URGENT: Millis = 5_000;

/** Publishes that are out at a time where the broker names no limit. */
const LARGEST_WINDOW = 1_000;

/**
 * Those with QoS 2 among them in MQTT 3.1.1, where no broker can name a limit: mosquitto 2.0.11 acknowledges what is beyond its
 * `max_inflight_messages` (20) to the end, and loses it.
 */
const QOS2_WINDOW_3_1_1 = 16;

export class SharedLink {
  phase: 'down' | 'connecting' | 'up' = 'down';
  /** Number of the connection in use; 0: none. */
  connection = 0;
  /** The version of MQTT that is spoken, or tried. */
  protocolVersion: 4 | 5 = 5;
  /** The broker has spoken it. */
  protocolKnown = false;
  /** Attempts in MQTT 5 that came to nothing. */
  protocolFailures = 0;
  /** MQTT 3.1.1 is tried, and counts if the broker answers it. */
  isTrial = false;
  /** The broker may not take the gateway's status as the will of this connection: it is made without (I-110). */
  isStatusRefused = false;
  /** Attempts that were closed without CONNACK while the own connection stood, since that changed. */
  statusFailures = 0;
  /** Messages name the subscriptions that they come for. */
  identifies = true;
  limits: BrokerLimits = limitsOf({});
  attempts = 0;
  upSince: Millis = 0;
  downSince: Millis = 0;
  retryAt: Millis | undefined;
  /** When the last attempt came to nothing, or the connection broke. */
  endedAt: Millis = 0;
  /** Grows whenever the broker has lost the session, or may have. */
  epoch = 1;
  /** From this one on it is the session that the broker has. */
  countsFrom = 1;
  /** It may be that of before as well: since which one that is not known, and what was known by then (doubted-session.ts). Undefined: there is no such doubt. */
  doubt: { readonly epoch: number; readonly countsFrom: number } | undefined;
  /** Connections in a row that ended soon, alone and without a reason, and when the last one did (contested.ts). */
  readonly shortLived: { count: number; at: Millis } = { count: 0, at: 0 };
  /** CONNECTs that have gone out since the broker was last heard of its session (I-52). */
  asked = 0;
  /** The store says that the broker's session may not have all subscriptions. */
  isDoubtStored = false;
  stopped = false;
  /** After an aggregating mode (ending.ts): what is left goes to the broker, its session is given up, or nothing is left. Undefined: clients share the connection. */
  ending: 'rest' | 'session' | 'over' | undefined;
  /** The session that the broker may have is none of which anything is known here (unknown-session.ts): perhaps it has one, or that is being ended. */
  unknown: 'perhaps' | 'ending' | undefined;
  /** No connection of this process has stood. */
  isFirst = true;
  /** The outage, by its beginning, whose grace time is over. */
  graceOverFor: Millis | undefined;
  /** Members whose CONNECT waits for the connection. */
  readonly waiting = new Set<Member>();
  readonly uses = new YoungMap<number, SharedUse>();
  /** Under these packet ids QoS 2 publishes may go out without a record (unrecorded.ts). */
  unrecorded: Unrecorded | undefined;
  /** The last one of a former life that is let go at the broker; undefined: none is, or all are. */
  lastStale: number | undefined;
  readonly out = new OutWindow();
  /** Those that went out on an earlier one and have not gone out again. */
  again = new Set<Relay>();
  /** Members that have something to send. */
  readonly ready = new ReadyLine();
  /** Whose effects wait for the disk, and will for long (I-38). */
  readonly heldOwners = new Set<string>();
  /** What waits with the records of the connection itself (I-168): filters that are to be lowered, and those for which UNSUBSCRIBE is to be sent. */
  readonly later = new Set<SharedFilter | string>();
  readonly #hasRoom = (qos: Qos): boolean => this.hasRoom(qos);
  readonly #isHeld = (member: Member): boolean => this.isHeld(member);
  /** Filters for which SUBSCRIBE is to be sent, in turn. */
  readonly toSubscribe = new Set<SharedFilter>();
  /** The same, for newcomers that are to get what is retained, where messages do not name subscriptions: one at a time. */
  readonly toFetch = new Set<SharedFilter>();
  fetch: Fetch | undefined;
  /**
   * Those whose time was over, or that broke with the connection, before the broker was known to have nothing left of them, oldest first: what is retained is for
   * them as well.
   */
  lateFetches: Fetch[] = [];
  drain: Drain | undefined;
  /** The last connection on which the broker had nothing left. */
  drainedOn = 0;
  /** Members for whose bridges the broker has nothing left. */
  readonly drained: Member[] = [];
  /** Messages with QoS 1 and 2, and PUBRELs, that the broker has sent. */
  arrivals = 0;
  /** SUBACKs that have come; up to which of them the broker is known to have nothing left of before, and up to which somebody wants to know it. */
  grants = 0;
  proven = 0;
  toProve = 0;
  /** Filters with newcomers for whom what is retained may still be on its way, though messages name subscriptions (unproven-copies.ts). */
  readonly unproven = new Set<SharedFilter>();
  /** The last SUBACK with an echo (echoes.ts), up to which of them it is over for the time that has passed, and until when that is so for which others. */
  lastEcho = 0;
  echoed = 0;
  echo: { readonly grants: number; readonly until: Millis } | undefined;
  /** Of filters that nobody has any more. */
  leftEcho: Echo | undefined;
  /** Filters for which UNSUBSCRIBE is to be sent. */
  readonly toUnsubscribe = new Set<string>();
  /** Those of them, and of those for which it is out, that wait for the records of who has left them (I-168). */
  readonly endsByRecord = new Set<string>();
  /** Connections that broke while UNSUBSCRIBE for it was out. */
  readonly leaveFalls = new Map<string, number>();
  /** SUBSCRIBEs that are out. */
  subscribing = 0;
  unsubscribing = 0;
  /** Filters that the broker has refused though clients have them. */
  readonly refused = new Set<SharedFilter>();
  /** Filters that the broker has lost: until they are back nothing is published (3.4). */
  readonly restoring = new Set<SharedFilter>();
  /** What a connection may have broken on: one at a time, before everything else (I-42). */
  suspects: SharedSuspect[] = [];
  probe: SharedSuspect | undefined;
  /** Until when nothing, or nothing more, goes out because of them. */
  probeUntil: Millis | undefined;
  /** On this one the connection broke, alone; judged at that time. */
  accused:
    | { readonly suspect: SharedSuspect; readonly since: Millis; readonly at: Millis; readonly proven: boolean }
    | undefined;
  /** The gateway's own connection, the witness: its number, and since when it stands. */
  readonly witness: { connection: number; upSince: Millis | undefined } = { connection: 0, upSince: undefined };
  readonly #packetIds = new IdSequence();

  /** An attempt is under way. */
  begins(connection: number): void {
    this.phase = 'connecting';
    this.connection = connection;
    this.retryAt = undefined;
    this.asked++;
  }

  /** A client waits for the connection: it is tried sooner. */
  hasten(now: Millis): void {
    if (this.retryAt !== undefined) {
      this.retryAt = Math.min(this.retryAt, Math.max(now, this.endedAt + URGENT));
    }
  }

  stands(connected: UpstreamConnected, now: Millis): void {
    this.phase = 'up';
    this.drain = undefined;
    this.echo = undefined;
    this.echoed = this.grants;
    this.upSince = now;
    this.limits = limitsOf(connected);
    this.protocolKnown = true;
    this.statusFailures = 0;
    this.identifies = this.protocolVersion === 5 && connected.identifiersAvailable !== false;
  }

  /** Whether one more publish may be out. */
  hasRoom(qos: Qos): boolean {
    const window = Math.min(LARGEST_WINDOW, this.limits.receiveMaximum);
    return this.out.size < window && (qos < 2 || this.out.qos2 < this.#qos2Window(window));
  }

  /** A quarter of a small window is for QoS 1 alone, which needs no disk: where that is full or hangs, QoS 2 would take every place. */
  #qos2Window(window: number): number {
    return this.protocolVersion === 4 ? QOS2_WINDOW_3_1_1 : window - (window >> 2);
  }

  /** Whose turn it is to send something, of those who have something for which there is room; undefined: nobody. */
  takeReady(): Member | undefined {
    return this.ready.take(this.#hasRoom, this.#isHeld);
  }

  /** What a client has waits for the disk; what is the gateway's own waits by itself, where it has to. */
  isHeld({ clientId }: Member): boolean {
    return this.heldOwners.size > 0 && clientId !== '' && this.heldOwners.has(clientId);
  }

  /** The connection broke: what is out comes again on the next one. */
  takeBackOut(): void {
    this.again = new Set([...this.out, ...this.again]);
    this.out.clear();
    this.ready.begin();
  }

  /** Whether the own connection has stood from `since` on. */
  witnessedSince(since: Millis): boolean {
    const { upSince } = this.witness;
    return upSince !== undefined && upSince <= since;
  }

  /** What is left of an earlier sequence fits nothing new. `random`: 0 ≤ random() < 1. */
  startAnywhere(random: () => number): void {
    this.#packetIds.startAnywhere(random);
  }

  /** Goes on behind the packet ids of an earlier process. */
  startBehind(packetId: number): void {
    this.#packetIds.startBehind(packetId);
  }

  takePacketId(use: SharedUse): number {
    const packetId = this.#packetIds.next(this.uses);
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    this.uses.set(packetId, use);
    return packetId;
  }
}
