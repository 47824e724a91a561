/** Something that changes, and who wants to know. */
export class Value<T> {
  #current: T;
  readonly #watchers = new Set<() => void>();

  constructor(initial: T) {
    this.#current = initial;
  }

  get(): T {
    return this.#current;
  }

  /** Tells all watchers, unless it is what it was. */
  set(next: T): void {
    if (!Object.is(next, this.#current)) {
      this.#current = next;
      for (const watcher of [...this.#watchers]) {
        watcher();
      }
    }
  }

  /** Calls `watcher` after each change. Returns the means to end that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
