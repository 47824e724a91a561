/** Filters that the broker has under Subscription Identifiers which nobody knows any more, for their records were lost (I-167). */

import type { SharedFilter } from './shared-filter.ts';

export class LostNames {
  /** Which generation stands for all that the broker has for such a filter under its former name. */
  readonly #generations = new Map<SharedFilter, number>();
  /** Slots of which a record has told what they were when the process began, where nobody has those filters any more. */
  readonly #recorded = new Set<number>();

  get size(): number {
    return this.#generations.size;
  }

  /** The filters. */
  keys(): Iterable<SharedFilter> {
    return this.#generations.keys();
  }

  add(filter: SharedFilter): void {
    this.#generations.set(filter, filter.generation);
  }

  has(filter: SharedFilter): boolean {
    return this.#generations.has(filter);
  }

  /** It is over: nothing comes under its former name any more. */
  delete(filter: SharedFilter): void {
    this.#generations.delete(filter);
  }

  /** The broker has none of them. */
  clear(): void {
    this.#generations.clear();
  }

  /** Undefined: its name is known. */
  generationOf(filter: SharedFilter): number | undefined {
    return this.#generations.get(filter);
  }

  /** Nobody has that filter any more. `isNew`: this process has given it its name. */
  gone(filter: SharedFilter, isNew: boolean): void {
    this.#generations.delete(filter);
    if (!isNew) {
      this.#recorded.add(filter.slot);
    }
  }

  isKnown(slot: number): boolean {
    return this.#recorded.has(slot);
  }
}
