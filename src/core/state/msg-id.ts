/** Message ids of MQTT-SN and packet ids of MQTT: two unrelated spaces (1.5, 3.3), both 1…0xFFFF, never 0. */

import type { Folding, Unfolding } from '../topics/fold.ts';

const LAST = 0xffff;
/** Packet ids from here to the last one are for wills with QoS 2 alone (I-14): of one that an earlier process has not finished the store knows nothing. */
export const WILL_IDS = 0xff00;
/** Ids that are between the next one and one to keep away from, at least. */
const AWAY = 16_384;
/** Ids that are reserved at a time. */
const BLOCK = 1024;

/** The ids that are in use. */
export interface IdsInUse {
  has(id: number): boolean;
}

/** How many ids come behind `from`, until `to`: behind the last one comes 1 again. */
export function idsBetween(from: number, to: number): number {
  return (to - from + LAST) % LAST;
}

/** The id so many behind `from`. */
export function idBehind(from: number, many: number): number {
  return ((from - 1 + many) % LAST) + 1;
}

/** Ids in turn. */
export class IdSequence {
  #last = 0;

  /** The one that was given last; 0: none. */
  get last(): number {
    return this.#last;
  }

  /** Begins somewhere in the whole space, so that what is left of an earlier sequence fits nothing new. `random`: 0 ≤ random() < 1. */
  startAnywhere(random: () => number): void {
    this.startBehind(Math.floor(random() * LAST));
  }

  /** Begins elsewhere where this one would come among the next 16,384: whoever remembers it would take something else for it. */
  keepAwayFrom(id: number): void {
    const ahead = idsBetween(this.#last, id);
    if (ahead > 0 && ahead <= AWAY) {
      this.#last = idBehind(id, (LAST - 1) / 2);
    }
  }

  /** Goes on behind this one. */
  startBehind(id: number): void {
    this.#last = id;
  }

  /** The next id that is not in use; undefined where all 65,535 are. G-7. */
  next(inUse: IdsInUse): number | undefined {
    for (let tried = 0; tried < LAST; tried++) {
      this.#last = this.#last >= LAST ? 1 : this.#last + 1;
      if (!inUse.has(this.#last)) {
        return this.#last;
      }
    }
    return undefined;
  }
}

/** The same, reserved in blocks, so that the store hears of one in a thousand, and after a restart none comes that was given before (I-55). */
export class ReservedIds extends IdSequence {
  /** The end of the block that was reserved last; undefined: none. */
  #reserved: number | undefined;
  /** The last one was given from it. */
  #isCurrent = false;

  get reserved(): number | undefined {
    return this.#reserved;
  }

  override startBehind(id: number): void {
    super.startBehind(id);
    this.#reserved = undefined;
    this.#isCurrent = false;
  }

  /** Writes where it is. */
  fold(folding: Folding): void {
    const isFresh = this.last === 0 && this.#reserved === undefined && !this.#isCurrent;
    folding.list(isFresh ? [] : [this.last, this.#reserved, this.#isCurrent]);
  }

  /** It is where it was. */
  unfold(unfolding: Unfolding): void {
    const [last = 0, reserved, isCurrent = false] = unfolding.list();
    super.startBehind(last as number);
    this.#reserved = reserved as number | undefined;
    this.#isCurrent = isCurrent as boolean;
  }

  /** Goes on behind what was reserved before a restart, with a block between: a reservation that nobody waited for may be lost with the power. */
  startBehindReserved(end: number): void {
    this.startBehind(idBehind(end, BLOCK));
    this.#reserved = end;
  }

  /** Reserves a block from the last id on, where that one is not reserved. True: it has, and the store is to know. */
  reserve(): boolean {
    if (this.#isCurrent && this.#reserved !== undefined && idsBetween(this.last, this.#reserved) < BLOCK) {
      return false;
    }
    this.#reserved = idBehind(this.last, BLOCK - 1);
    this.#isCurrent = true;
    return true;
  }
}
