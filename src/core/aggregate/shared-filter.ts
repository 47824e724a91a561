/** A filter for which the shared connection has, or wants, one subscription, however many clients have it (3.7 item 1). */

import type { Qos } from '../../codec/message.ts';
import { SmallMap, type SmallSet } from '../state/small-map.ts';
import type { Member } from './member.ts';

/** SUBSCRIBEs for one filter that can be told apart by their identifiers. */
const GENERATIONS = 64;

/** The highest Subscription Identifier is 268,435,455. */
export const SLOTS = 268_435_455 / GENERATIONS - 1;

/** A client waits for SUBACK. */
export interface Newcomer {
  readonly member: Member;
  /** Of the session, when it asked. */
  readonly connection: number;
  readonly packetId: number;
  readonly asked: Qos;
  /** It has the subscription, and has had what was retained. */
  readonly again: boolean;
}

/** A SUBSCRIBE that is out. */
export interface FilterRequest {
  readonly packetId: number;
  readonly asked: Qos;
  readonly newcomers: readonly Newcomer[];
}

export class SharedFilter {
  /** As the broker knows it. */
  readonly filter: string;
  /** Names it in Subscription Identifiers. */
  readonly slot: number;
  /** Clients that have it, and the QoS that they have asked for. */
  readonly members = new SmallMap<Member, Qos>();
  /** Clients that wait for the next SUBSCRIBE. */
  newcomers: Newcomer[] = [];
  request: FilterRequest | undefined;
  /** The broker names no subscriptions, and has a wider one that stands for this one. */
  covered = false;
  /** As the broker has granted it on its session; undefined: it has not. */
  granted: Qos | undefined;
  /** As it was asked for last. */
  asked: Qos = 0;
  /** The SUBSCRIBE that was the last one. */
  generation = 0;
  /** Who asked with which of the last SUBSCRIBEs: what is retained and comes with its identifier is for them. */
  readonly askers = new SmallMap<number, SmallSet<Member>>();

  constructor(filter: string, slot: number) {
    this.filter = filter;
    this.slot = slot;
  }

  /** The Subscription Identifier of the last SUBSCRIBE. */
  get identifier(): number {
    return this.slot * GENERATIONS + this.generation;
  }

  /** The next SUBSCRIBE is for newcomers: what it brings is told from what others have brought. */
  nextGeneration(): void {
    this.generation = (this.generation + 1) % GENERATIONS;
    this.askers.delete(this.generation);
  }

  /** Nobody has it, and nobody waits for it. */
  get isUnused(): boolean {
    return this.members.size === 0 && this.newcomers.length === 0 && this.request === undefined;
  }

  /** The highest QoS that anybody has asked for. */
  get wanted(): Qos {
    let highest: Qos = 0;
    for (const asked of this.members.values()) {
      highest = asked > highest ? asked : highest;
    }
    for (const { asked } of this.newcomers) {
      highest = asked > highest ? asked : highest;
    }
    return highest;
  }
}

/** Which filter a Subscription Identifier names, and which SUBSCRIBE for it. */
export function readIdentifier(identifier: number): { readonly slot: number; readonly generation: number } {
  return { slot: Math.floor(identifier / GENERATIONS), generation: identifier % GENERATIONS };
}
