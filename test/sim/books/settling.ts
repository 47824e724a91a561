/**
 * The books of those whom the broker's return brings forward (I-40): what has waited for it is tried when the own connection has stood, or been answered,
 * for a second, or a client's that found the broker; once for each outage. Times in milliseconds of virtual time.
 */
import type { Line } from './pause-line.ts';

/** What has stood, or been answered, for so long brings the others. */
const SETTLED = 1_000;

/** The clock of a timer and that of the run may differ by so much. */
const ROUNDING = 2;

export interface SettlingParts {
  readonly now: () => number;
  /** For how long the gateway has run, pauses taken off. */
  readonly running: () => number;
}

/** Who has found out that the broker is there. */
type Finder = 'own' | 'client';

export class Settling {
  readonly #parts: SettlingParts;
  #outage = 0;
  /** When each of them did so last, and the same by the running time of the gateway. */
  readonly #found = new Map<Finder, { readonly at: number; readonly running: number }>();

  constructor(parts: SettlingParts) {
    this.#parts = parts;
  }

  gatewayStarted(): void {
    this.#outage++;
    this.#found.clear();
  }

  /** The own connection had lasted: what begins is another outage. */
  lasted(): void {
    this.#outage++;
  }

  /** `client`: where none stood. The own connection is the witness only from its first answer on. */
  found(finder: Finder): void {
    if (finder === 'client' && !this.#found.has('own')) {
      return;
    }
    this.#found.set(finder, { at: this.#parts.now(), running: this.#parts.running() });
  }

  /** No connection stands any more: what a client's has found is not so. */
  away(): void {
    this.#found.delete('client');
  }

  /** When a client's connection found the broker last. */
  get foundAt(): number {
    return this.#found.get('client')?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether this attempt may be one that is brought forward; the next one of this outage is not then. */
  brings(line: Line): boolean {
    const now = this.#parts.now();
    const isBrought = [...this.#found.values()].some(({ at, running }) => {
      const wasSettled = line.endedRunning - running > SETTLED + ROUNDING; // a pause is no time for the gateway
      return now - at >= SETTLED - ROUNDING && !wasSettled;
    });
    if (!isBrought || line.broughtForward === this.#outage) {
      return false;
    }
    line.broughtForward = this.#outage;
    return true;
  }
}
