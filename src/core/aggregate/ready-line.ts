/** Clients with publishes that have not gone out on the shared connection: one of each has its turn after the other. */

import type { Qos } from '../../codec/message.ts';
import { YoungSet } from '../topics/young-map.ts';
import type { Member } from './member.ts';

export class ReadyLine {
  readonly #ready = new YoungSet<Member>();
  /** Those whose first one has QoS 2, for which there was no room. */
  readonly #forQos2 = new YoungSet<Member>();
  /** Those who wait for the disk (I-38). */
  readonly #held = new Set<Member>();

  get size(): number {
    return this.#ready.size + this.#forQos2.size + this.#held.size;
  }

  /** All of them. */
  get members(): readonly Member[] {
    return [...this.#ready, ...this.#forQos2, ...this.#held];
  }

  /** It has something to send. */
  add(member: Member): void {
    if (!this.#held.has(member)) {
      this.#ready.add(member);
    }
  }

  /** It has nothing to send any more, or its turn has come. */
  delete(member: Member): void {
    this.#ready.delete(member);
    this.#forQos2.delete(member);
    this.#held.delete(member);
  }

  /** Whose turn it is, of those who have something for which there is room, and do not wait for the disk; undefined: nobody's. It is out of the line then. */
  take(hasRoom: (qos: Qos) => boolean, isHeld: (member: Member) => boolean): Member | undefined {
    const member = this.#next(hasRoom, isHeld);
    if (member) {
      this.delete(member);
    }
    return member;
  }

  #next(hasRoom: (qos: Qos) => boolean, isHeld: (member: Member) => boolean): Member | undefined {
    for (const waiting of hasRoom(2) ? this.#forQos2 : []) {
      if (!isHeld(waiting)) {
        return waiting;
      }
      this.#forQos2.delete(waiting);
      this.#held.add(waiting);
    }
    for (const member of hasRoom(1) ? this.#ready : []) {
      const waits = isHeld(member);
      if (!waits && hasRoom(member.unsent[0]?.qos ?? 0)) {
        return member;
      }
      this.#ready.delete(member);
      (waits ? this.#held : this.#forQos2).add(member);
    }
    return undefined;
  }

  /** It waits for the disk no longer. */
  released(member: Member): void {
    if (this.#held.delete(member)) {
      this.#ready.add(member);
    }
  }

  /** The connection broke: there is room for QoS 2 on the next one. */
  begin(): void {
    for (const member of this.#forQos2) {
      this.#ready.add(member);
    }
    this.#forQos2.clear();
  }
}
