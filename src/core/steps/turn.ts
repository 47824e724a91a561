/**
 * One call of `handle`: the time, the effects so far, and what all procedures share. Procedures are functions of (session, message, turn).
 */

import type { DecodeOptions } from '../../codec/decode.ts';
import { encode } from '../../codec/encode.ts';
import type { Message, MessageOf } from '../../codec/message.ts';
import type { CoreSettings } from '../contract/core-settings.ts';
import type { Effect, Precedence, UpstreamClose, UpstreamConnect, UpstreamForget } from '../contract/effect.ts';
import type { Millis } from '../contract/link.ts';
import type { Note } from '../contract/note.ts';
import type { StoreWrite } from '../contract/stored-records.ts';
import type { AccessTable } from '../state/access-table.ts';
import type { Deadlines } from '../state/deadlines.ts';
import { type Told, V1_2 } from '../state/dialect.ts';
import type { Directory } from '../state/directory.ts';
import type { FairRate } from '../state/fair-rate.ts';
import type { FormerIds } from '../state/former-ids.ts';
import type { GatewayLink } from '../state/gateway-link.ts';
import type { Latencies } from '../state/latencies.ts';
import type { Leftovers } from '../state/leftovers.ts';
import type { OfflineQueue } from '../state/offline-queue.ts';
import type { OpenPublishes } from '../state/open-publishes.ts';
import { nodeIdOf, type Path } from '../state/path.ts';
import type { Reachability } from '../state/reachability.ts';
import type { Session } from '../state/session.ts';
import type { ShortFalls } from '../state/short-falls.ts';
import type { Transports } from '../state/transports.ts';
import type { UnknownSenders } from '../state/unknown-senders.ts';
import type { UpstreamPacing } from '../state/upstream-pacing.ts';
import type { WaitingState } from '../state/waiting-state.ts';
import type { PredefinedTopics } from '../topics/predefined-topics.ts';
import type { ShortTopics } from '../topics/short-topics.ts';

/** One part of a turn of several (parts.ts); `session`: whose it is, if anybody's. */
export interface Part {
  readonly session: Session | undefined;
  readonly run: (turn: Turn) => void;
}

/** What the core is made of, for its procedures. */
export interface Shared {
  settings: CoreSettings;
  /** Access rules; undefined: there are none, and everybody may do everything. */
  access: AccessTable | undefined;
  /** How frames are read (T-41, T-42). */
  decoding: DecodeOptions;
  predefined: PredefinedTopics;
  readonly shortTopics: ShortTopics;
  readonly deadlines: Deadlines<WaitingState>;
  readonly directory: Directory;
  readonly unknownSenders: UnknownSenders;
  readonly gatewayLink: GatewayLink;
  readonly reachability: Reachability;
  readonly transports: Transports;
  readonly offline: OfflineQueue;
  /** Publishes of clients on their way to the broker. */
  readonly openPublishes: OpenPublishes;
  readonly leftovers: Leftovers;
  readonly pacing: UpstreamPacing;
  readonly shortFalls: ShortFalls;
  readonly qosMinusOneRate: FairRate;
  readonly latencies: Latencies;
  /** What waits for clients in the queues of their sessions, over all of them; `qos0Octets`: payloads with QoS 0 (SL-16). */
  readonly queued: { messages: number; octets: number; qos0Octets: number };
  /** 0 ≤ random() < 1; the only source of chance. */
  readonly random: () => number;
  /** The client id that no client may have, for the gateway's own connection has it at the broker (I-45). */
  readonly ownClientId: string | undefined;
  /** The same of the connection for the gateway's status (I-107). */
  readonly statusClientId: string | undefined;
  /** A number for a connection to the broker that was never used before. */
  readonly nextConnection: () => number;
  /** Whether the connection stands that clients share. */
  readonly sharedStands: () => boolean;
  /** Whether what comes on the shared connection is for this client still, though it has one of its own (I-159). */
  readonly isBridged: (clientId: string) => boolean;
  /** Whether this client has a connection of its own until a later start, whatever the settings say (I-158). */
  readonly keepsOwn: (clientId: string) => boolean;
  /** How far the ids of clients went whose session is gone, so that they are not used again (R-13, I-17). */
  readonly formerIds: Map<string, FormerIds>;
  /** Parts of a turn that were broken off by an invariant (parts.ts). */
  unfinished: Iterator<Part, void> | undefined;
  /** Others are to be heard before these go on. */
  isPaused: boolean;
  /** Somebody sees to it that what has paused goes on. */
  readonly pauses: boolean;
  /** Whether somebody watches application messages; changed from outside, between two inputs. */
  readonly watched: { readonly messages: boolean };
  /** What a broken part leaves to be done, see `fallBack`. */
  readonly owed: {
    readonly closes: UpstreamClose[];
    readonly connects: UpstreamConnect[];
    readonly forgets: UpstreamForget[];
    readonly deletions: StoreWrite[];
    /** Client ids whose records are among the deletions. */
    readonly owners: Set<string>;
  };
}

const NOTHING = { effects: 0, writes: 0, durable: false };

export class Turn {
  readonly shared: Shared;
  settings: CoreSettings;
  readonly deadlines: Deadlines<WaitingState>;
  readonly directory: Directory;
  /** Milliseconds, as given to `handle`. */
  now: Millis = 0;
  effects: Effect[] = [];
  /** Changes for the store, and the sessions whose record has to be made at the end of the turn (persistence.ts). */
  writes: StoreWrite[] = [];
  readonly touched = new Set<Session>();
  /** Client ids whose records are among the writes. */
  owners = new Set<string>();
  /** Something in this turn promises what the writes say. */
  durable = false;
  /** What is written goes to the disk at once, though nobody waits for it. */
  syncs = false;
  /** The session that is being worked on, for the driver where an invariant breaks. */
  current: Session | undefined;
  /** How much of the effects and writes stands, whatever comes after it in this turn. */
  #standing = NOTHING;

  constructor(shared: Shared) {
    this.shared = shared;
    this.settings = shared.settings;
    this.deadlines = shared.deadlines;
    this.directory = shared.directory;
  }

  /** A new input comes. */
  begin(now: Millis): void {
    this.now = now;
    this.effects = [];
    this.writes = [];
    // Clearing an empty set makes a new table in V8: a third of what a turn costs that stores nothing.
    if (this.touched.size > 0) {
      this.touched.clear();
    }
    if (this.owners.size > 0) {
      this.owners = new Set();
    }
    this.durable = false;
    this.syncs = false;
    this.current = undefined;
    this.#standing = NOTHING;
  }

  /** What was done so far in this turn stands, also where an invariant breaks behind it (design 3; persistence.ts, `partDone`). */
  stand(): void {
    this.#standing = { effects: this.effects.length, writes: this.writes.length, durable: this.durable };
    this.current = undefined;
  }

  /**
   * An invariant broke: nothing is done or written of what did not stand by then. What nobody would ever do again is kept for
   * `session-failed`: connections that were closed or opened, sessions that were forgotten, and records that were deleted.
   */
  fallBack(): void {
    const { closes, connects, forgets, deletions, owners } = this.shared.owed;
    for (const effect of this.effects.slice(this.#standing.effects)) {
      if (effect.type === 'upstream-close') {
        closes.push(effect);
      } else if (effect.type === 'upstream-connect') {
        connects.push(effect);
      } else if (effect.type === 'upstream-forget') {
        forgets.push(effect);
      }
    }
    for (const write of this.writes.slice(this.#standing.writes)) {
      if (write.record === undefined) {
        deletions.push(write);
      }
    }
    if (deletions.length > 0) {
      for (const owner of this.owners) {
        owners.add(owner);
      }
    }
    this.effects.length = this.#standing.effects;
    this.writes.length = this.#standing.writes;
    this.durable = this.#standing.durable;
  }

  /** The effects of the turn: what is written comes before everything else. */
  result(): readonly Effect[] {
    if (this.writes.length === 0) {
      return this.effects;
    }
    const { writes, durable, owners } = this;
    const store: Effect = { type: 'store', writes, durable, owners };
    return [this.syncs && !durable ? { ...store, syncs: true } : store, ...this.effects];
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  note(note: Note): void {
    this.effects.push({ type: 'note', note });
  }

  /** Sends a message to a path, wrapped for the forwarder where there is one (F-3, F-4: radius 0 for a single node). */
  sendTo(
    path: Path,
    message: Message,
    dialect = V1_2,
    precedence: Precedence = precedenceOf(message),
    client?: string,
  ): void {
    this.sendFrame(path, encapsulate(path, dialect.encode(message), 0), precedence, client);
  }

  /** Says to whoever is at a path what has happened. */
  tellAt(path: Path, told: Told, dialect = V1_2, client?: string): void {
    this.sendTo(path, dialect.messageFor(told), dialect, TOLD_PRECEDENCE[told.what], client);
  }

  /** Sends a whole frame to the link of a path. */
  sendFrame({ transport, link, key }: Path, frame: Uint8Array, precedence: Precedence, client?: string): void {
    this.shared.transports.limited(transport)?.carry(frame.length, this.now);
    this.effects.push({ type: 'send', transport, link, frame, precedence, client, path: key });
  }

  /** Sends a frame to all nodes of a transport. `radius`: hops, 0 = all nodes. */
  broadcast(transport: string, frame: Uint8Array, radius: number): void {
    this.shared.transports.limited(transport)?.carry(frame.length, this.now);
    this.effects.push({ type: 'broadcast', transport, frame, radius });
  }

  /** Sends a message to a client; nothing where its address is not known any more (T-50). */
  send(session: Session, message: Message): void {
    if (session.bound) {
      this.sendTo(session.path, message, session.dialect, undefined, session.clientId);
    }
  }

  /** Says to a client what has happened, in its dialect. */
  tell(session: Session, told: Told): void {
    if (session.bound) {
      this.tellAt(session.path, told, session.dialect, session.clientId);
    }
  }

  /** Octets that a message to this path may have, the encapsulation taken off (T-43). */
  room(path: Path): number {
    const frame = this.shared.transports.of(path.transport)?.opened.maxFrame ?? Number.POSITIVE_INFINITY;
    const nodeId = nodeIdOf(path);
    return nodeId === undefined ? frame : frame - ENCAPSULATION_HEADER - nodeId.length;
  }

  /** T_retry towards a path: that of its transport, or of the settings. */
  retryInterval(path: Path): Millis {
    return this.shared.transports.of(path.transport)?.opened.retryInterval ?? this.settings.timing.retryInterval;
  }

  /** How long a client may go on repeating a request: T_retry·(N_retry+1) (3.3, T-03, T-11). */
  retryWindow(path: Path): Millis {
    return this.retryInterval(path) * (this.settings.timing.retryCount + 1);
  }

  /** When T_retry is over for what was just sent to a path: it counts from the moment at which a slow medium has carried it. */
  answerDue(path: Path): Millis {
    const left = Math.max(this.now, this.shared.transports.limited(path.transport)?.busyUntil ?? this.now);
    return left + this.retryInterval(path);
  }
}

function precedenceOf({ type }: Message): Precedence {
  if (type === 'PUBLISH' || type === 'REGISTER') {
    return 'publish';
  }
  return type === 'DISCONNECT' || type === 'PUBREL' || type === 'CONNACK' ? 'last' : 'answer';
}

/** Length, MsgType and Ctrl of the forwarder encapsulation (§5.5). */
export const ENCAPSULATION_HEADER = 3;

/** A session that has ended and an awake period that is over are the last word on what was sent before (effect.ts, Precedence). */
const TOLD_PRECEDENCE: Readonly<Record<Told['what'], Precedence | undefined>> = {
  'session-ended': 'last',
  'awake-period-over': 'last',
  'request-rejected': undefined,
};

/** A frame as it goes to a path (F-3). `radius`: 0–3, for broadcasts behind a forwarder (F-4). */
export function encapsulate(path: Path, frame: Uint8Array, radius: number): Uint8Array {
  const wirelessNodeId = nodeIdOf(path);
  if (wirelessNodeId === undefined) {
    return frame;
  }
  const wrapped: MessageOf<'ENCAPSULATED'> = { type: 'ENCAPSULATED', radius, wirelessNodeId, frame };
  return encode(wrapped);
}
