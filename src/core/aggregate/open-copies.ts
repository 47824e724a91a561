/**
 * A copy has been passed over for a client, for that of a better filter is to come (fan-out.ts): that one is owed to it from then on, whatever becomes of the
 * filters of the client meanwhile (I-137). A copy is known by the filter that it names, its topic and its payload: of several messages that look the same each
 * copy that is owed is one of them.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { digestOf } from '../state/payload-digest.ts';
import type { Grant, Member } from './member.ts';
import type { FilterName } from './subscription-identifier.ts';

/** Copies of one message that come one behind the other (copies.ts). */
export interface Copies {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** For which filters they are, and the slots of those of which it has been decided who gets the message by them. */
  readonly names: FilterName[];
  readonly judged: number[];
  /** Those that wait for a better one, since when, and until when at first. */
  readonly held: UpstreamMessage[];
  since: Millis;
  until: Millis | undefined;
  /** The broker has nothing more behind them. */
  alone: boolean;
  /** Clients of which it is decided, with the first of these copies that is for them, by which copy they get it. */
  readonly decided: Map<Member, Decision>;
  /**
   * Clients that had the message by the time when this copy came, of which nobody knows whether it is of the same message, or of the next one that looks the
   * same; then it is missing there.
   */
  readonly skipped: Map<Member, number>;
}

export interface Decision {
  /** With which copy. */
  readonly by: UpstreamMessage;
  /** Slots of other subscriptions of the client that match, and have a copy; or that may have one. */
  readonly sure: readonly number[];
  readonly unsure: readonly number[];
}

/** Those that are known at a time; the oldest goes. A broker that has not the room for a copy leaves one here. */
const MOST_OWED = 4_096;

export interface OwedCopy {
  readonly number: number;
  readonly member: Member;
  /** As granted when it was decided. */
  readonly qos: Qos;
  /** SUBSCRIBE for the filter of that copy with which the client came (Grant.since). */
  readonly since: number;
  /** All subscriptions of the client that matched then: without any of these it does not want the message any more. */
  readonly grants: ReadonlyMap<string, Grant>;
  /** Of those the ones whose copies had not come. */
  readonly rest: Pick<Decision, 'sure' | 'unsure'>;
}

export class OwedCopies {
  readonly #byCopy = new Map<string, OwedCopy[]>();
  #size = 0;
  /** Of the one that was noted last; it counts on. */
  last = 0;

  owe(message: UpstreamMessage, { slot }: Grant, copy: Omit<OwedCopy, 'number'>): void {
    const key = keyOf(message, slot);
    const same = this.#byCopy.get(key);
    const owed = { ...copy, number: ++this.last };
    if (same) {
      same.push(owed);
    } else {
      this.#byCopy.set(key, [owed]);
    }
    this.#size++;
    if (this.#size > MOST_OWED) {
      const [oldest] = this.#byCopy;
      this.#keep(oldest?.[0] ?? '', (oldest?.[1] ?? []).slice(1));
    }
  }

  /** Those that this message is, for each client the oldest one. */
  take(message: UpstreamMessage, { slot }: FilterName, serial: number): readonly OwedCopy[] {
    if (this.#size === 0) {
      return [];
    }
    const key = keyOf(message, slot);
    const taken = new Map<Member, OwedCopy>();
    const later: OwedCopy[] = [];
    for (const owed of this.#byCopy.get(key) ?? []) {
      if (owed.since <= serial && !taken.has(owed.member)) {
        taken.set(owed.member, owed);
      } else {
        later.push(owed);
      }
    }
    if (taken.size > 0) {
      this.#keep(key, later);
    }
    return [...taken.values()];
  }

  /** The broker has nothing left of what was owed up to this one. */
  proven(number: number): void {
    this.#keepAll((owed) => owed.number > number);
  }

  /** The client is forgotten, and wants none of them. */
  forget(member: Member): void {
    if (this.#size > 0) {
      this.#keepAll((owed) => owed.member !== member);
    }
  }

  #keepAll(isKept: (owed: OwedCopy) => boolean): void {
    for (const [key, all] of this.#byCopy) {
      this.#keep(key, all.filter(isKept));
    }
  }

  #keep(key: string, owed: OwedCopy[]): void {
    this.#size += owed.length - (this.#byCopy.get(key)?.length ?? 0);
    if (owed.length > 0) {
      this.#byCopy.set(key, owed);
    } else {
      this.#byCopy.delete(key);
    }
  }
}

/** Whether the client has one of the subscriptions still for which the message came; a later one for the same filter is another. */
export function isWantedStill({ member, grants }: OwedCopy): boolean {
  for (const [filter, { slot, since }] of grants) {
    const grant = member.grants.get(filter);
    if (grant?.slot === slot && grant.since === since) {
      return true;
    }
  }
  return false;
}

function keyOf({ topic, payload }: UpstreamMessage, slot: number): string {
  const { octets, hash, check } = digestOf(payload);
  return `${slot} ${octets} ${hash} ${check} ${topic}`;
}
