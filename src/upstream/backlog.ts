/**
 * What has been written to the broker and not been taken by it yet. A stalled broker (or a network that takes less than comes) must not fill
 * the memory: beyond a limit the core is told to hold back what it may hold back, publishes with QoS 0.
 */
import type { Millis } from '../ports/clock.ts';

/** A stream to the broker. */
export interface Backlogged {
  /** Octets that were written and not taken yet. */
  readonly backlog: number;
  /** Called when it is over a limit, and when it has room again, in turns. */
  blocked(isBlocked: boolean): void;
}

export interface BacklogLimits {
  /** Octets for each stream. */
  readonly maxBacklog: number;
  /** Octets over all of them. */
  readonly maxBacklogInAll: number;
}

/** How often the streams that are behind are looked at, beside the events that tell of them. */
const LOOK_INTERVAL: Millis = 250;

interface Behind {
  octets: number;
  isBlocked: boolean;
}

/** Watches the streams that are behind; one that is not costs nothing but a glance after it was written to. */
export class Backlog {
  /** They may change at any time. */
  limits: BacklogLimits;
  readonly #behind = new Map<Backlogged, Behind>();
  /** To be looked at when what was written in this turn has been handed to the operating system. */
  readonly #written = new Set<Backlogged>();
  #inAll = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor(limits: BacklogLimits) {
    this.limits = limits;
  }

  /** Octets over all streams, as far as is known. */
  get inAll(): number {
    return this.#inAll;
  }

  /** Something was written to it. Most streams have been taken whole by then. */
  written(stream: Backlogged): void {
    if (stream.backlog === 0 && !this.#behind.has(stream)) {
      return;
    }
    if (this.#written.size === 0) {
      setImmediate(this.#lookAtWritten);
    }
    this.#written.add(stream);
  }

  /** The operating system has taken everything. */
  drained(stream: Backlogged): void {
    if (this.#behind.has(stream)) {
      this.#look(stream);
    }
  }

  /** It is closed; nothing is told of it any more. */
  forget(stream: Backlogged): void {
    this.#written.delete(stream);
    this.#inAll -= this.#behind.get(stream)?.octets ?? 0;
    this.#behind.delete(stream);
    this.#lookAgain();
  }

  readonly #lookAtWritten = (): void => {
    const written = [...this.#written];
    this.#written.clear();
    for (const stream of written) {
      this.#look(stream);
    }
  };

  #look(stream: Backlogged): void {
    const { maxBacklog, maxBacklogInAll } = this.limits;
    const octets = stream.backlog;
    const behind = this.#behind.get(stream) ?? { octets: 0, isBlocked: false };
    this.#inAll += octets - behind.octets;
    behind.octets = octets;
    const wasBlocked = behind.isBlocked;
    // Half of the limit has to be free, so that it does not go to and fro with each packet.
    const most = wasBlocked ? maxBacklog / 2 : maxBacklog;
    behind.isBlocked = octets > most || (octets > 0 && this.#inAll > maxBacklogInAll);
    if (octets === 0) {
      this.#behind.delete(stream);
    } else {
      this.#behind.set(stream, behind);
    }
    if (behind.isBlocked !== wasBlocked) {
      stream.blocked(behind.isBlocked);
    }
    this.#lookAgain();
  }

  /** A stream tells when all is taken, not when half is; and one stream may be blocked because of the others. */
  #lookAgain(): void {
    if (this.#behind.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else if (this.#looking === undefined) {
      this.#looking = setInterval(this.#lookAtAll, LOOK_INTERVAL).unref();
    }
  }

  readonly #lookAtAll = (): void => {
    for (const stream of [...this.#behind.keys()]) {
      this.#look(stream);
    }
  };
}
