import type { RadioNode } from './xbee-node.ts';

/** A transmit request that the module has not finished. */
export interface Flight {
  readonly frameId: number;
  /** Undefined: to everybody or nobody. */
  readonly node: RadioNode | undefined;
}

/** The transmit requests that a module has not finished, and what the gateway has asked of it at most. */
export class Flights {
  /** Most requests that were unfinished at a time. */
  most = 0;
  /** Most requests to one node that were unfinished at a time. */
  mostToOneNode = 0;
  /** How many requests came while another one to the same node was unfinished. */
  overlaps = 0;
  readonly #now = new Set<Flight>();

  /** How many are unfinished now. */
  get now(): number {
    return this.#now.size;
  }

  /** Whether this frame id (not 0) belongs to an unfinished request. */
  uses(frameId: number): boolean {
    return frameId !== 0 && [...this.#now].some((flight) => flight.frameId === frameId);
  }

  begin(flight: Flight): void {
    const toNode = flight.node === undefined ? 0 : [...this.#now].filter(({ node }) => node === flight.node).length;
    this.#now.add(flight);
    this.most = Math.max(this.most, this.#now.size);
    this.mostToOneNode = Math.max(this.mostToOneNode, flight.node === undefined ? 0 : toNode + 1);
    this.overlaps += toNode > 0 ? 1 : 0;
  }

  end(flight: Flight): void {
    this.#now.delete(flight);
  }

  /** All are forgotten; the record stays. */
  clear(): void {
    this.#now.clear();
  }
}
