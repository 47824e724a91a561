/** The 16-bit address that each node had last: with it the module need not search the network. Bounded. */
import type { RadioAddress } from './codec/api-frames.ts';

/** Nodes that are remembered; the one heard longest ago is forgotten first. */
const REMEMBERED = 1_000;

export class AddressBook {
  readonly #shortOf = new Map<RadioAddress, RadioAddress>();

  /** Last known 16-bit address; undefined where it is not known. */
  shortOf(address: RadioAddress): RadioAddress | undefined {
    return this.#shortOf.get(address);
  }

  learn(address: RadioAddress, short: RadioAddress | undefined): void {
    if (short === undefined) {
      return;
    }
    this.#shortOf.delete(address); // to the end: the order is that of hearing
    this.#shortOf.set(address, short);
    if (this.#shortOf.size <= REMEMBERED) {
      return;
    }
    for (const oldest of this.#shortOf.keys()) {
      this.#shortOf.delete(oldest);
      return;
    }
  }

  forget(address: RadioAddress): void {
    this.#shortOf.delete(address);
  }
}
