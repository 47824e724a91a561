/** Clocks that differ by less are taken for equal, in milliseconds: answers tell whole seconds. */
const TOLERANCE = 2_000;

/**
 * What time it is at the gateway, whose clock need not be that of whoever looks: a small machine may have none that runs without power.
 */
export class GatewayClock {
  #ahead = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** The header `Date` of an answer that has just come; null: there was none. */
  heard(date: string | null): void {
    // It was cut off to the second: half of that is lost on average.
    const ahead = Date.parse(date ?? '') + 500 - Date.now();
    if (Number.isFinite(ahead)) {
      this.#ahead = Math.abs(ahead) < TOLERANCE ? 0 : ahead;
    }
  }
}
