import type { Message } from '../../src/codec/message.ts';
import type { Medium } from './medium.ts';

/** From the client to the gateway, or back. */
export type Direction = 'up' | 'down';

/** The medium between one client and the gateway. */
export interface Radio {
  /** Takes a frame on its way. `deliver` is called for each copy that arrives, later. Returns how many copies are under way: 0 is a lost frame. */
  carry(direction: Direction, message: Message, deliver: () => void): number;
  /** What is behind it, for a gateway at this port; plain UDP where it does not say. */
  medium?(port: number): Medium;
}

/** A medium that takes its time and loses something, so that a kill finds frames on their way and exchanges half-way. */
export class SlowRadio implements Radio {
  readonly #delay: number;
  readonly #loses: () => boolean;

  /** `delay`: milliseconds, each way. `loses`: whether the next frame is lost. */
  constructor(delay: number, loses: () => boolean) {
    this.#delay = delay;
    this.#loses = loses;
  }

  carry(_direction: Direction, _message: Message, deliver: () => void): number {
    if (this.#loses()) {
      return 0;
    }
    setTimeout(deliver, this.#delay); // timers of the same length end in the order in which they began
    return 1;
  }
}
