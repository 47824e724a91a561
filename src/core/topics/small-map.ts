/**
 * Maps and sets that mostly hold nothing or one thing. Each session has a dozen of them, and a hundred thousand sessions a million: an empty
 * `Map` takes as much room as thirty fields, and each of its accesses touches memory that nothing else does. Here the first thing is a field, and a
 * `Map` is made for the second one. Order and meaning are those of `Map`; nothing may be added while it is gone through.
 */

const NOTHING: readonly never[] = [];

export class SmallMap<Key, Value> {
  /** The oldest entry where there is one here; undefined: all that there are are in `#more`. */
  #key: Key | undefined;
  #value: Value | undefined;
  /** What came after it; gone when nothing is left in it. */
  #more: Map<Key, Value> | undefined;

  get size(): number {
    return (this.#key === undefined ? 0 : 1) + (this.#more === undefined ? 0 : this.#more.size);
  }

  /** Whether something is under this key. */
  has(key: Key): boolean {
    return key === this.#key || (this.#more?.has(key) ?? false);
  }

  /** What is under this key. */
  get(key: Key): Value | undefined {
    return key === this.#key ? this.#value : this.#more?.get(key);
  }

  /** Puts something under a key, which is never undefined; what was there goes, the place in the order stays. */
  set(key: Key, value: Value): this {
    if (key === this.#key || (this.#key === undefined && this.#more === undefined)) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#more ??= new Map();
      this.#more.set(key, value);
    }
    return this;
  }

  /** Whether there was something. */
  delete(key: Key): boolean {
    if (key === this.#key) {
      this.#key = undefined;
      this.#value = undefined;
      return true;
    }
    if (this.#more === undefined || !this.#more.delete(key)) {
      return false;
    }
    if (this.#more.size === 0) {
      this.#more = undefined;
    }
    return true;
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
    this.#more = undefined;
  }

  /** All keys, the oldest first. What is deleted meanwhile is left out. */
  keys(): Iterable<Key> {
    if (this.#more !== undefined) {
      return this.#key === undefined ? this.#more.keys() : withFirst(this.#key, this.#more.keys());
    }
    return this.#key === undefined ? NOTHING : [this.#key];
  }

  /** All that there is, the oldest first. What is deleted meanwhile is left out. */
  values(): Iterable<Value> {
    if (this.#more !== undefined) {
      return this.#key === undefined ? this.#more.values() : withFirst(this.#value as Value, this.#more.values());
    }
    return this.#key === undefined ? NOTHING : [this.#value as Value];
  }
}

function* withFirst<Thing>(first: Thing, more: Iterable<Thing>): Iterable<Thing> {
  yield first;
  yield* more;
}

/** A set that is mostly empty or of one thing. */
export class SmallSet<Thing> extends SmallMap<Thing, true> implements Iterable<Thing> {
  add(thing: Thing): this {
    return this.set(thing, true);
  }

  /** The oldest first. What is deleted meanwhile is left out. */
  [Symbol.iterator](): Iterator<Thing> {
    return this.keys()[Symbol.iterator]();
  }
}
