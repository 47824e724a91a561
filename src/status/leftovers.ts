import type { Millis } from '../ports/clock.ts';

/** A broker that has sent nothing retained for so long has no more. */
const QUIET: Millis = 10_000;

/**
 * When to listen for what the broker has retained of clients from before the start: until it has said all of it, and again as long as there was something
 * to take away, for a broker may say only a part of very much.
 */
export class Leftovers {
  /** `due`: it is to be subscribed. `listening`: it is. `resting`: what was found is being taken away. */
  #phase: 'over' | 'due' | 'listening' | 'resting' = 'over';
  #quietAt: Millis = 0;
  #hasFound = false;

  /** From the beginning. */
  begin(): void {
    this.#phase = 'due';
  }

  /** The connection is gone: what was begun is begun anew on the next one. */
  interrupted(): void {
    if (this.#phase !== 'over') {
      this.#phase = 'due';
    }
  }

  stop(): void {
    this.#phase = 'over';
  }

  /** True once where the subscription is to be made. */
  subscribes(now: Millis): boolean {
    if (this.#phase !== 'due') {
      return false;
    }
    this.#phase = 'listening';
    this.#quietAt = now + QUIET;
    this.#hasFound = false;
    return true;
  }

  get isListening(): boolean {
    return this.#phase === 'listening';
  }

  /** Something retained has come: `isLeftOver`, or of a client that is known. */
  heard(isLeftOver: boolean, now: Millis): void {
    this.#quietAt = now + QUIET;
    this.#hasFound ||= isLeftOver;
  }

  /** When `unsubscribes` is to be asked; undefined: not now. */
  get deadline(): Millis | undefined {
    return this.#phase === 'listening' ? this.#quietAt : undefined;
  }

  /** True once where the subscription is to end. */
  unsubscribes(now: Millis): boolean {
    if (this.#phase !== 'listening' || now < this.#quietAt) {
      return false;
    }
    this.#phase = this.#hasFound ? 'resting' : 'over';
    return true;
  }

  /** Everything that waited has been told. */
  allTold(): void {
    if (this.#phase === 'resting') {
      this.#phase = 'due';
    }
  }
}
