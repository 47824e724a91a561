/**
 * Subscriptions that the broker has and nobody knows (I-169): their records were lost, and no client has them any more. A message names them by an identifier that
 * no record explains. Whether one is there still, or the message had waited since before its end, shows when the broker has had nothing left in between. Then it is
 * ended where it is the very topic of the message; what else it is nobody can tell.
 */

/** Those that are known at a time; the oldest goes. */
const MOST = 64;

/** What is to be done about one. */
export type AboutUnknown = 'nothing' | 'end' | 'tell';

interface Unknown {
  /** How often it has come when the broker had nothing left of before. */
  steps: number;
  /** It counts when that has been so as often as this (`drains`). */
  countsFrom: number;
}

export class UnknownNames {
  readonly #bySlot = new Map<number, Unknown>();
  /** How often the broker has shown that it has nothing left; and how often somebody wants to see it. */
  drains = 0;
  wanted = 0;

  /** A message comes that names it, and is for nobody. `isAsked`: PINGREQ is out, of before. */
  met(slot: number, isAsked: boolean): AboutUnknown {
    const known = this.#bySlot.get(slot);
    if (known === undefined) {
      this.#bySlot.set(slot, { steps: 0, countsFrom: this.#behind(isAsked) });
      const [oldest = slot] = this.#bySlot.size > MOST ? this.#bySlot.keys() : [];
      if (oldest !== slot) {
        this.#bySlot.delete(oldest);
      }
      return 'nothing';
    }
    if (this.drains < known.countsFrom) {
      return 'nothing';
    }
    known.steps++;
    switch (known.steps) {
      case 1:
        return 'end';
      case 2:
        known.countsFrom = this.#behind(isAsked); // it may have been taken before UNSUBSCRIBE
        return 'nothing';
      case 3:
        return 'tell';
      default:
        return 'nothing';
    }
  }

  /** The broker has lost its session. */
  clear(): void {
    this.#bySlot.clear();
    this.wanted = this.drains;
  }

  #behind(isAsked: boolean): number {
    this.wanted = this.drains + (isAsked ? 2 : 1);
    return this.wanted;
  }
}
