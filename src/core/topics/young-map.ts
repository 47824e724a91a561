/**
 * Maps and sets of things that come and go with each message, for as long as the gateway runs. V8 makes the table of a `Map` anew each time that so many entries have
 * come and gone as it has room for, and once a table has grown old, all that follow are made among what is old: garbage that only a collection of the whole heap
 * finds, and that keeps alive what it points to. Here the map itself is made anew, now and then, so that its tables die young. Order and meaning are those of `Map`;
 * nothing may be added while it is gone through.
 */

/** So many additions are worth a new map, at least. */
const FEW = 64;

export class YoungMap<Key, Value> {
  #map = new Map<Key, Value>();
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  set(key: Key, value: Value): this {
    if (++this.#added > FEW + this.#map.size) {
      this.#map = new Map(this.#map);
      this.#added = 0;
    }
    this.#map.set(key, value);
    return this;
  }

  /** Whether there was something. */
  delete(key: Key): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
  }

  keys(): IterableIterator<Key> {
    return this.#map.keys();
  }

  values(): IterableIterator<Value> {
    return this.#map.values();
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#map[Symbol.iterator]();
  }
}

export class YoungSet<Item> {
  #set = new Set<Item>();
  #added = 0;

  get size(): number {
    return this.#set.size;
  }

  has(item: Item): boolean {
    return this.#set.has(item);
  }

  add(item: Item): this {
    if (++this.#added > FEW + this.#set.size) {
      this.#set = new Set(this.#set);
      this.#added = 0;
    }
    this.#set.add(item);
    return this;
  }

  /** Whether it was there. */
  delete(item: Item): boolean {
    return this.#set.delete(item);
  }

  clear(): void {
    this.#set.clear();
  }

  values(): IterableIterator<Item> {
    return this.#set.values();
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.#set.values();
  }
}
