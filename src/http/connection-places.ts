import type { Socket } from 'node:net';
import { clientAddress, limitedAs } from './access/client-address.ts';

/** Connections in all, and from one address. */
const MOST = 300;
const MOST_OF_ADDRESS = 100;

/**
 * Places for connections. What an address has beyond its share is closed as it comes; where all places are taken the oldest of the address that has most
 * goes for one from an address that has fewer, so a few who keep theirs open shut nobody else out.
 */
export class ConnectionPlaces {
  /** By address, the oldest first. */
  readonly #places = new Map<string, Set<Socket>>();
  #size = 0;

  /** A connection has come; it is closed where there is no place for it. */
  take(socket: Socket): void {
    const source = limitedAs(clientAddress(socket.remoteAddress));
    const own = this.#places.get(source)?.size ?? 0;
    if (own >= MOST_OF_ADDRESS || (this.#size >= MOST && !this.#makeRoom(own))) {
      socket.destroy();
      return;
    }
    const places = this.#places.get(source) ?? new Set();
    this.#places.set(source, places.add(socket));
    this.#size += 1;
    socket.once('close', () => this.#free(source, socket));
  }

  #makeRoom(own: number): boolean {
    let most: readonly [string, ReadonlySet<Socket>] | undefined;
    for (const place of this.#places) {
      if (place[1].size > (most?.[1].size ?? 0)) {
        most = place;
      }
    }
    const [oldest] = most?.[1] ?? [];
    if (most === undefined || oldest === undefined || most[1].size <= own + 1) {
      return false;
    }
    this.#free(most[0], oldest);
    oldest.destroy();
    return true;
  }

  #free(source: string, socket: Socket): void {
    const places = this.#places.get(source);
    if (places?.delete(socket) === true) {
      this.#size -= 1;
      if (places.size === 0) {
        this.#places.delete(source);
      }
    }
  }
}
