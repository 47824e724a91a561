/** The books of the shared connection as the gateway knows it: when it has been away for so long that clients hear of congestion (3.5 item 7). */
import type { UpstreamInput } from '../adapter.ts';
import type { Calm } from './calm.ts';

/** Deadlines are met a little late. */
const ROUNDING = 5;

export class SharedOutage {
  readonly #calm: Calm;
  readonly #now: () => number;
  readonly #grace: number;
  #downSince: number | undefined = 0;
  /** When the last outage ended that was longer than the grace time. */
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(calm: Calm, now: () => number, grace: number) {
    this.#calm = calm;
    this.#now = now;
    this.#grace = grace;
  }

  gatewayStarted(): void {
    this.#downSince = this.#now();
  }

  /** The gateway hears of the broker on the shared connection. */
  heard(input: UpstreamInput): void {
    if (input.type === 'upstream-connected' && this.#downSince !== undefined) {
      this.#endedAt = this.#isLong ? this.#now() : this.#endedAt;
      this.#downSince = undefined;
    } else if (input.type === 'upstream-lost') {
      this.#downSince ??= this.#now();
    }
  }

  /** Whether what is told now may be the end of a grace time, at once or behind the disk. */
  get isOver(): boolean {
    return this.#isLong || this.#now() - this.#endedAt <= this.#calm.heldByDisk();
  }

  get #isLong(): boolean {
    return this.#downSince !== undefined && this.#now() - this.#downSince >= this.#grace - ROUNDING;
  }
}
