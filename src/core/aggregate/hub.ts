/**
 * What the aggregating gateway knows: its clients, their filters, what is on its way in either direction, and the one connection that carries
 * it. Towards the sessions it is a broker; what it wants done and what the sessions hear is collected here, in order.
 */

import type { Qos } from '../../codec/message.ts';
import type { CoreSettings } from '../contract/core-settings.ts';
import type { Effect, StoreEffect } from '../contract/effect.ts';
import type { HubInput } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Note } from '../contract/note.ts';
import { type StoreWrite, sharedKey, storeKey } from '../contract/stored-records.ts';
import { SourceTable } from '../state/source-table.ts';
import { FilterTrie } from '../topics/filter-trie.ts';
import { SHARED } from '../topics/topic-name.ts';
import { YoungMap, YoungSet } from '../topics/young-map.ts';
import { LostNames } from './lost-names.ts';
import { Member, type Parcel, type Relay, type SharedMessage, weightOf } from './member.ts';
import { type Copies, OwedCopies } from './open-copies.ts';
import { Repetitions } from './repetitions.ts';
import { Said } from './said.ts';
import { SharedFilter } from './shared-filter.ts';
import { SharedLink } from './shared-link.ts';
import { SLOTS_OWNER, Slots } from './slots.ts';
import { storedAtOnce } from './stored-at-once.ts';
import { UnknownNames } from './unknown-names.ts';
import { WillRoom } from './will-room.ts';

/** What is asked of the sessions. */
export interface SessionsOfHub {
  /** Whether the client of a session sleeps: what is for it waits. */
  readonly isAsleep: (clientId: string) => boolean;
  /** Whether it sleeps, or is awake for a moment: its session outlives the process. */
  readonly sleeps: (clientId: string) => boolean;
  /** Whether it is away, and has no CONNECT under way. */
  readonly isGone: (clientId: string) => boolean;
  /** Whether a message on this topic, as the broker has it, may reach the client (access rules). */
  readonly mayRead: (clientId: string, topic: string) => boolean;
  /** A message does not reach it, for that `reason`; undefined: it may not read it. Counts that, and says what is to be noted. */
  readonly dropped: (clientId: string, topic: string, qos: Qos, reason?: string) => Note | undefined;
  /** Where the client is, for notes. */
  readonly linkOf: (clientId: string) => string;
}

export interface HubOptions {
  readonly settings: CoreSettings;
  readonly sessions: SessionsOfHub;
  readonly random: () => number;
  readonly nextConnection: () => number;
}

/** A kind of publish, that is a topic with one QoS, with or without Retain, of which some were given up. */
export interface FelledKind {
  readonly falls: number;
  /** The smallest of them. */
  readonly octets: number;
  /** Until when it is refused; 0: it is not yet. */
  readonly until: Millis;
}

/** The will of a lost client that may come back, and until when it waits. */
export interface DelayedWill {
  readonly relay: Relay;
  readonly due: Millis;
}

/** Owner of what belongs to no client, in the store and on the way to the broker. */
export const NOBODY = '';

export class Hub {
  settings: CoreSettings;
  readonly sessions: SessionsOfHub;
  readonly random: () => number;
  readonly nextConnection: () => number;
  readonly link = new SharedLink();
  /** The gateway itself as a client: wills, and what it says of itself. */
  readonly own = new Member(NOBODY);
  /** The message that came last; and with QoS 0, which overtakes others at the broker. */
  copies: Copies | undefined;
  copiesQos0: Copies | undefined;
  readonly owed = new OwedCopies((owed) => this.store([{ key: sharedKey('owed', owed.number), record: undefined }]));
  readonly members = new Map<string, Member>();
  /** By the number of the connection that a session has here. */
  readonly byConnection = new Map<number, Member>();
  /** Those whose sessions have connections of their own, by the keys of their records (beside.ts). */
  readonly beside = new Map<string, Member>();
  /** Those of them with a bridge (bridges.ts); and those whose bridge is to end, until when at the latest. */
  readonly bridged = new Set<Member>();
  readonly doneBridges = new Map<Member, Millis>();
  readonly filters = new FilterTrie<SharedFilter>();
  /** Shared subscriptions (`$share/…`), by their whole filter. */
  readonly shares = new Map<string, SharedFilter>();
  /** The same, by what stands behind the name of the group. */
  readonly sharedTopics = new FilterTrie<Set<SharedFilter>>();
  readonly bySlot = new Map<number, SharedFilter>();
  readonly slots = new Slots();
  readonly lostNames = new LostNames();
  readonly unknownNames = new UnknownNames();
  /** Filters that the broker has and nobody wants: UNSUBSCRIBE is owed. Its packet id; 0: it is not out. */
  readonly departing = new Map<string, number>();
  /** What waits in queues or is on the disk, oldest first. */
  readonly messages = new Map<number, SharedMessage>();
  /** By the broker's packet id. */
  readonly byPacketId = new YoungMap<number, SharedMessage>();
  /** QoS 1 messages that only clients have that are there, each until the broker is told; oldest first. */
  readonly unsettled = new YoungSet<SharedMessage>();
  /** Publishes that were given up, until when (condemned.ts). */
  readonly condemned = new Map<string, Millis>();
  /** Kinds of publishes of which some were (condemned.ts). */
  readonly felled = new Map<string, FelledKind>();
  /** Messages that are on the disk, and whose payload is in memory as well, oldest first; and the octets of those. */
  readonly held = new Set<SharedMessage>();
  heldOctets = 0;
  /** Members for which payloads are being read, by the key of the first one. */
  readonly loading = new Map<string, Member[]>();
  /** What waits in queues, by client: where it is too much the one gives way that has most. The second one is of QoS 0 alone. */
  readonly waiting = new SourceTable<Parcel>(weightOf);
  readonly waitingQos0 = new SourceTable<Parcel>(weightOf);
  readonly repetitions = new Repetitions();
  /** Octets of that, over all clients. */
  queuedOctets = 0;
  qos0Octets = 0;
  /** Wills that wait for their clients to come back (I-101), by client, those due first before others. */
  readonly delayedWills = new Map<string, DelayedWill>();
  /** All wills that the broker does not have. */
  readonly wills = new WillRoom();
  lastMessage = 0;
  lastWill = 0;
  /** Of publishes that are no client's any more. */
  lastLeft = 0;
  now: Millis = 0;
  /** The gateway stops: whoever sleeps sleeps on in the store. */
  isStopping = false;
  #effects: Effect[] = [];
  #stores: StoreEffect[] = [];
  #awaitsRecords = false;
  readonly said = new Said();

  constructor({ settings, sessions, random, nextConnection }: HubOptions) {
    this.settings = settings;
    this.sessions = sessions;
    this.random = random;
    this.nextConnection = nextConnection;
  }

  /** An input is handled. */
  begin(now: Millis): void {
    this.now = now;
    this.#effects = [];
    this.#awaitsRecords = false;
    if (this.#stores.length > 0) {
      this.#stores = [];
    }
  }

  /** What is to be done, in order. All that is to be stored is one effect, the first one: it is on the disk as a whole or not at all. */
  result(): readonly Effect[] {
    const store = storedAtOnce(this.#stores, this.#awaitsRecords ? NOBODY : undefined);
    return store ? [store, ...this.#effects] : this.#effects;
  }

  emit(effect: Effect): void {
    if (effect.type === 'store') {
      this.#stores.push(effect);
    } else {
      this.#effects.push(effect);
    }
  }

  note(note: Note): void {
    this.#effects.push({ type: 'note', note });
  }

  /** Writes to the store. `owners`: whose effects wait until it is on the disk; none: nobody waits. */
  store(writes: readonly StoreWrite[], owners: readonly string[] = []): void {
    if (writes.length > 0) {
      const durable = owners.length > 0;
      this.#stores.push({ type: 'store', writes, durable, owners: new Set(owners) });
    }
  }

  /** The same where nobody waits, and it should be on the disk soon. */
  storeSoon(write: StoreWrite): void {
    this.#stores.push({ type: 'store', writes: [write], durable: false, owners: new Set(), syncs: true });
  }

  /** What waits for records of the shared connection waits for those as well that are written for clients with this input. */
  awaitsRecords(): void {
    this.#awaitsRecords = true;
  }

  /** Says something to the session of a client, as a broker would. */
  tell(input: HubInput): void {
    this.said.add(input);
  }

  member(clientId: string): Member {
    let member = this.members.get(clientId);
    if (member === undefined) {
      member = new Member(clientId);
      this.members.set(clientId, member);
    }
    return member;
  }

  /** A client of which nothing is kept is forgotten. */
  forgetIfEmpty(member: Member): void {
    const hasWill = member.isBeside && this.delayedWills.has(member.clientId);
    if (member.isEmpty && !hasWill && this.members.get(member.clientId) === member) {
      this.members.delete(member.clientId);
      for (const copies of [this.copies, this.copiesQos0]) {
        copies?.decided.delete(member);
        copies?.skipped.delete(member);
      }
      this.owed.forget(member);
      if (member.isBeside) {
        this.beside.delete(storeKey('session', member.clientId));
        this.byConnection.delete(member.ownConnection);
      }
    }
  }

  filter(filter: string): SharedFilter | undefined {
    return isShare(filter) ? this.shares.get(filter) : this.filters.get(filter);
  }

  /** A filter that nobody had. `stored`: its slot, as it was stored. Undefined: there are too many. */
  addFilter(filter: string, stored?: number): SharedFilter | undefined {
    const slot = stored ?? this.slots.next(this.bySlot);
    if (slot === undefined) {
      return undefined;
    }
    this.reserveSlots();
    const added = new SharedFilter(filter, slot, stored === undefined);
    if (isShare(filter)) {
      this.shares.set(filter, added);
      const topics = topicsOf(filter);
      const group = this.sharedTopics.get(topics) ?? new Set();
      this.sharedTopics.set(topics, group.add(added));
    } else {
      this.filters.set(filter, added);
    }
    this.bySlot.set(slot, added);
    return added;
  }

  removeFilter(removed: SharedFilter): void {
    const { filter, slot } = removed;
    if (isShare(filter)) {
      this.shares.delete(filter);
      const group = this.sharedTopics.get(topicsOf(filter));
      group?.delete(removed);
      if (group?.size === 0) {
        this.sharedTopics.delete(topicsOf(filter));
      }
    } else {
      this.filters.delete(filter);
    }
    this.bySlot.delete(slot);
    this.link.unproven.delete(removed);
    this.link.later.delete(removed);
    this.lostNames.gone(removed, this.slots.isGiven(slot));
  }

  allFilters(): Iterable<SharedFilter> {
    return this.bySlot.values();
  }

  /** The broker has been away for longer than clients are kept waiting (3.5 item 7). */
  get isGraceOver(): boolean {
    const { phase, downSince } = this.link;
    return phase !== 'up' && this.now - downSince >= this.settings.upstream.grace;
  }

  /** I-151. */
  reserveSlots(): void {
    this.store(this.slots.reserve(), [SLOTS_OWNER, NOBODY]);
  }
}

/** Whether it owns what belongs to the shared connection itself. */
export function isOfHub(clientId: string | undefined): boolean {
  return clientId !== undefined && (clientId === NOBODY || clientId.startsWith('\u0000')); // which no client id has
}

export function isShare(filter: string): boolean {
  return filter.startsWith(SHARED);
}

/** What stands behind `$share/` and the name of the group. */
export function topicsOf(filter: string): string {
  return filter.slice(filter.indexOf('/', SHARED.length) + 1);
}
