/**
 * Which parts of a session are not in the store as they are here: what has to be written is known without looking at all of them, and costs no memory
 * where there is nothing. Every other part that is here is in the store as well. A part that was never stored and is gone again leaves nothing.
 */

import { SmallMap } from './small-map.ts';

export class Tracked<Key> {
  /** By key: whether the store has something under it. */
  #changes: SmallMap<Key, boolean> | undefined;

  /** Whether all is in the store as it is here. */
  get isSettled(): boolean {
    return this.#changes === undefined;
  }

  /** What has to be written, the oldest change first. */
  get changes(): Iterable<Key> {
    return this.#changes?.keys() ?? [];
  }

  /** A part is another than before, or with `isNew` there was none. */
  put(key: Key, isNew: boolean): void {
    this.#changes ??= new SmallMap();
    if (!this.#changes.has(key)) {
      this.#changes.set(key, !isNew);
    }
  }

  /** A part is gone. */
  drop(key: Key): void {
    this.#changes ??= new SmallMap();
    if (this.#changes.get(key) === false) {
      this.#changes.delete(key);
    } else {
      this.#changes.set(key, true);
    }
    if (this.#changes.size === 0) {
      this.#changes = undefined;
    }
  }

  /** All has been written. */
  settle(): void {
    this.#changes = undefined;
  }

  /** The keys under which the store has something. `present`: those of the parts that are here. */
  inStore(present: Iterable<Key>): Key[] {
    const changes = this.#changes;
    if (changes === undefined) {
      return [...present];
    }
    const unchanged = [...present].filter((key) => !changes.has(key));
    return [...unchanged, ...[...changes.keys()].filter((key) => changes.get(key))];
  }

  /** The store has nothing any more: what is here is as good as new. */
  renew(present: Iterable<Key>): void {
    this.#changes = undefined;
    for (const key of present) {
      this.put(key, true);
    }
  }
}
