import type { ClientTransport } from '../../client/client-transport.ts';
import type { Random } from './random.ts';

/** How bad a radio is, in each direction. */
export interface RadioFaults {
  /** Part of the frames that get lost. */
  readonly loss: number;
  /** Part of the frames that come twice. */
  readonly duplicate: number;
  /** Milliseconds; each frame is late by up to so much, and may overtake another one. */
  readonly delay: number;
}

/** Frames that are late at a time; more are lost. */
const MOST_LATE = 1_000;

/** A radio between a sensor and its way to the gateway: frames get lost, come late, or twice. */
export class FlakyTransport implements ClientTransport {
  readonly #medium: ClientTransport;
  readonly #faults: RadioFaults;
  readonly #random: Random;
  readonly #late = new Set<NodeJS.Timeout>();

  constructor(medium: ClientTransport, faults: RadioFaults, random: Random) {
    this.#medium = medium;
    this.#faults = faults;
    this.#random = random;
  }

  get peer(): string {
    return this.#medium.peer;
  }

  open(): Promise<void> {
    return this.#medium.open();
  }

  send(frame: Uint8Array): void {
    this.#carry(() => this.#medium.send(frame));
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#medium.onFrame((frame) => this.#carry(() => listener(frame)));
  }

  onError(listener: (error: Error) => void): void {
    this.#medium.onError(listener);
  }

  unanswered(): void {
    this.#medium.unanswered?.();
  }

  async close(): Promise<void> {
    for (const timer of this.#late) {
      clearTimeout(timer);
    }
    this.#late.clear();
    await this.#medium.close();
  }

  #carry(pass: () => void): void {
    const { loss, duplicate, delay } = this.#faults;
    const copies = this.#random.chance(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#random.chance(loss)) {
        continue;
      }
      if (delay === 0) {
        pass();
      } else if (this.#late.size < MOST_LATE) {
        const timer = setTimeout(() => {
          this.#late.delete(timer);
          pass();
        }, this.#random.next() * delay);
        this.#late.add(timer);
      }
    }
  }
}
