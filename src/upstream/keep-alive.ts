/**
 * The keep-alive of one connection to the broker: PINGREQ when the broker has answered nothing for so long, and the end where half of that
 * later nothing has come either. A PUBLISH of the broker is no answer: a client that only listens has to say now and then that it is there. Where the
 * process stood still the answer may wait in the socket, which is read only then: it gets as long once more (I-37). And as long as a packet comes that
 * takes long the answer is behind it.
 */
import type { Millis } from '../ports/clock.ts';

/** How often an answer moves the time of the next PINGREQ, at most: what comes in between is as good as the one before. */
const ALIVE_INTERVAL: Millis = 1_000;

/** A timer that is later than this says that the process stood still. */
const LATE: Millis = 1_000;

/** Whose connection is kept alive. */
export interface Kept {
  /** PINGREQ is due. */
  ping(): void;
  /** The broker has not answered it. */
  fellSilent(): void;
}

/** What comes from the broker. */
export interface Received {
  /** Asked every half of the keep-alive: whether part of a packet has come since that was not whole then, or is not now. */
  comesSlowly(): boolean;
}

export class KeepAlive {
  readonly #owner: Kept;
  readonly #received: Received;
  readonly #timer: NodeJS.Timeout;
  /** Halves of the keep-alive that have passed since the last answer. */
  #halves = 0;
  #aliveAt = 0;
  readonly #half: Millis;
  /** When the timer was set. */
  #setAt = performance.now();
  /** The end has been put off for a timer that was late. */
  #spared = false;

  constructor(keepAlive: Millis, owner: Kept, received: Received) {
    this.#owner = owner;
    this.#received = received;
    this.#half = keepAlive / 2;
    this.#timer = setInterval(passHalf, this.#half, this);
  }

  /** The broker has answered something. */
  heard(): void {
    const now = performance.now();
    if (now - this.#aliveAt >= ALIVE_INTERVAL || this.#halves > 1) {
      this.#aliveAt = now;
      this.#halves = 0;
      this.#setAt = now;
      this.#spared = false;
      this.#timer.refresh();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Half of the keep-alive has passed. */
  passed(): void {
    const now = performance.now();
    const isLate = now - this.#setAt - this.#half > LATE;
    this.#setAt = now;
    if (this.#received.comesSlowly() && this.#halves === 2) {
      this.#halves = 1; // the broker wants to hear of us meanwhile: PINGREQ is next
      return;
    }
    if (this.#halves === 2 && isLate && !this.#spared) {
      this.#spared = true;
      return;
    }
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
