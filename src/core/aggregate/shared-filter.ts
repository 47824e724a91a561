/** A filter for which the shared connection has, or wants, one subscription, however many clients have it (3.7 item 1). */

import type { Qos } from '../../codec/message.ts';
import { SmallMap, SmallSet } from '../topics/small-map.ts';
import { AskedFilter, type Askers } from './asked-filter.ts';
import type { Member, Newcomer } from './member.ts';
import { GENERATIONS, identifierOf } from './subscription-identifier.ts';

/** A SUBSCRIBE that is out. */
export interface FilterRequest {
  readonly packetId: number;
  readonly newcomers: readonly Newcomer[];
  /** The broker may have had it on its session before. */
  readonly isThere: boolean;
}

/** What is retained, on its way with this QoS at least; SUBACK for it came as the how many-th (SharedLink.grants). */
export interface Echo {
  readonly qos: Qos;
  readonly grants: number;
}

/** A SUBSCRIBE whose copies may still be on their way (unproven-copies.ts). */
export interface Unproven {
  /** Its SUBACK (SharedLink.grants); 0: that of an earlier process, Infinity: it has not come. */
  readonly grants: number;
  /** It is known to have been granted with QoS 1 or 2: what comes with that is kept in the broker's session. */
  readonly isKept: boolean;
  /** What came with QoS 0 has been asked for once more (I-141). */
  readonly isAsked: boolean;
}

type AllUnproven = SmallMap<number, Unproven>;

const NOTHING_UNPROVEN: AllUnproven = new SmallMap();

/** Clients that wait for the next SUBSCRIBE. */
interface Newcomers {
  readonly all: SmallSet<Newcomer>;
  /** How many of them ask for QoS 1, and for QoS 2. */
  qos1: number;
  qos2: number;
  /** How many of them are to get what is retained. */
  news: number;
}

function newNewcomers(): Newcomers {
  return { all: new SmallSet(), qos1: 0, qos2: 0, news: 0 };
}

function countNew(newcomers: Newcomers, { again, asked }: Newcomer, change: 1 | -1): void {
  newcomers.news += again ? 0 : change;
  newcomers.qos1 += asked === 1 ? change : 0;
  newcomers.qos2 += asked === 2 ? change : 0;
}

/** Nothing is ever put in. */
const NOBODY_NEW = newNewcomers();

/** Of a filter that the broker has not granted on its session. */
export const NOT_GRANTED = -1;

export class SharedFilter extends AskedFilter {
  /** As the broker knows it. */
  readonly filter: string;
  /** Names it in Subscription Identifiers. */
  readonly slot: number;
  readonly #members = new SmallMap<Member, Qos>();
  /** How many have asked for QoS 1, and for QoS 2. */
  #qos1 = 0;
  #qos2 = 0;
  #newcomers: Newcomers | undefined;
  request: FilterRequest | undefined;
  /** Of SUBSCRIBEs that were for nobody new (echoes.ts). */
  echo: Echo | undefined;
  /** The SUBACK that granted it first on the broker's session (SharedLink.grants); 0: that of an earlier process. */
  grantedAs = NOT_GRANTED;
  /** The SUBSCRIBE for newcomers that was the last one, or with another name; it counts on. */
  serial = 0;
  /** The first one since the session is in doubt (SharedLink.doubt). */
  renewed: { readonly epoch: number; readonly serial: number } | undefined;
  #unproven: AllUnproven | undefined;

  constructor(filter: string, slot: number, isNamedAnew = true) {
    super();
    this.filter = filter;
    this.slot = slot;
    this.isNamedAnew = isNamedAnew;
  }

  /** Clients that have it, and the QoS that they have asked for. */
  get members(): Pick<SmallMap<Member, Qos>, 'size' | 'has' | 'get' | 'keys'> {
    return this.#members;
  }

  /** Clients that wait for the next SUBSCRIBE. */
  get newcomers(): Pick<SmallSet<Newcomer>, 'size' | 'keys'> {
    return this.#newcomers?.all ?? NOBODY_NEW.all;
  }

  /** Somebody who waits is to get what is retained. */
  get hasNews(): boolean {
    return (this.#newcomers?.news ?? 0) > 0;
  }

  /** The client has it from now on; of a shared subscription it is the last one whose turn it is. */
  join(member: Member, asked: Qos): void {
    this.leave(member);
    this.#members.set(member, asked);
    this.#qos1 += asked === 1 ? 1 : 0;
    this.#qos2 += asked === 2 ? 1 : 0;
  }

  leave(member: Member): void {
    const asked = this.#members.get(member);
    this.#members.delete(member);
    this.#qos1 -= asked === 1 ? 1 : 0;
    this.#qos2 -= asked === 2 ? 1 : 0;
  }

  wait(newcomer: Newcomer): void {
    this.#newcomers ??= newNewcomers();
    if (!this.#newcomers.all.has(newcomer)) {
      this.#newcomers.all.add(newcomer);
      countNew(this.#newcomers, newcomer, 1);
    }
  }

  waitNoMore(newcomer: Newcomer): void {
    if (this.#newcomers?.all.delete(newcomer)) {
      countNew(this.#newcomers, newcomer, -1);
    }
    this.#newcomers = this.#newcomers?.all.size === 0 ? undefined : this.#newcomers;
  }

  takeNewcomers(): readonly Newcomer[] {
    const all = [...this.newcomers.keys()];
    this.#newcomers = undefined;
    return all;
  }

  /** Of the last SUBSCRIBEs those whose copies may still be on their way. */
  get unproven(): Pick<AllUnproven, 'size' | 'has' | 'get' | 'keys'> {
    return this.#unproven ?? NOTHING_UNPROVEN;
  }

  /** What one of them brings may still be on its way. */
  awaitCopies(generation: number, unproven: Unproven): void {
    this.#unproven ??= new SmallMap();
    this.#unproven.set(generation, unproven);
  }

  /** It has come, or never will. */
  awaitNoCopies(generation: number): void {
    this.#unproven?.delete(generation);
    this.#unproven = this.#unproven?.size === 0 ? undefined : this.#unproven;
  }

  /** The Subscription Identifier of the last SUBSCRIBE. */
  get identifier(): number {
    return identifierOf(this);
  }

  /** What tells the last SUBSCRIBE for newcomers from others. */
  get generation(): number {
    return this.serial % GENERATIONS;
  }

  /** The next SUBSCRIBE is for newcomers: what it brings is told from what others have brought. `ofQos0`: those who get only what comes with QoS 0. */
  nextGeneration(askers: Askers, ofQos0: Iterable<Member> = []): void {
    this.serial++;
    const { generation } = this;
    this.setAskers(generation, askers);
    for (const member of ofQos0) {
      this.addAskerOfQos0(generation, member);
    }
    this.awaitCopies(generation, { grants: Number.POSITIVE_INFINITY, isKept: false, isAsked: false });
  }

  /** The next SUBSCRIBE is for nobody new, and what comes for it is to be told from what came before. */
  nextName(): void {
    this.serial++;
    this.forgetAskers(this.generation);
    this.takeAskersOfQos0(this.generation);
    this.awaitNoCopies(this.generation);
  }

  /** Which of them a message names: one of the last 64. */
  serialOf(generation: number): number {
    return this.serial - ((this.serial + GENERATIONS - generation) % GENERATIONS);
  }

  /** A client that asked with the last SUBSCRIBE has not got it. */
  forgetAsker(member: Member): void {
    if (!this.#members.has(member)) {
      this.dropAsker(this.generation, member);
    }
  }

  /** The broker has it on its session, or may have it (I-52); not where it is asked for it, and had lost it. */
  get mayBeThere(): boolean {
    return this.granted !== undefined || (this.request?.isThere ?? this.atBroker);
  }

  /** Nobody has it, and nobody waits for it. */
  get isUnused(): boolean {
    return this.#members.size === 0 && this.newcomers.size === 0 && this.request === undefined;
  }

  /** I-140: whether it can stand for one that needs this QoS. One that is to be asked for more is judged with its SUBACK. */
  brings(needed: Qos): boolean {
    return this.granted !== undefined && (this.granted >= needed || this.asked < needed);
  }

  /** The highest QoS in which its clients have been granted messages. */
  get needed(): Qos {
    const { covered, coverNeeds, granted = 0, wanted } = this;
    return covered ? coverNeeds : (Math.min(granted, wanted) as Qos);
  }

  /** The highest QoS that anybody has asked for. */
  get wanted(): Qos {
    const { qos1, qos2 } = this.#newcomers ?? NOBODY_NEW;
    if (this.#qos2 + qos2 > 0) {
      return 2;
    }
    return this.#qos1 + qos1 > 0 ? 1 : 0;
  }
}
