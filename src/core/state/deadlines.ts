/**
 * Every wait of the core has a name and an owner here. A binary heap: setting and clearing cost O(log n), however many clients sleep.
 * Of deadlines that are due at the same moment the one that was set first comes first. An owner has at most one deadline of each name; setting it again moves it.
 */

import type { Millis } from '../contract/link.ts';

/** After a defect of ours, what is no session's, or waits for its turn, is tried again: a connection, an advertisement, a slow medium. */
export const AFTER_DEFECT: Millis = 1_000;

/** Why the core wants to be woken. */
export type TimerName =
  | 'will' // WILLTOPICREQ or WILLMSGREQ is unanswered (C-7)
  | 'connect' // CONNECT is held for the broker's answer (3.5, 3.6)
  | 'keep-alive' // nothing heard of an active client (K-3, T-06)
  | 'sleep' // nothing heard of a sleeper (SL-3)
  | 'awake' // the awake period is as long as it may be (SL-15)
  | 'delivery' // REGISTER, PUBLISH or PUBREL to the client is unanswered (T-r4)
  | 'release' // a client has PUBREC and does not say PUBREL (T-18)
  | 'reconnect' // pause before the next attempt to reach the broker (3.5)
  | 'probe' // a suspected packet is out alone (I-42), or the first one may go out (I-70)
  | 'verdict' // whether the own connection falls as well, after a break on a suspected packet (I-42)
  | 'trial' // the broker has not answered what was asked behind a publish with QoS −1 (I-72)
  | 'operator' // a publish of the operator is unanswered (I-104)
  | 'grace' // how long an active client is kept without a broker (3.5)
  | 'farewell' // a changed will is on its way to the broker (T-24)
  | 'expiry' // the session of a client that is gone is kept no longer (S-7)
  | 'advertise' // T_ADV (D-3)
  | 'rest' // what clients may repeat may be let go (resting.ts)
  | 'settled' // the broker is back: whoever waits for it gets its turn (3.5 item 1)
  | 'line'; // a slow medium is free for another publish (transports.ts)

/** What a session may wait for. */
export type SessionTimer = Exclude<TimerName, 'trial' | 'operator' | 'advertise' | 'rest' | 'settled' | 'line'>;

/** Whoever waits, and for what. */
export interface DeadlineOwner<Name extends TimerName = TimerName> {
  readonly timers: Timers<Name>;
}

/** The deadlines of one owner, by name. */
export interface Timers<Name extends TimerName> {
  readonly size: number;
  get(name: Name): Deadline | undefined;
  has(name: Name): boolean;
  set(name: Name, deadline: Deadline): unknown;
  delete(name: Name): boolean;
  values(): Iterable<Deadline>;
}

/** One entry of the table; `position` is its place in the heap. */
export interface Deadline<Owner extends DeadlineOwner = DeadlineOwner> {
  at: Millis;
  /** Grows with each setting: the order of those that are due at the same moment. */
  order: number;
  position: number;
  readonly name: TimerName;
  readonly owner: Owner;
}

export class Deadlines<Owner extends DeadlineOwner = DeadlineOwner> {
  readonly #heap: Deadline<Owner>[] = [];
  #order = 0;

  /** When the next deadline is due; undefined where nobody waits. */
  get next(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  /** Waits until `at`; replaces the owner's deadline of that name. */
  set<Name extends TimerName>(owner: Owner & DeadlineOwner<Name>, name: Name, at: Millis): void {
    const position = owner.timers.get(name)?.position;
    const known = position === undefined ? undefined : this.#heap[position];
    if (known) {
      known.at = at;
      known.order = this.#order++;
      this.#settle(known);
      return;
    }
    const deadline: Deadline<Owner> = { at, order: this.#order++, position: this.#heap.length, name, owner };
    owner.timers.set(name, deadline);
    this.#heap.push(deadline);
    this.#settle(deadline);
  }

  /** Waits no longer; harmless where nothing was set. */
  clear<Name extends TimerName>(owner: DeadlineOwner<Name>, name: Name): void {
    const deadline = owner.timers.get(name);
    if (deadline) {
      this.#remove(deadline);
    }
  }

  /** Ends every wait of an owner. */
  clearAll(owner: DeadlineOwner): void {
    for (const deadline of owner.timers.values()) {
      this.#remove(deadline);
    }
  }

  /** Ends every wait of a session that its client can end: what a broken connection has shown is shown, whatever the client does (I-42). */
  clearOfClient(owner: DeadlineOwner): void {
    for (const deadline of owner.timers.values()) {
      if (deadline.name !== 'verdict') {
        this.#remove(deadline);
      }
    }
  }

  /** Takes out one deadline that is due at `now`; undefined where none is left. */
  takeDue(now: Millis): Deadline<Owner> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) {
      return undefined;
    }
    this.#remove(first);
    return first;
  }

  /** One that was taken out waits again. */
  putBack(deadline: Deadline<Owner>, at: Millis): void {
    deadline.owner.timers.set(deadline.name, deadline);
    deadline.at = at;
    deadline.order = this.#order++;
    deadline.position = this.#heap.length;
    this.#heap.push(deadline);
    this.#settle(deadline);
  }

  #remove(deadline: Deadline): void {
    deadline.owner.timers.delete(deadline.name);
    const last = this.#heap.pop();
    if (last === undefined || last === deadline) {
      return;
    }
    last.position = deadline.position;
    this.#heap[last.position] = last;
    this.#settle(last);
  }

  #settle(deadline: Pick<Deadline, 'position'>): void {
    let at = deadline.position;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#sooner(at, parent)) {
        break;
      }
      this.#swap(at, parent);
      at = parent;
    }
    for (;;) {
      let soonest = at;
      if (this.#sooner(2 * at + 1, soonest)) {
        soonest = 2 * at + 1;
      }
      if (this.#sooner(2 * at + 2, soonest)) {
        soonest = 2 * at + 2;
      }
      if (soonest === at) {
        return;
      }
      this.#swap(at, soonest);
      at = soonest;
    }
  }

  #sooner(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) {
      return false;
    }
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) {
      return;
    }
    this.#heap[a] = second;
    this.#heap[b] = first;
    first.position = b;
    second.position = a;
  }
}
