import type { ReceiveMark } from '../../../ports/association-store.ts';

/** Records that may come out of order; what is older is not told from a replay. */
const WIDTH = 64;

/**
 * Which records have been received (RFC 6347 4.1.2.6, RFC 4303 3.4.3): the highest number, and the 64 up to it as bits. A number is looked at before
 * the record is verified and noted only behind that, so that a forged one moves nothing.
 */
export class ReplayWindow implements ReceiveMark {
  #highest = -1;
  /** Bit n of `#near`: `#highest` − n; of `#far`: `#highest` − 32 − n. */
  #near = 0;
  #far = 0;

  /** `mark`: of the window with which this one goes on. */
  constructor(mark: ReceiveMark = { highest: -1, near: 0, far: 0 }) {
    this.#highest = mark.highest;
    this.#near = mark.near;
    this.#far = mark.far;
  }

  /** Highest number that was noted; −1: none. */
  get highest(): number {
    return this.#highest;
  }

  get near(): number {
    return this.#near;
  }

  get far(): number {
    return this.#far;
  }

  /** Whether a record with this number may be new. */
  isNew(sequence: number): boolean {
    const age = this.#highest - sequence;
    if (age < 0) {
      return true;
    }
    return age < WIDTH && ((age < 32 ? this.#near >>> age : this.#far >>> (age - 32)) & 1) === 0;
  }

  /** A record with this number was authentic, and `isNew`. */
  note(sequence: number): void {
    const age = this.#highest - sequence;
    if (age < 0) {
      this.#shift(-age);
      this.#highest = sequence;
      this.#near |= 1;
    } else if (age < 32) {
      this.#near |= 1 << age;
    } else {
      this.#far |= 1 << (age - 32);
    }
  }

  #shift(by: number): void {
    if (by >= WIDTH) {
      this.#far = 0;
      this.#near = 0;
    } else if (by >= 32) {
      this.#far = this.#near << (by - 32);
      this.#near = 0;
    } else {
      this.#far = (this.#far << by) | (this.#near >>> (32 - by));
      this.#near <<= by;
    }
  }
}
