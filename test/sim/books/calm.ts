/** When something was wrong, and for whom: what the checks have to allow for. Times in milliseconds of virtual time. */

/** Stands for the disk where a client id is asked for: everybody's troubles are not counted then. */
export const DISK = '(disk)';

/** The same for a disk that is full. */
export const FULL_DISK = '(full disk)';

/** The disk may take so long before what was decided is told, in good times and in bad ones. */
export const WRITE = 100;
export const WRITE_IN_TROUBLE = 16_000;

interface Trouble {
  since: number;
  /** Infinite while it lasts. */
  until: number;
  /** The same by the running time of the gateway, which hears of nothing in a pause. */
  ranSince: number;
  ranUntil: number;
}

export class Calm {
  readonly #now: () => number;
  /** By client id; '' is everybody. */
  readonly #troubles = new Map<string, Trouble[]>();
  readonly #takeOvers = new Map<string, number>();
  #ran = 0;
  #runsSince: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something goes wrong; returns how it ends. */
  begins(clientId = ''): () => void {
    const trouble: Trouble = {
      since: this.#now(),
      until: Number.POSITIVE_INFINITY,
      ranSince: this.running,
      ranUntil: Number.POSITIVE_INFINITY,
    };
    const list = this.#troubles.get(clientId) ?? [];
    list.push(trouble);
    this.#troubles.set(clientId, list);
    return () => {
      trouble.until = this.#now();
      trouble.ranUntil = this.running;
    };
  }

  /** Somebody else uses a client id, or the gateway may not know yet that this is over, for so long as it runs. */
  takenOver(clientId: string, duration: number): void {
    this.#takeOvers.set(clientId, this.running + duration);
  }

  wasTakenOver(clientId: string): boolean {
    return this.running < (this.#takeOvers.get(clientId) ?? 0) + this.heldByDisk();
  }

  /** When the last trouble that concerns a client has ended; now where there is one. */
  disturbedUntil(clientId: string): number {
    let last = 0;
    for (const { until } of this.#of(clientId)) {
      last = Math.max(last, Math.min(until, this.#now()));
    }
    return last;
  }

  /** When the present or last row of troubles began: one that begins when the gateway has run for less than a minute since another's end goes on with it. */
  disturbedSince(clientId: string): number {
    return this.#beginOf(this.#of(clientId));
  }

  #beginOf(troubles: readonly Trouble[]): number {
    let since = this.#now();
    let end = Number.NEGATIVE_INFINITY;
    for (const trouble of [...troubles].sort((a, b) => a.since - b.since)) {
      if (trouble.ranSince > end + 60_000) {
        since = trouble.since;
      }
      end = Math.max(end, trouble.ranUntil);
    }
    return since;
  }

  /** What is told now may have been decided so many milliseconds ago, and have waited for the disk since: one that is full may hang when it has room again. */
  heldByDisk(): number {
    const troubles = [...this.#of(DISK), ...this.#of(FULL_DISK)];
    const isLate = troubles.some(({ ranUntil }) => this.running - ranUntil < WRITE_IN_TROUBLE);
    return isLate ? Math.max(WRITE, this.#now() - this.#beginOf(troubles)) : WRITE;
  }

  /** Milliseconds of trouble since a moment. */
  lasted(clientId: string, from: number): number {
    let sum = 0;
    for (const { since, until } of this.#of(clientId)) {
      sum += Math.max(0, Math.min(until, this.#now()) - Math.max(since, from));
    }
    return sum;
  }

  #of(clientId: string): readonly Trouble[] {
    const own = this.#troubles.get(clientId) ?? [];
    return clientId === DISK || clientId === FULL_DISK ? own : [...(this.#troubles.get('') ?? []), ...own];
  }

  /** Milliseconds for which the gateway has run, pauses and ends taken off. */
  get running(): number {
    return this.#ran + (this.#runsSince === undefined ? 0 : this.#now() - this.#runsSince);
  }

  runs(value: boolean): void {
    this.#ran = this.running;
    this.#runsSince = value ? this.#now() : undefined;
  }
}
