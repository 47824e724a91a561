/**
 * Writes to a line no faster than it carries. What is not written yet can still be overtaken by something urgent; what lies in a buffer of
 * the operating system cannot.
 */

/** How far ahead of the line octets are written, in milliseconds: timers are that late now and then, and the line is to stay busy. */
const AHEAD = 15;

export interface LineWriterOptions {
  readonly octetsPerSecond: number;
  /** Gives the next octets to write; undefined where nothing may be written now. */
  readonly next: () => Uint8Array | undefined;
  readonly write: (octets: Uint8Array) => void;
  /** Octets that were written and that the operating system has not taken yet. */
  readonly pending: () => number;
}

/** So many of them mean that the peer takes no more: nothing is written until it does, and what waits stays in a bounded queue. */
const MAX_PENDING = 256;
/** How often it is looked whether it does, in milliseconds. */
const LOOK_AGAIN = 20;

export class LineWriter {
  readonly #options: LineWriterOptions;
  /** When everything that was written will have left: milliseconds of `performance.now()`. */
  #free = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** There may be something to write. */
  kick(): void {
    if (this.#timer !== undefined) {
      return;
    }
    const { octetsPerSecond, next, write, pending } = this.#options;
    for (;;) {
      const now = performance.now();
      const wait = pending() > MAX_PENDING ? LOOK_AGAIN : this.#free - AHEAD - now;
      if (wait > 0) {
        this.#timer = setTimeout(this.#again, Math.ceil(wait));
        return;
      }
      const octets = next();
      if (octets === undefined) {
        return;
      }
      write(octets);
      this.#free = Math.max(now, this.#free) + (octets.length * 1000) / octetsPerSecond;
    }
  }

  /** Milliseconds until everything that was written has left the line. */
  get busyFor(): number {
    return Math.max(0, this.#free - performance.now());
  }

  /** The line is gone: nothing is on its way any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#free = 0;
  }

  readonly #again = (): void => {
    this.#timer = undefined;
    this.kick();
  };
}
