/**
 * Who asked for a filter with which of the last SUBSCRIBEs: what is retained and comes with the identifier of one is for them (3.7 item 2). Most filters are those
 * of one client that asked once: it is in fields, and maps are made for more.
 */

import type { Qos } from '../../codec/message.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import { FilterState } from './filter-state.ts';
import type { Member } from './member.ts';

/** Who asked with a SUBSCRIBE, and for which QoS. */
export type Askers = SmallMap<Member, Qos>;

/** The same, to look at. */
export type AskersSeen = Pick<Askers, 'size' | 'get' | 'keys'>;

const NOBODY: AskersSeen = new SmallMap();

/** There is no such SUBSCRIBE. */
const NONE = -1;

export class AskedFilter extends FilterState {
  /** The only SUBSCRIBE that is known, and the only client that asked with it. */
  #generation = NONE;
  #asker: Member | undefined;
  #askerQos: Qos = 0;
  /** All of them, where they are more than that. */
  #all: SmallMap<number, Askers> | undefined;
  /** The same for those who get only what it brings with QoS 0 (I-141). */
  #ofQos0: SmallMap<number, SmallSet<Member>> | undefined;

  /** SUBSCRIBEs of which it is known who asked, the last one at the end. */
  get generations(): readonly number[] {
    if (this.#all !== undefined) {
      return [...this.#all.keys()];
    }
    return this.#generation === NONE ? [] : [this.#generation];
  }

  /** Who asked with that SUBSCRIBE; nobody where it is not known. */
  askersOf(generation: number): AskersSeen {
    if (this.#all !== undefined) {
      return this.#all.get(generation) ?? NOBODY;
    }
    return this.#asker === undefined || this.#generation !== generation ? NOBODY : this.#only;
  }

  addAsker(generation: number, member: Member, qos: Qos): void {
    this.#know(generation);
    if (this.#all === undefined && (this.#asker ?? member) === member) {
      this.#asker = member;
      this.#askerQos = qos;
    } else {
      this.#spread().get(generation)?.set(member, qos);
    }
  }

  /** With the SUBSCRIBE that is the last one from now on they have asked. */
  protected setAskers(generation: number, askers: Askers): void {
    this.forgetAskers(generation);
    this.takeAskersOfQos0(generation);
    this.#know(generation);
    for (const member of askers.keys()) {
      this.addAsker(generation, member, askers.get(member) ?? 0);
    }
  }

  /** It is not known any more who asked with that. */
  forgetAskers(generation: number): void {
    this.#all?.delete(generation);
    if (this.#all?.size === 0) {
      this.#all = undefined;
    }
    if (this.#generation === generation) {
      this.#generation = NONE;
      this.#asker = undefined;
    }
  }

  /** Who gets only what that SUBSCRIBE brings with QoS 0. */
  askersOfQos0(generation: number): Iterable<Member> {
    return this.#ofQos0?.get(generation) ?? [];
  }

  addAskerOfQos0(generation: number, member: Member): void {
    this.#know(generation); // they count by the SUBSCRIBEs that are known
    this.#ofQos0 ??= new SmallMap();
    this.#ofQos0.set(generation, (this.#ofQos0.get(generation) ?? new SmallSet()).add(member));
  }

  /** They are none any more. Who they were. */
  takeAskersOfQos0(generation: number): Iterable<Member> {
    const taken = this.askersOfQos0(generation);
    this.#ofQos0?.delete(generation);
    this.#ofQos0 = this.#ofQos0?.size === 0 ? undefined : this.#ofQos0;
    return taken;
  }

  /** A client has not asked with that SUBSCRIBE. */
  protected dropAsker(generation: number, member: Member): void {
    this.#all?.get(generation)?.delete(member);
    if (this.#generation === generation && this.#asker === member) {
      this.#asker = undefined;
    }
  }

  /** What is retained is not for this client any more, whoever asked for it. */
  forgetAsks(member: Member): void {
    for (const generation of this.generations) {
      this.dropAsker(generation, member);
    }
    for (const askers of this.#ofQos0?.values() ?? []) {
      askers.delete(member);
    }
  }

  get #only(): Askers {
    const only: Askers = new SmallMap();
    return this.#asker === undefined ? only : only.set(this.#asker, this.#askerQos);
  }

  /** From now on that SUBSCRIBE is one of those that are known. */
  #know(generation: number): void {
    if (this.#all === undefined && this.#generation === NONE) {
      this.#generation = generation;
    } else if (this.#generation !== generation && !this.#spread().has(generation)) {
      this.#spread().set(generation, new SmallMap());
    }
  }

  /** All of them as a map. */
  #spread(): SmallMap<number, Askers> {
    if (this.#all === undefined) {
      this.#all = new SmallMap();
      if (this.#generation !== NONE) {
        this.#all.set(this.#generation, this.#only);
      }
      this.#generation = NONE;
      this.#asker = undefined;
    }
    return this.#all;
  }
}
