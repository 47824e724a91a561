/**
 * Numbers of filters in Subscription Identifiers (I-151). The broker may know of a SUBSCRIBE of which the disk does not, for nobody waits for the record of a
 * filter. So some thousands of numbers are written down before any of them is given: a later process goes on behind them, and none means two filters.
 */

import { SLOTS_KEY, type StoreWrite } from '../contract/stored-records.ts';
import type { RecordsByKind } from './records-by-kind.ts';
import { readIdentifier, SLOTS } from './subscription-identifier.ts';

/** So many are written down at a time, and the next ones when half of them are given. */
const AT_A_TIME = 4_096;

/** Owner of SUBSCRIBEs with numbers that this process has given, in the store and on the way to the broker; no client id has U+0000. */
export const SLOTS_OWNER = '\u0000slots';

export class Slots {
  #last = 0;
  /** Where this process has begun. */
  #first = 0;
  /** Further ones that are written down, or on their way to the disk. */
  #room = 0;

  /** What the store knows: this process goes on behind that. An older gateway has written the names of its filters alone. */
  restore(stored: RecordsByKind): void {
    this.#last = lastOf(stored);
    this.#first = this.#last;
  }

  /** This process has given it to a filter. */
  isGiven(slot: number): boolean {
    return slot !== this.#first && distance(this.#first, slot) <= distance(this.#first, this.#last);
  }

  /** One that nobody has; undefined: there is none. Behind the highest one comes 1. */
  next(taken: Pick<ReadonlyMap<number, unknown>, 'has' | 'size'>): number | undefined {
    if (taken.size >= SLOTS) {
      return undefined;
    }
    do {
      this.#last = behind(this.#last, 1);
      this.#room--;
    } while (taken.has(this.#last));
    return this.#last;
  }

  /** Writes down further ones where they are few. SUBSCRIBEs with them wait for that (`SLOTS_OWNER`). */
  reserve(): readonly StoreWrite[] {
    if (this.#room >= AT_A_TIME / 2) {
      return [];
    }
    this.#room = AT_A_TIME;
    return [{ key: SLOTS_KEY, record: { kind: 'slots', last: behind(this.#last, AT_A_TIME) } }];
  }
}

function lastOf(stored: RecordsByKind): number {
  const [slots] = stored.of('slots');
  if (slots) {
    return slots.last;
  }
  let last = 0;
  for (const { identifier } of stored.of('filter')) {
    last = Math.max(last, readIdentifier(identifier).slot);
  }
  return last === 0 ? 0 : behind(last, 2 * AT_A_TIME); // it is of an older gateway, or damaged: as many may have been given without a record
}

/** How many numbers further on. */
function distance(from: number, to: number): number {
  return (to - from + SLOTS) % SLOTS;
}

function behind(slot: number, many: number): number {
  return ((slot + many - 1) % SLOTS) + 1;
}
