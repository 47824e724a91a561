/** Tables of topic names and filters that know how many octets their names have, so that a limit costs no look at what is there. */

import { SmallMap } from '../topics/small-map.ts';
import { utf8Octets } from '../topics/topic-name.ts';

/** Something for each name. */
export class NameTable<Value> extends SmallMap<string, Value> {
  #octets = 0;

  /** Octets of all names in UTF-8. */
  get octets(): number {
    return this.#octets;
  }

  override set(name: string, value: Value): this {
    if (!this.has(name)) {
      this.#octets += utf8Octets(name);
    }
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    const isThere = super.delete(name);
    if (isThere) {
      this.#octets -= utf8Octets(name);
    }
    return isThere;
  }

  override clear(): void {
    super.clear();
    this.#octets = 0;
  }
}
