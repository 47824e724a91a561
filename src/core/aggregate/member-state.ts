/** What a client of the shared connection is. A hundred thousand of them sleep, so it takes as little room as it can. */

import type { Millis } from '../contract/link.ts';
import type { Bridge } from './bridge.ts';
import type { Collected } from './collected.ts';

/** A session with a connection of its own, of which something is left on the shared one: most have nothing of this. */
interface Crossing {
  ownConnection: number;
  ownSince: Millis | undefined;
  bridge: Bridge | undefined;
  collected: Collected | undefined;
}

const NOTHING: Crossing = { ownConnection: 0, ownSince: undefined, bridge: undefined, collected: undefined };

/** Bits of `MemberState.#is`: a field for each would take as much room as all of them for a hundred thousand clients that sleep. */
const CLEAN = 1;
const HAS_WILL = 2;
const BESIDE = 4;
const KNOWN = 8;

export class MemberState {
  #is = CLEAN;
  #crossing: Crossing | undefined;

  /** The session ends with its connection. */
  get clean(): boolean {
    return (this.#is & CLEAN) !== 0;
  }

  set clean(clean: boolean) {
    this.#set(CLEAN, clean);
  }

  /** The session is in the store though it is clean, for it has a will (3.7 item 5): after a restart it goes on. */
  get hasWill(): boolean {
    return (this.#is & HAS_WILL) !== 0;
  }

  set hasWill(hasWill: boolean) {
    this.#set(HAS_WILL, hasWill);
  }

  /** Its session has a connection of its own: what is here is left of the shared one (beside.ts). */
  get isBeside(): boolean {
    return (this.#is & BESIDE) !== 0;
  }

  set isBeside(isBeside: boolean) {
    this.#set(BESIDE, isBeside);
  }

  /** There is a session of it. */
  get isKnown(): boolean {
    return (this.#is & KNOWN) !== 0;
  }

  set isKnown(isKnown: boolean) {
    this.#set(KNOWN, isKnown);
  }

  #set(bit: number, isSet: boolean): void {
    this.#is = isSet ? this.#is | bit : this.#is & ~bit;
  }

  /** Number of the connection of its own; 0: none. */
  get ownConnection(): number {
    return this.#crossing?.ownConnection ?? 0;
  }

  /** Since when the session that the broker has for that one has collected all that came here (I-158); undefined: it has not. */
  get ownSince(): Millis | undefined {
    return this.#crossing?.ownSince;
  }

  /** What comes on the shared connection is for it still, though it has one of its own (I-159); undefined: it is not. */
  get bridge(): Bridge | undefined {
    return this.#crossing?.bridge;
  }

  /** What the broker has for it on its own connection as well, and it has had here (I-158); undefined: nothing. */
  get collected(): Collected | undefined {
    return this.#crossing?.collected;
  }

  /** Changes one or some of the four above. */
  cross(change: Partial<Crossing>): void {
    const crossing = { ...NOTHING, ...this.#crossing, ...change };
    const { ownConnection, ownSince, bridge, collected } = crossing;
    const isNothing = ownConnection === 0 && ownSince === undefined && bridge === undefined && collected === undefined;
    this.#crossing = isNothing ? undefined : crossing;
  }
}
