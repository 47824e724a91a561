/**
 * How many entries there are of each source, and which of them may give way, oldest first: where room is needed it is made at the source that has
 * most. A source is a name, such as that of a host. A heap of the sources that have something to give: every step costs O(log n).
 */

import { SmallMap } from '../topics/small-map.ts';

interface Source<Entry> {
  readonly name: string;
  count: number;
  /** Entries that may give way, in the order in which they were offered. */
  readonly offered: SmallMap<Entry, number>;
  /** Number of the oldest of them. */
  oldest: number;
  /** Place in the heap; −1: nothing to give. */
  position: number;
}

/** An entry that gives way; `count`: of its source. */
export interface GivesWay<Entry> {
  readonly entry: Entry;
  readonly count: number;
}

function oldestOf<Entry>(source: Source<Entry> | undefined): GivesWay<Entry> | undefined {
  for (const entry of source?.offered.keys() ?? []) {
    return { entry, count: source?.count ?? 0 };
  }
  return undefined;
}

export class SourceTable<Entry extends object> {
  readonly #byName = new Map<string, Source<Entry>>();
  readonly #byEntry = new Map<Entry, Source<Entry>>();
  readonly #heap: Source<Entry>[] = [];
  readonly #weightOf: (entry: Entry) => number;
  readonly #isPrivate: (name: string) => boolean;
  #offers = 0;

  /** `weightOf`: for how many an entry counts, always the same for one. `isPrivate`: what a source of that name has to give is for itself alone. */
  constructor(weightOf: (entry: Entry) => number = () => 1, isPrivate: (name: string) => boolean = () => false) {
    this.#weightOf = weightOf;
    this.#isPrivate = isPrivate;
  }

  /** Entries, over all sources. */
  get size(): number {
    return this.#byEntry.size;
  }

  has(entry: Entry): boolean {
    return this.#byEntry.has(entry);
  }

  /** Entries of one source. */
  countOf(name: string): number {
    return this.#byName.get(name)?.count ?? 0;
  }

  /** A new entry, which does not give way. */
  add(entry: Entry, name: string): void {
    this.remove(entry);
    const source = this.#byName.get(name) ?? { name, count: 0, offered: new SmallMap(), oldest: 0, position: -1 };
    this.#byName.set(name, source);
    this.#byEntry.set(entry, source);
    source.count += this.#weightOf(entry);
    this.#settle(source);
  }

  remove(entry: Entry): void {
    const source = this.#byEntry.get(entry);
    if (source === undefined) {
      return;
    }
    this.#byEntry.delete(entry);
    source.offered.delete(entry);
    source.count -= this.#weightOf(entry);
    this.#settle(source);
    if (source.count === 0) {
      this.#byName.delete(source.name);
    }
  }

  /** An entry that is known belongs to this source from now on, and does not give way; nothing for one that is not known. */
  keep(entry: Entry, name: string): void {
    const source = this.#byEntry.get(entry);
    if (source === undefined) {
      return;
    }
    if (source.name !== name) {
      this.add(entry, name);
    } else if (source.offered.delete(entry)) {
      this.#settle(source);
    }
  }

  /** An entry may give way, behind all that were offered before; nothing for one that is not known. */
  offer(entry: Entry): void {
    const source = this.#byEntry.get(entry);
    if (source) {
      source.offered.delete(entry);
      source.offered.set(entry, this.#offers++);
      this.#settle(source);
    }
  }

  /** An entry does not give way after all. */
  withdraw(entry: Entry): void {
    const source = this.#byEntry.get(entry);
    if (source?.offered.delete(entry)) {
      this.#settle(source);
    }
  }

  /** The entry that gives way to anybody: the oldest offer of the source that has most; of several that have as many, the oldest. `count`: of that source. */
  get first(): GivesWay<Entry> | undefined {
    return oldestOf(this.#heap[0]);
  }

  /** The same of one source. */
  firstOf(name: string): GivesWay<Entry> | undefined {
    return oldestOf(this.#byName.get(name));
  }

  /** The source has changed: its place is found again. */
  #settle(source: Source<Entry>): void {
    const [oldest] = source.offered.values();
    if (oldest === undefined || this.#isPrivate(source.name)) {
      this.#takeOut(source);
      return;
    }
    source.oldest = oldest;
    if (source.position < 0) {
      source.position = this.#heap.push(source) - 1;
    }
    this.#sift(source);
  }

  #takeOut(source: Source<Entry>): void {
    if (source.position < 0) {
      return;
    }
    const last = this.#heap.pop();
    if (last !== undefined && last !== source) {
      last.position = source.position;
      this.#heap[last.position] = last;
      this.#sift(last);
    }
    source.position = -1;
  }

  #sift(source: Source<Entry>): void {
    while (this.#before(source.position, (source.position - 1) >> 1)) {
      this.#swap(source, (source.position - 1) >> 1);
    }
    for (;;) {
      const left = 2 * source.position + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, source.position)) {
        return;
      }
      this.#swap(source, child);
    }
  }

  /** Whether what is at `one` gives way before what is at `other`. */
  #before(one: number, other: number): boolean {
    const a = this.#heap[one];
    const b = this.#heap[other];
    return a !== undefined && b !== undefined && (a.count > b.count || (a.count === b.count && a.oldest < b.oldest));
  }

  #swap(source: Source<Entry>, to: number): void {
    const other = this.#heap[to];
    if (other === undefined) {
      return;
    }
    other.position = source.position;
    this.#heap[other.position] = other;
    source.position = to;
    this.#heap[to] = source;
  }
}
