/**
 * How much the publishes of all clients take that are under way to the broker: each client may have several (T-36), of any size, so that a broker that
 * stalls would fill the memory with those of a few thousand strangers. What there is room for is shared fairly (I-50): a host may have no more than
 * twice the room that is left, and of its share a link no more than eight times what is left of that. As long as next to nothing is taken nobody's share
 * matters, and none is looked at: that is so for nearly every publish.
 */

import { hostKey, type Path } from './path.ts';

/** Octets, over all clients. */
const ROOM = 64 << 20;

/** So much is anybody's. */
const FREE = ROOM >> 4;

/** What one takes beside its payload. */
const BESIDE = 256;

/** How many times the room that is left one host may take. */
const HOST_SHARE = 2;

/** The same for one link, of the room that is left to its host. */
const LINK_SHARE = 8;

export class OpenPublishes {
  #octets = 0;
  #size = 0;
  readonly #hosts = new Map<string, number>();
  readonly #links = new Map<string, number>();

  /** Publishes that are under way. */
  get size(): number {
    return this.#size;
  }

  /** Octets that they take. */
  get octets(): number {
    return this.#octets;
  }

  /** Whether there is room for another one. `octets`: of its payload. */
  admits(from: Path, octets: number): boolean {
    const size = octets + BESIDE;
    if (this.#octets + size <= FREE) {
      return true;
    }
    const room = ROOM - this.#octets;
    const ofHost = HOST_SHARE * room - (this.#hosts.get(hostKey(from)) ?? 0);
    return size <= room && size <= ofHost && (this.#links.get(from.link) ?? 0) + size <= LINK_SHARE * ofHost;
  }

  /** One is under way; also where there was no room for it, after a restart. Whether it counts for its host and link, which `remove` is to be told. */
  add(from: Path, octets: number): boolean {
    const size = octets + BESIDE;
    this.#size++;
    this.#octets += size;
    const isCounted = this.#octets > FREE;
    if (isCounted) {
      this.#count(from, size);
    }
    return isCounted;
  }

  /** One has ended, which was added with the same arguments. */
  remove(from: Path, octets: number, isCounted: boolean): void {
    const size = octets + BESIDE;
    this.#size--;
    this.#octets -= size;
    if (isCounted) {
      this.#count(from, -size);
    }
  }

  #count(from: Path, octets: number): void {
    change(this.#hosts, hostKey(from), octets);
    change(this.#links, from.link, octets);
  }
}

function change(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) {
    counts.delete(key);
  } else {
    counts.set(key, count);
  }
}
