/**
 * Every wait of the core has a name and an owner here. A binary heap: setting and clearing cost O(log n), however many clients sleep.
 * Of deadlines that are due at the same moment the one that was set first comes first. An owner has at most one deadline of each name; setting it again moves it.
 *
 * A deadline is a number, a row of columns: as an object it would take three times as much memory, and each sleeper has one. Room that was needed once is kept.
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

/** The deadlines of an owner: the first of them, which leads to the others (deadlines.ts alone knows the way). */
export type Waits<Name extends TimerName> = number & { readonly names?: Name };

/** Of an owner that waits for nothing. */
export const NO_WAITS = -1 as number as Waits<never>;

/** Whoever waits, and for what. */
export interface DeadlineOwner<Name extends TimerName = TimerName> {
  waits: Waits<Name>;
}

/** A wait that is over. */
export interface Due<Owner> {
  readonly at: Millis;
  readonly name: TimerName;
  readonly owner: Owner;
}

/** Rows that there is room for at first. */
const FEW = 64;

export class Deadlines<Owner extends DeadlineOwner = DeadlineOwner> {
  /** By row. */
  #at = new Float64Array(FEW);
  /** Grows with each setting: the order of those that are due at the same moment. */
  #order = new Float64Array(FEW);
  /** The place in the heap. */
  #place = new Int32Array(FEW);
  /** The next row of the same owner; of a row that is free the next free one. */
  #next = new Int32Array(FEW);
  readonly #names: TimerName[] = [];
  readonly #owners: (Owner | undefined)[] = [];
  #firstFree = NO_WAITS as number;
  /** Rows, the one that is due first in front. */
  #heap = new Int32Array(FEW);
  #size = 0;
  #lastOrder = 0;

  /** When the next deadline is due; undefined where nobody waits. */
  get next(): Millis | undefined {
    return this.#size === 0 ? undefined : this.#at[this.#rowAt(0)];
  }

  /** Waits until `at`; replaces the owner's deadline of that name. */
  set<Name extends TimerName>(owner: Owner & DeadlineOwner<Name>, name: NoInfer<Name>, at: Millis): void {
    const known = this.#find(owner, name);
    const row = known === NO_WAITS ? this.#add(owner, name) : known;
    this.#at[row] = at;
    this.#order[row] = this.#lastOrder++;
    this.#settle(this.#placeOf(row));
  }

  /** When that deadline of the owner is due; undefined: it does not wait for that. */
  get<Name extends TimerName>(owner: DeadlineOwner<Name>, name: NoInfer<Name>): Millis | undefined {
    const row = this.#find(owner, name);
    return row === NO_WAITS ? undefined : this.#at[row];
  }

  /** Whether the owner waits for that. */
  has<Name extends TimerName>(owner: DeadlineOwner<Name>, name: NoInfer<Name>): boolean {
    return this.#find(owner, name) !== NO_WAITS;
  }

  /** Waits no longer; harmless where nothing was set. */
  clear<Name extends TimerName>(owner: DeadlineOwner<Name>, name: NoInfer<Name>): void {
    const row = this.#find(owner, name);
    if (row !== NO_WAITS) {
      this.#remove(owner, row);
    }
  }

  /** Ends every wait of an owner. */
  clearAll(owner: DeadlineOwner): void {
    while (owner.waits !== NO_WAITS) {
      this.#remove(owner, owner.waits);
    }
  }

  /** Ends every wait of a session that its client can end: what a broken connection has shown is shown, whatever the client does (I-42). */
  clearOfClient(owner: DeadlineOwner<SessionTimer>): void {
    for (let row: number = owner.waits; row !== NO_WAITS; ) {
      const next = this.#after(row);
      if (this.#names[row] !== 'verdict') {
        this.#remove(owner, row);
      }
      row = next;
    }
  }

  /** Takes out one deadline that is due at `now`; undefined where none is left. */
  takeDue(now: Millis): Due<Owner> | undefined {
    const { next: at } = this;
    if (at === undefined || at > now) {
      return undefined;
    }
    const row = this.#rowAt(0);
    const [owner, name] = [this.#owners[row], this.#names[row]];
    if (owner === undefined || name === undefined) {
      return undefined;
    }
    this.#remove(owner, row);
    return { at, name, owner };
  }

  /** One that was taken out waits again. */
  putBack({ owner, name }: Due<Owner>, at: Millis): void {
    this.set<TimerName>(owner, name, at);
  }

  /** The row of that name; `NO_WAITS`: there is none. */
  #find(owner: DeadlineOwner, name: TimerName): number {
    let row: number = owner.waits;
    while (row !== NO_WAITS && this.#names[row] !== name) {
      row = this.#after(row);
    }
    return row;
  }

  /** A row for that, at the end of the heap. */
  #add(owner: Owner, name: TimerName): number {
    const row = this.#firstFree === NO_WAITS ? this.#owners.length : this.#firstFree;
    if (row === this.#at.length) {
      this.#makeRoom(2 * row);
    } else if (row < this.#owners.length) {
      this.#firstFree = this.#after(row);
    }
    this.#owners[row] = owner;
    this.#names[row] = name;
    this.#next[row] = owner.waits;
    owner.waits = row;
    this.#put(row, this.#size++);
    return row;
  }

  #makeRoom(rows: number): void {
    this.#at = copied(this.#at, new Float64Array(rows));
    this.#order = copied(this.#order, new Float64Array(rows));
    this.#place = copied(this.#place, new Int32Array(rows));
    this.#next = copied(this.#next, new Int32Array(rows));
    this.#heap = copied(this.#heap, new Int32Array(rows));
  }

  #remove(owner: DeadlineOwner, row: number): void {
    this.#unlink(owner, row);
    this.#owners[row] = undefined;
    this.#next[row] = this.#firstFree;
    this.#firstFree = row;
    const place = this.#placeOf(row);
    const last = this.#rowAt(--this.#size);
    if (last !== row) {
      this.#put(last, place);
      this.#settle(place);
    }
  }

  #unlink(owner: DeadlineOwner, row: number): void {
    const after = this.#after(row);
    if (owner.waits === row) {
      owner.waits = after;
      return;
    }
    let before: number = owner.waits;
    while (this.#after(before) !== row) {
      before = this.#after(before);
    }
    this.#next[before] = after;
  }

  #settle(place: number): void {
    let at = place;
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
    if (a >= this.#size) {
      return false;
    }
    const first = this.#rowAt(a);
    const second = this.#rowAt(b);
    const atFirst = this.#at[first] ?? 0;
    const atSecond = this.#at[second] ?? 0;
    return atFirst < atSecond || (atFirst === atSecond && (this.#order[first] ?? 0) < (this.#order[second] ?? 0));
  }

  #swap(a: number, b: number): void {
    const row = this.#rowAt(a);
    this.#put(this.#rowAt(b), a);
    this.#put(row, b);
  }

  #put(row: number, place: number): void {
    this.#heap[place] = row;
    this.#place[row] = place;
  }

  #rowAt(place: number): number {
    return this.#heap[place] ?? NO_WAITS;
  }

  #placeOf(row: number): number {
    return this.#place[row] ?? 0;
  }

  #after(row: number): number {
    return this.#next[row] ?? NO_WAITS;
  }
}

function copied<Column extends Float64Array | Int32Array>(column: Column, wider: Column): Column {
  wider.set(column);
  return wider;
}
