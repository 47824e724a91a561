/** What a filter of the shared connection is. There are a hundred thousand of them where each client has one of its own, so it takes as little room as it can. */

import type { Qos } from '../../codec/message.ts';

/** Bits of `FilterState.#is`, and where the two bits of each QoS are: a field for each would take eight times as much room. */
const COVERED = 1;
const NESTS_AGAIN = 2;
const AT_BROKER = 4;
const NAMED_ANEW = 8;
const COVER_NEEDS = 4;
const COVER_QOS = 6;
const ASKED = 8;
const GRANTED = 10;
const LEFT = 1 << 12;

/** In the place of a QoS: the broker has not granted it. */
const NONE = 3;

export class FilterState {
  #is = NONE << GRANTED;

  /** The broker names no subscriptions, and has a wider one that stands for this one. */
  get covered(): boolean {
    return this.#has(COVERED);
  }

  set covered(covered: boolean) {
    this.#set(COVERED, covered);
  }

  /** When nothing is out for it any more it is looked for filters that it covers, or one that covers it. */
  get nestsAgain(): boolean {
    return this.#has(NESTS_AGAIN);
  }

  set nestsAgain(nestsAgain: boolean) {
    this.#set(NESTS_AGAIN, nestsAgain);
  }

  /** SUBSCRIBE has gone out on the broker's session: it may have it. */
  get atBroker(): boolean {
    return this.#has(AT_BROKER);
  }

  set atBroker(atBroker: boolean) {
    this.#set(AT_BROKER, atBroker);
  }

  /** This process has given it its name. */
  get isNamedAnew(): boolean {
    return this.#has(NAMED_ANEW);
  }

  protected set isNamedAnew(isNamedAnew: boolean) {
    this.#set(NAMED_ANEW, isNamedAnew);
  }

  /** A client that outlives the process has left it, or has less of it, and has others: which copy of a message is for that client its records tell (I-168). */
  get isLeft(): boolean {
    return this.#has(LEFT);
  }

  set isLeft(isLeft: boolean) {
    this.#set(LEFT, isLeft);
  }

  /** The QoS in which messages have to come for its clients, where another one stands for it (I-140). */
  get coverNeeds(): Qos {
    return this.#qos(COVER_NEEDS) as Qos;
  }

  set coverNeeds(qos: Qos) {
    this.#setQos(COVER_NEEDS, qos);
  }

  /** The highest QoS of those that it has stood for. */
  get coverQos(): Qos {
    return this.#qos(COVER_QOS) as Qos;
  }

  set coverQos(qos: Qos) {
    this.#setQos(COVER_QOS, qos);
  }

  /** As it was asked for last. */
  get asked(): Qos {
    return this.#qos(ASKED) as Qos;
  }

  set asked(qos: Qos) {
    this.#setQos(ASKED, qos);
  }

  /** As the broker has granted it on its session; undefined: it has not. */
  get granted(): Qos | undefined {
    const qos = this.#qos(GRANTED);
    return qos === NONE ? undefined : (qos as Qos);
  }

  set granted(qos: Qos | undefined) {
    this.#setQos(GRANTED, qos ?? NONE);
  }

  #has(bit: number): boolean {
    return (this.#is & bit) !== 0;
  }

  #set(bit: number, isSet: boolean): void {
    this.#is = isSet ? this.#is | bit : this.#is & ~bit;
  }

  #qos(at: number): number {
    return (this.#is >> at) & 3;
  }

  #setQos(at: number, qos: number): void {
    this.#is = (this.#is & ~(3 << at)) | (qos << at);
  }
}
