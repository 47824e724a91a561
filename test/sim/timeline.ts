/** Virtual time: what is to happen, in order of time, and of entry where the time is the same. A binary heap. */

export interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export class Timeline {
  readonly #heap: Entry[] = [];
  #order = 0;
  #now = 0;
  #count = 0;

  /** Milliseconds since the beginning of the run. */
  get now(): number {
    return this.#now;
  }

  /** Entries that have been run. */
  get count(): number {
    return this.#count;
  }

  /** Runs `run` at that time, or at once after what is due now where it is past. Returns the entry, for {@link cancel}. */
  at(time: number, run: () => void): Entry {
    const entry: Entry = { at: Math.max(time, this.#now), order: this.#order++, run };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  after(delay: number, run: () => void): Entry {
    return this.at(this.#now + delay, run);
  }

  cancel(entry: Entry | undefined): void {
    if (entry !== undefined) {
      entry.run = undefined;
    }
  }

  /** Runs the next entry; false where none is left before `end`, and time is `end` then. */
  step(end: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.at > end) {
        this.#now = end;
        return false;
      }
      this.#take();
      if (first.run === undefined) {
        continue;
      }
      this.#now = first.at;
      this.#count++;
      first.run();
      return true;
    }
  }

  #take(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) {
      return;
    }
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#sooner(at, parent)) {
        return;
      }
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      let soonest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#sooner(child, soonest)) {
          soonest = child;
        }
      }
      if (soonest === at) {
        return;
      }
      this.#swap(at, soonest);
      at = soonest;
    }
  }

  #sooner(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    return (
      one !== undefined &&
      other !== undefined &&
      (one.at < other.at || (one.at === other.at && one.order < other.order))
    );
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (one !== undefined && other !== undefined) {
      this.#heap[a] = other;
      this.#heap[b] = one;
    }
  }
}
