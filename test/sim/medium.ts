/** What is between clients and gateway: frames are lost, late, doubled and out of order, by chance; a slow line carries one after the other. */
import { SendQueue } from '../../src/transport/line/send-queue.ts';
import type { TransportEffect } from './adapter.ts';
import type { MediumPlan } from './plan.ts';
import type { Random } from './streams.ts';
import type { Timeline } from './timeline.ts';

/** Who listens at one address. `sentAt`: when the gateway gave the frame away. */
export type Listener = (frame: Uint8Array, sentAt: number) => void;

export interface MediumParts {
  readonly plan: MediumPlan;
  readonly timeline: Timeline;
  readonly toGateway: (link: string, frame: Uint8Array) => void;
  readonly isCalm: () => boolean;
}

interface Party {
  readonly listener: Listener;
  readonly random: Random;
  lastUp: number;
  lastDown: number;
}

export class Medium {
  readonly plan: MediumPlan;
  readonly #parts: MediumParts;
  readonly #parties = new Map<string, Party>();
  readonly #queue = new SendQueue({ frames: 200, octets: 100_000 });
  #busy = false;
  #closed = false;
  /** The air is full of noise: nothing arrives. */
  out = false;

  constructor(parts: MediumParts) {
    this.#parts = parts;
    this.plan = parts.plan;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
  }

  open(): void {
    this.#closed = false;
  }

  /** Somebody at an address, with random numbers of its own. */
  join(link: string, listener: Listener, random: Random): void {
    this.#parties.set(link, { listener, random, lastUp: 0, lastDown: 0 });
  }

  /** From a client to the gateway. */
  up(link: string, frame: Uint8Array): void {
    const party = this.#parties.get(link);
    if (party === undefined || this.#closed || this.out) {
      return;
    }
    for (const delay of this.#arrivals(party)) {
      const at = this.#inTurn(party.lastUp, delay);
      party.lastUp = at;
      this.#parts.timeline.at(at, () => {
        if (!this.#closed) {
          this.#parts.toGateway(link, frame);
        }
      });
    }
  }

  /** From the gateway to a client. */
  down(effect: TransportEffect): void {
    if (this.#closed || effect.type === 'broadcast') {
      return;
    }
    if (this.plan.speed === undefined) {
      this.#deliver(effect.link, effect.frame, this.#parts.timeline.now);
      return;
    }
    this.#queue.push(effect);
    this.#carry(this.plan.speed);
  }

  #carry(speed: number): void {
    if (this.#busy) {
      return;
    }
    const effect = this.#queue.take();
    if (effect === undefined || effect.type !== 'send') {
      return;
    }
    this.#busy = true;
    const sentAt = this.#parts.timeline.now;
    this.#parts.timeline.after(Math.ceil(((effect.frame.length + 4) * 1000) / speed), () => {
      this.#busy = false;
      this.#deliver(effect.link, effect.frame, sentAt);
      this.#carry(speed);
    });
  }

  #deliver(link: string, frame: Uint8Array, sentAt: number): void {
    const party = this.#parties.get(link);
    if (party === undefined || this.out) {
      return;
    }
    for (const delay of this.#arrivals(party)) {
      const at = this.#inTurn(party.lastDown, delay);
      party.lastDown = at;
      this.#parts.timeline.at(at, () => party.listener(frame, sentAt));
    }
  }

  #inTurn(last: number, delay: number): number {
    const at = this.#parts.timeline.now + delay;
    return this.plan.orderly ? Math.max(at, last) : at;
  }

  /** Delays of the copies that arrive; none where the frame is lost. */
  #arrivals({ random }: Party): number[] {
    const { loss, copies, delay } = this.plan;
    const [low, high] = delay;
    const lost = random.next();
    const doubled = random.next();
    const first = random.between(low, high);
    const second = random.between(low, high);
    if (this.#parts.isCalm()) {
      return [first];
    }
    if (lost < loss) {
      return [];
    }
    return doubled < copies ? [first, second] : [first];
  }
}
