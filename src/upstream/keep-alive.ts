/**
 * The keep-alive of one connection to the broker: PINGREQ when the broker has answered nothing for so long, and the end where half of that
 * later nothing has come either. A PUBLISH of the broker is no answer: a client that only listens has to say now and then that it is there.
 */
import type { Millis } from '../ports/clock.ts';

/** How often an answer moves the time of the next PINGREQ, at most: what comes in between is as good as the one before. */
const ALIVE_INTERVAL: Millis = 1_000;

/** Whose connection is kept alive. */
export interface Kept {
  /** PINGREQ is due. */
  ping(): void;
  /** The broker has not answered it. */
  fellSilent(): void;
}

export class KeepAlive {
  readonly #owner: Kept;
  readonly #timer: NodeJS.Timeout;
  /** Halves of the keep-alive that have passed since the last answer. */
  #halves = 0;
  #aliveAt = 0;

  constructor(keepAlive: Millis, owner: Kept) {
    this.#owner = owner;
    this.#timer = setInterval(passHalf, keepAlive / 2, this);
  }

  /** The broker has answered something. */
  heard(): void {
    const now = performance.now();
    if (now - this.#aliveAt >= ALIVE_INTERVAL || this.#halves > 1) {
      this.#aliveAt = now;
      this.#halves = 0;
      this.#timer.refresh();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Half of the keep-alive has passed. */
  passed(): void {
    this.#halves++;
    if (this.#halves === 2) {
      this.#owner.ping();
    } else if (this.#halves > 2) {
      this.stop();
      this.#owner.fellSilent();
    }
  }
}

/** One function for all: a connection has no closure of its own for it. */
function passHalf(keepAlive: KeepAlive): void {
  keepAlive.passed();
}
