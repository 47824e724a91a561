import { limitedAs } from '../access/client-address.ts';
import { HttpProblem } from '../http-problem.ts';

/** Event streams in all, and from one address: behind a proxy all viewers have one. */
const MOST = 100;
const MOST_OF_ADDRESS = 30;

interface Place {
  readonly source: string;
  leave(): void;
}

/**
 * Places for event streams. An address that has its share gets no more; where all are taken the oldest of the address that has most goes for one
 * from an address that has fewer, so nobody can take all of them from everybody.
 */
export class StreamPlaces {
  /** By address, the oldest first. */
  readonly #places = new Map<string, Set<Place>>();
  #size = 0;

  /** Streams that there are. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes a place for a stream from `address`; `leave` is called when it has to go. Returns how to give it back, which may be called more than
   * once. Throws `HttpProblem` where there is none.
   */
  take(address: string, leave: () => void): () => void {
    const source = limitedAs(address);
    const own = this.#places.get(source)?.size ?? 0;
    if (own >= MOST_OF_ADDRESS) {
      throw refusal(`This address has ${own} event streams, which is as many as it may have. Close one.`);
    }
    if (this.#size >= MOST) {
      this.#makeRoom(own);
    }
    const place = { source, leave };
    const places = this.#places.get(source) ?? new Set();
    places.add(place);
    this.#places.set(source, places);
    this.#size += 1;
    return () => this.#free(place);
  }

  #makeRoom(own: number): void {
    const [most] = [...this.#places.values()].sort((one, other) => other.size - one.size);
    const [oldest] = most ?? [];
    if (most === undefined || oldest === undefined || most.size <= own + 1) {
      throw refusal(`There are ${MOST} event streams, which is as many as there may be. Try again later.`);
    }
    this.#free(oldest);
    oldest.leave();
  }

  #free(place: Place): void {
    const places = this.#places.get(place.source);
    if (places?.delete(place) === true) {
      this.#size -= 1;
      if (places.size === 0) {
        this.#places.delete(place.source);
      }
    }
  }
}

function refusal(detail: string): HttpProblem {
  return new HttpProblem('too-many-streams', detail, { 'retry-after': '10' });
}
