/** Filters of one client that the broker may have and the client has not (3.5 item 3); they say themselves what the store has to be told of them. */

import { Tracked } from '../topics/tracked.ts';
import { NameTable } from './name-table.ts';

export class OwedFilters {
  readonly tracked = new Tracked<string>();
  readonly #filters = new NameTable<true>();

  get size(): number {
    return this.#filters.size;
  }

  /** None is owed, here and in the store. */
  get isNothing(): boolean {
    return this.size === 0 && this.tracked.isSettled;
  }

  /** Octets of all filters in UTF-8. */
  get octets(): number {
    return this.#filters.octets;
  }

  has(filter: string): boolean {
    return this.#filters.has(filter);
  }

  keys(): Iterable<string> {
    return this.#filters.keys();
  }

  add(filter: string): void {
    if (!this.#filters.has(filter)) {
      this.#filters.set(filter, true);
      this.tracked.put(filter, true);
    }
  }

  /** One of the store. */
  restore(filter: string): void {
    this.#filters.set(filter, true);
  }

  delete(filter: string): void {
    if (this.#filters.delete(filter)) {
      this.tracked.drop(filter);
    }
  }

  clear(): void {
    for (const filter of [...this.#filters.keys()]) {
      this.delete(filter);
    }
  }
}
