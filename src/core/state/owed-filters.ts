/** Filters of one client that the broker may have and the client has not (3.5 item 3); they say themselves what the store has to be told of them. */

import { Tracked } from '../topics/tracked.ts';
import { NameTable } from './name-table.ts';

export class OwedFilters {
  readonly tracked = new Tracked<string>();
  readonly #filters = new NameTable<true>();
  /** SUBSCRIBE for it is out, and the client has not got it: owed as soon as nobody waits for SUBACK any more, after a kill too (I-146). */
  #asked: string | undefined;

  get size(): number {
    return this.#filters.size;
  }

  /** None is owed, here and in the store. */
  get isNothing(): boolean {
    return this.size === 0 && this.#asked === undefined && this.tracked.isSettled;
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

  /** Those of which the store has to know. */
  get kept(): Iterable<string> {
    const asked = this.#asked;
    return asked === undefined || this.has(asked) ? this.keys() : [...this.keys(), asked];
  }

  isKept(filter: string): boolean {
    return this.has(filter) || this.#asked === filter;
  }

  add(filter: string): void {
    if (!this.#filters.has(filter)) {
      this.#filters.set(filter, true);
      this.tracked.put(filter, this.#asked !== filter);
    }
  }

  /** SUBSCRIBE for it goes out. */
  ask(filter: string): void {
    if (this.#asked !== filter) {
      this.answered();
      this.tracked.put(filter, !this.has(filter));
      this.#asked = filter;
    }
  }

  /** It has its answer, or nobody waits for that. */
  answered(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked !== undefined && !this.has(asked)) {
      this.tracked.drop(asked);
    }
  }

  /** One of the store. */
  restore(filter: string): void {
    this.#filters.set(filter, true);
  }

  delete(filter: string): void {
    if (this.#filters.delete(filter) && this.#asked !== filter) {
      this.tracked.drop(filter);
    }
  }

  clear(): void {
    this.answered();
    for (const filter of [...this.#filters.keys()]) {
      this.delete(filter);
    }
  }
}
