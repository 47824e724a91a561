import type { ReceiveMark } from '../ports/association-store.ts';
import { MARK, writeMark } from './association-slot.ts';

/** A receive mark, and what the slot that it belongs to says of itself. */
export interface SlotMark {
  readonly received: ReceiveMark;
  readonly seed: number;
}

/** The receive marks of all slots, as they are written. */
export class MarkImage {
  #octets: Buffer;

  /** `octets`: those that there are. */
  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get octets(): Buffer {
    return this.#octets;
  }

  /** `now`: as `Date.now()`. */
  draw(slot: number, { received, seed }: SlotMark, now: number): void {
    if (this.#octets.length < (slot + 1) * MARK) {
      const larger = Buffer.alloc(2 * (slot + 1) * MARK);
      this.#octets.copy(larger);
      this.#octets = larger;
    }
    writeMark(this.#octets, slot * MARK, received, now, seed);
  }

  /** Some of them; the first and the last slot, with what is between them. */
  drawAll(marks: ReadonlyMap<number, SlotMark>, now: number): { readonly first: number; readonly last: number } {
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (const [slot, mark] of marks) {
      first = Math.min(first, slot);
      last = Math.max(last, slot);
      this.draw(slot, mark, now);
    }
    return { first, last };
  }
}
