import type { ReceiveMark } from '../ports/association-store.ts';
import { MARK, writeMark } from './association-slot.ts';

/** A receive mark, and what the slot that it belongs to says of itself. */
export interface SlotMark {
  readonly received: ReceiveMark;
  readonly seed: number;
}

/** Slots from the first to the last. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Slots of a page of memory. */
const NEAR = 4_096 / MARK;

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

  /** Those with a slot; which slots are to be written, in order: others in between where it costs less to write them again than to begin anew. */
  drawTurn(marks: readonly (SlotMark & { readonly slot: number | undefined })[], now: number): readonly Run[] {
    const slots: number[] = [];
    for (const mark of marks) {
      if (mark.slot !== undefined) {
        this.draw(mark.slot, mark, now);
        slots.push(mark.slot);
      }
    }
    return runsOf(slots.sort((one, other) => one - other));
  }

  /** Some of them; the first and the last slot, with what is between them. */
  drawAll(marks: ReadonlyMap<number, SlotMark>, now: number): Run {
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

function runsOf(slots: readonly number[]): readonly Run[] {
  const runs: { first: number; last: number }[] = [];
  let run: { first: number; last: number } | undefined;
  for (const slot of slots) {
    if (run !== undefined && slot - run.last <= NEAR) {
      run.last = slot;
    } else {
      run = { first: slot, last: slot };
      runs.push(run);
    }
  }
  return runs;
}
