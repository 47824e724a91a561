/**
 * What the aggregating gateway knows: its clients, their filters, what is on its way in either direction, and the one connection that carries
 * it. Towards the sessions it is a broker; what it wants done and what the sessions hear is collected here, in order.
 */

import type { CoreSettings } from '../contract/core-settings.ts';
import type { Effect } from '../contract/effect.ts';
import type { UpstreamInput } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Note } from '../contract/note.ts';
import type { StoreWrite } from '../contract/stored-records.ts';
import { FilterTrie } from '../topics/filter-trie.ts';
import { Member, type SharedMessage } from './member.ts';
import { SharedFilter, SLOTS } from './shared-filter.ts';
import { SharedLink } from './shared-link.ts';

/** What is asked of the sessions. */
export interface SessionsOfHub {
  /** Whether the client of a session sleeps: what is for it waits. */
  readonly isAsleep: (clientId: string) => boolean;
  /** Where the client is, for notes. */
  readonly linkOf: (clientId: string) => string;
}

export interface HubOptions {
  readonly settings: CoreSettings;
  readonly sessions: SessionsOfHub;
  readonly random: () => number;
  readonly nextConnection: () => number;
}

/** Owner of what belongs to no client, in the store and on the way to the broker. */
export const NOBODY = '';

export class Hub {
  readonly settings: CoreSettings;
  readonly sessions: SessionsOfHub;
  readonly random: () => number;
  readonly nextConnection: () => number;
  readonly link = new SharedLink();
  /** The gateway itself as a client: wills, and what it says of itself. */
  readonly own = new Member(NOBODY);
  readonly members = new Map<string, Member>();
  /** By the number of the connection that a session has here. */
  readonly byConnection = new Map<number, Member>();
  readonly filters = new FilterTrie<SharedFilter>();
  /** Shared subscriptions (`$share/…`), by their whole filter. */
  readonly shares = new Map<string, SharedFilter>();
  readonly bySlot = new Map<number, SharedFilter>();
  /** Filters that the broker has and nobody wants: UNSUBSCRIBE is owed. */
  readonly departing = new Set<string>();
  /** What waits for clients, or for PUBREL of the broker, oldest first. */
  readonly messages = new Map<number, SharedMessage>();
  /** By the broker's packet id. */
  readonly byPacketId = new Map<number, SharedMessage>();
  /** QoS 1 messages that only clients have that are there, each until the broker is told; oldest first. */
  readonly unsettled = new Set<SharedMessage>();
  /** Publishes that were given up, until when (condemned.ts). */
  readonly condemned = new Map<string, Millis>();
  /** Messages that are on the disk, and whose payload is in memory as well, oldest first; and the octets of those. */
  readonly held = new Set<SharedMessage>();
  heldOctets = 0;
  /** Members for which payloads are being read, by the key of the first one. */
  readonly loading = new Map<string, Member[]>();
  /** Octets that wait for clients, over all of them. */
  queuedOctets = 0;
  lastMessage = 0;
  lastOrder = 0;
  lastWill = 0;
  #lastSlot = 0;
  now: Millis = 0;
  readonly #effects: Effect[] = [];
  readonly #inputs: UpstreamInput[] = [];

  constructor({ settings, sessions, random, nextConnection }: HubOptions) {
    this.settings = settings;
    this.sessions = sessions;
    this.random = random;
    this.nextConnection = nextConnection;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  note(note: Note): void {
    this.#effects.push({ type: 'note', note });
  }

  /** Writes to the store. `owners`: whose effects wait until it is on the disk; none: nobody waits. */
  store(writes: readonly StoreWrite[], owners: readonly string[] = []): void {
    if (writes.length > 0) {
      const durable = owners.length > 0;
      this.#effects.push({ type: 'store', writes, durable, owners: new Set(owners) });
    }
  }

  /** Says something to the session of a client, as a broker would. */
  tell(input: UpstreamInput): void {
    this.#inputs.push(input);
  }

  /** Puts what is to be done behind `effects`, in order. */
  moveEffects(effects: Effect[]): void {
    if (this.#effects.length > 0) {
      effects.push(...this.#effects.splice(0));
    }
  }

  /** What the sessions are to hear next; undefined: nothing. */
  takeInput(): UpstreamInput | undefined {
    return this.#inputs.shift();
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
    if (member.isEmpty && this.members.get(member.clientId) === member) {
      this.members.delete(member.clientId);
    }
  }

  filter(filter: string): SharedFilter | undefined {
    return isShare(filter) ? this.shares.get(filter) : this.filters.get(filter);
  }

  /** A filter that nobody had. `slot`: as it was stored. */
  addFilter(filter: string, slot = this.#freeSlot()): SharedFilter {
    const added = new SharedFilter(filter, slot);
    if (isShare(filter)) {
      this.shares.set(filter, added);
    } else {
      this.filters.set(filter, added);
    }
    this.bySlot.set(slot, added);
    this.#lastSlot = Math.max(this.#lastSlot, slot);
    return added;
  }

  removeFilter({ filter, slot }: SharedFilter): void {
    if (isShare(filter)) {
      this.shares.delete(filter);
    } else {
      this.filters.delete(filter);
    }
    this.bySlot.delete(slot);
  }

  *allFilters(): Generator<SharedFilter, void> {
    yield* this.bySlot.values();
  }

  #freeSlot(): number {
    do {
      this.#lastSlot = this.#lastSlot >= SLOTS ? 1 : this.#lastSlot + 1;
    } while (this.bySlot.has(this.#lastSlot));
    return this.#lastSlot;
  }
}

const SHARE = '$share/';

export function isShare(filter: string): boolean {
  return filter.startsWith(SHARE);
}
