/**
 * Which parts of a session the store has, and which of them are not there as they are here: what has to be written is known without
 * looking at all of them. A part that was never stored and is gone again leaves nothing.
 */

import { SmallSet } from '../topics/small-map.ts';

export class Tracked<Key> {
  readonly stored = new SmallSet<Key>();
  #changed: SmallSet<Key> | undefined;

  get changed(): SmallSet<Key> {
    this.#changed ??= new SmallSet();
    return this.#changed;
  }

  /** What is changed has been written. */
  settle(): void {
    this.#changed = undefined;
  }

  /** A part is new or another than before. */
  put(key: Key): void {
    this.changed.add(key);
  }

  /** A part is gone. */
  drop(key: Key): void {
    if (this.stored.has(key)) {
      this.changed.add(key);
    } else {
      this.changed.delete(key);
    }
  }
}
