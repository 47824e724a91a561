import { YoungSet } from '../topics/young-map.ts';
import type { Relay } from './member.ts';

/** Publishes that are out on the shared connection without the broker's last answer, in order. */
export class OutWindow {
  readonly #relays = new YoungSet<Relay>();
  #qos2 = 0;

  get size(): number {
    return this.#relays.size;
  }

  /** How many of them have QoS 2. */
  get qos2(): number {
    return this.#qos2;
  }

  [Symbol.iterator](): IterableIterator<Relay> {
    return this.#relays.values();
  }

  add(relay: Relay): void {
    if (!this.#relays.has(relay)) {
      this.#relays.add(relay);
      this.#qos2 += relay.qos === 2 ? 1 : 0;
    }
  }

  delete(relay: Relay): void {
    if (this.#relays.delete(relay)) {
      this.#qos2 -= relay.qos === 2 ? 1 : 0;
    }
  }

  clear(): void {
    this.#relays.clear();
    this.#qos2 = 0;
  }
}
