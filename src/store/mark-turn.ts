import { MARK } from './association-slot.ts';
import type { MarkImage, SlotMark } from './mark-image.ts';
import type { MarkMemory } from './mark-memory.ts';

/** A receive mark on its way; `slot` undefined: somebody waits for those before it, and has none. */
export interface WaitingMark extends SlotMark {
  readonly slot: number | undefined;
  readonly done: (() => void) | undefined;
}

export interface MarkTurnOptions {
  readonly memory: MarkMemory;
  readonly image: MarkImage;
  readonly now: () => number;
  /** Whether nothing is written any more, and nobody told. */
  readonly isOver: () => boolean;
  /** They cannot be written. */
  readonly failed: (problem: Error, waiting: readonly WaitingMark[]) => void;
}

/**
 * Writes receive marks to memory, all that come in one turn of the event loop at its end: a call of the system for each of them would cost as much as half of
 * deciphering its record. Nothing of what they stand for counts before.
 */
export class MarkTurn {
  readonly #options: MarkTurnOptions;
  #waiting: WaitingMark[] = [];

  constructor(options: MarkTurnOptions) {
    this.#options = options;
  }

  /** Whoever has no mark is told behind those that have come; false: there are none. */
  addBehind(done: () => void): boolean {
    const last = this.#waiting.at(-1);
    if (last !== undefined) {
      this.add({ ...last, slot: undefined, done });
    }
    return last !== undefined;
  }

  add(mark: WaitingMark): void {
    if (this.#waiting.push(mark) === 1) {
      setImmediate(this.#end);
    }
  }

  readonly #end = (): void => {
    const { memory, image, now, isOver, failed } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (isOver()) {
      return;
    }
    for (const { first, last } of image.drawTurn(waiting, now())) {
      const problem = memory.write(image.octets, first * MARK, (last - first + 1) * MARK);
      if (problem !== undefined) {
        failed(problem, waiting);
        return;
      }
    }
    for (const { done } of waiting) {
      done?.();
    }
  };
}
