/** The radio of a client: its address, what it hears, and answers that take their time. */
import { decode } from '../../src/codec/decode.ts';
import { encode } from '../../src/codec/encode.ts';
import { LONG_FORM } from '../../src/codec/frame-length.ts';
import type { Message } from '../../src/codec/message.ts';
import type { Books } from './books/books.ts';
import type { Medium } from './medium.ts';
import type { ClientPlan } from './plan.ts';
import { stream } from './streams.ts';

export interface AirParts {
  readonly plan: ClientPlan;
  readonly seed: number;
  readonly medium: Medium;
  readonly books: Books;
  /** `sentAt`: when the gateway sent it. */
  readonly hear: (message: Message, sentAt: number) => void;
}

export class Air {
  readonly #parts: AirParts;
  #link = '';
  #links = 0;
  /** Nothing goes in or out. */
  isDead = false;

  constructor(parts: AirParts) {
    this.#parts = parts;
    this.move();
  }

  get link(): string {
    return this.#link;
  }

  /** Another address from now on; what is sent to the former one is lost. */
  move(): void {
    const { medium, plan, books, seed } = this.#parts;
    const proven = plan.identity === undefined ? '' : `@${plan.identity}`;
    const link = `${plan.medium}:${plan.id}${this.#links === 0 ? '' : `-${this.#links}`}${proven}`;
    this.#links++;
    this.#link = link;
    books.linkOf(link, plan.id);
    const listener = (frame: Uint8Array, sentAt: number): void => {
      if (link === this.#link && !this.isDead) {
        this.#parts.hear(decode(frame), sentAt);
      }
    };
    medium.join(link, listener, stream(seed, `radio ${link}`));
  }

  send(message: Message): void {
    if (!this.isDead) {
      const frame = encode(message);
      this.#parts.medium.up(this.#link, this.#parts.plan.lies ? shortened(frame) : frame);
    }
  }
}

/** A long-form frame that claims two octets less than it has. */
function shortened(frame: Uint8Array): Uint8Array {
  if (frame[0] !== LONG_FORM) {
    return frame;
  }
  const length = frame.length - 2;
  const lying = Uint8Array.from(frame);
  lying[1] = length >> 8;
  lying[2] = length & 0xff;
  return lying;
}
