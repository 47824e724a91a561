import type { Message } from '../../src/codec/message.ts';
import type { Medium } from '../crash/medium.ts';
import type { Direction, Radio } from '../crash/radio.ts';
import type { Random } from '../crash/random.ts';

/** Part of the frames that are lost, of those that come twice, and of the copies that others overtake: over plain UDP, and over DTLS. */
const ROUGH = 0.3;
const ROUGH_DTLS = 0.2;
/**
 * Milliseconds by which a frame may be late. Far less than the gateway needs to start again: MsgIds of its next life may be those of this one,
 * and nobody could tell a late answer from a right one.
 */
const LATEST = 150;

/** What became of the frames. */
export interface RadioFigures {
  frames: number;
  lost: number;
  doubled: number;
  late: number;
}

/**
 * A medium that loses, doubles and reorders. One thing it does not do, for no receiver could tell the frame from a new message: a PUBLISH with QoS
 * 2 is never delivered after the PUBREL of its exchange. From the client that holds for the first copy; one with DUP may come as late as it likes.
 */
export class RoughRadio implements Radio {
  readonly #random: Random;
  readonly #delay: number;
  readonly #rough: number;
  readonly medium?: (port: number) => Medium;
  readonly #figures: RadioFigures;
  /** Place of the last PUBREL that was delivered, by direction and MsgId. */
  readonly #released = new Map<string, number>();
  #places = 0;
  #calm = false;

  /** `delay`: milliseconds, each way, for frames that are not late. `medium`: DTLS; undefined: plain UDP. */
  constructor(random: Random, delay: number, figures: RadioFigures, medium?: (port: number) => Medium) {
    this.#random = random;
    this.#delay = delay;
    this.#figures = figures;
    this.#rough = medium === undefined ? ROUGH : ROUGH_DTLS;
    if (medium !== undefined) {
      this.medium = medium;
    }
  }

  /** From now on nothing is lost, doubled or late. */
  calm(): void {
    this.#calm = true;
  }

  carry(direction: Direction, message: Message, deliver: () => void): number {
    this.#figures.frames += 1;
    if (this.#chance()) {
      this.#figures.lost += 1;
      return 0;
    }
    const copies = this.#chance() ? 2 : 1;
    this.#figures.doubled += copies - 1;
    this.#places += 1;
    const place = this.#places;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.#chance();
      this.#figures.late += Number(late);
      const delay = this.#delay + (late ? this.#random.between(1, LATEST) : 0);
      setTimeout(() => this.#tooLate(direction, message, place) || deliver(), delay);
    }
    return copies;
  }

  #chance(): boolean {
    return !this.#calm && this.#random.chance(this.#rough);
  }

  #tooLate(direction: Direction, message: Message, place: number): boolean {
    if (message.type === 'PUBREL') {
      this.#released.set(`${direction} ${message.msgId}`, place);
    } else if (message.type === 'PUBLISH' && message.qos === 2 && (direction === 'down' || !message.dup)) {
      return (this.#released.get(`${direction} ${message.msgId}`) ?? 0) > place;
    }
    return false;
  }
}
