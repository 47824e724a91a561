/**
 * How much the publishes of all clients take that are under way to the broker: each client may have several (T-36), of any size, so that a broker that
 * stalls would fill the memory with those of a few thousand strangers. What there is room for is shared fairly (I-50): a host may have no more than
 * twice the room that is left, and of its share a link no more than eight times what is left of that.
 */

import { hostKey, type Path } from './path.ts';

/** Octets, over all clients. */
const ROOM = 64 << 20;

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
    const room = ROOM - this.#octets;
    const ofHost = HOST_SHARE * room - (this.#hosts.get(hostKey(from)) ?? 0);
    return size <= room && size <= ofHost && (this.#links.get(from.link) ?? 0) + size <= LINK_SHARE * ofHost;
  }

  /** One is under way; also where there was no room for it, after a restart. */
  add(from: Path, octets: number): void {
    this.#size++;
    this.#count(from, octets + BESIDE);
  }

  /** One has ended, which was added with the same arguments. */
  remove(from: Path, octets: number): void {
    this.#size--;
    this.#count(from, -octets - BESIDE);
  }

  #count(from: Path, octets: number): void {
    this.#octets += octets;
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
