/**
 * A copy has been passed over for a client, for that of a better filter is to come (fan-out.ts): that one is owed to it from then on, whatever becomes of the
 * filters of the client meanwhile (I-137). A copy is known by the filter that it names, its topic and its payload: of several messages that look the same each
 * copy that is owed is one of them.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { digestOfMessage, type MessageDigest } from '../state/payload-digest.ts';
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
  /** For whom the last of them is, the records of clients tell that outlive the process: one of them gets it by another copy, or has left the filter (I-168). */
  reliesOnRecords: boolean;
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
  /** Of the filter that the copy names, and what it says. */
  readonly slot: number;
  readonly digest: MessageDigest;
  /** As granted when it was decided. */
  readonly qos: Qos;
  /** SUBSCRIBE for the filter of that copy with which the client came (Grant.since). */
  readonly since: number;
  /** All subscriptions of the client that matched then: without any of these it does not want the message any more. */
  readonly grants: ReadonlyMap<string, Grant>;
  /** Of those the ones whose copies had not come. */
  readonly rest: Pick<Decision, 'sure' | 'unsure'>;
  /** It is on the disk (stored-owed.ts). */
  stored: boolean;
}

export class OwedCopies {
  readonly #byCopy = new Map<string, OwedCopy[]>();
  #size = 0;
  /** Of the one that was noted last; it counts on. */
  last = 0;
  /** One that is on the disk is none any more. */
  readonly #forgotten: (owed: OwedCopy) => void;

  constructor(forgotten: (owed: OwedCopy) => void) {
    this.#forgotten = forgotten;
  }

  owe(message: UpstreamMessage, { slot }: Grant, copy: Omit<OwedCopy, 'number' | 'slot' | 'digest' | 'stored'>): void {
    this.add({ ...copy, number: ++this.last, slot, digest: digestOfMessage(message), stored: false });
  }

  add(owed: OwedCopy): void {
    const key = keyOf(owed.digest, owed.slot);
    const same = this.#byCopy.get(key);
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
    const key = keyOf(digestOfMessage(message), slot);
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

  /** Whether this message, by what it says and the filter that it names, is owed to a client. */
  isOwed(message: UpstreamMessage, slot: number, member: Member): boolean {
    const owed = this.#size === 0 ? undefined : this.#byCopy.get(keyOf(digestOfMessage(message), slot));
    return owed?.some((one) => one.member === member) ?? false;
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

  /** What is owed to a client. */
  of(member: Member): readonly OwedCopy[] {
    return this.#size === 0 ? [] : [...this.#byCopy.values()].flat().filter((owed) => owed.member === member);
  }

  #keepAll(isKept: (owed: OwedCopy) => boolean): void {
    for (const [key, all] of this.#byCopy) {
      this.#keep(key, all.filter(isKept));
    }
  }

  #keep(key: string, owed: OwedCopy[]): void {
    const before = this.#byCopy.get(key) ?? [];
    this.#size += owed.length - before.length;
    for (const one of before) {
      if (one.stored && !owed.includes(one)) {
        this.#forgotten(one);
      }
    }
    if (owed.length > 0) {
      this.#byCopy.set(key, owed);
    } else {
      this.#byCopy.delete(key);
    }
  }
}

/** Whether the client has one of the subscriptions still for which the message came. */
export function isWantedStill(owed: OwedCopy): boolean {
  return wantedBy(owed).length > 0;
}

/** Which of them, by their filters; a later one for the same filter is another. */
export function wantedBy({ member, grants }: OwedCopy): readonly string[] {
  return [...grants].flatMap(([filter, { slot, since }]) => {
    const grant = member.grants.get(filter);
    return grant?.slot === slot && grant.since === since ? [filter] : [];
  });
}

function keyOf({ topic, octets, hash, check }: MessageDigest, slot: number): string {
  return `${slot} ${octets} ${hash} ${check} ${topic}`;
}
