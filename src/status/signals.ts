import type { Link } from '../ports/observer.ts';

/** Links of which a strength is remembered; the one that was heard of first goes first. */
const MOST_LINKS = 20_000;

/** How strong the last hop was heard from each link, in dBm. */
export class Signals {
  readonly #rssi = new Map<Link, number>();

  heard(link: Link, rssi: number): void {
    if (this.#rssi.size >= MOST_LINKS && !this.#rssi.has(link)) {
      const [first] = this.#rssi.keys();
      this.#rssi.delete(first ?? link);
    }
    this.#rssi.set(link, rssi);
  }

  /** Undefined: nothing was told. */
  of(link: Link): number | undefined {
    return this.#rssi.get(link);
  }
}
