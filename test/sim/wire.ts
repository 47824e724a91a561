/** One connection between gateway and broker, as TCP carries it: in order, with a delay, and with an end that each side hears of later. */
import type { UpstreamEffect, UpstreamInput, Will } from '../../src/ports/upstream.ts';
import type { Random } from './streams.ts';
import type { Timeline } from './timeline.ts';

/** The gateway's own connection, for people. */
export const OWN = '(gateway)';

/** The connection that the clients of an aggregating gateway share, for people. */
export const SHARED = '(shared)';

export interface WireParts {
  readonly number: number;
  readonly clientId: string;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly delay: readonly [number, number];
  /** So long the broker has to do with a SUBSCRIBE before it looks at what comes behind. */
  readonly subscribing: number;
  /** A packet, or the end, has reached the broker. */
  readonly atBroker: (wire: Wire, packet: UpstreamEffect | 'end') => void;
  /** A packet, or the end, has reached the gateway. */
  readonly atGateway: (wire: Wire, packet: UpstreamInput) => void;
}

export class Wire {
  readonly number: number;
  readonly clientId: string;
  readonly #parts: WireParts;
  #lastUp = 0;
  #lastDown = 0;
  /** What is after that time never reaches the broker. */
  #cut = Number.POSITIVE_INFINITY;
  /** The broker has said CONNACK(accepted). */
  stands = false;
  /** The version of MQTT that is spoken on it. */
  protocol: 4 | 5 = 4;
  /** When it said so. */
  since = 0;
  /** The gateway sends and hears nothing any more. */
  gatewayEnded = false;
  /** The broker knows that it is over. */
  brokerEnded = false;
  /** MQTT DISCONNECT has reached the broker. */
  disconnected = false;
  will: Will | undefined;
  /** Further delay of what the broker says. */
  lateness = 0;

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.number = parts.number;
    this.clientId = parts.clientId;
  }

  up(packet: UpstreamEffect | 'end'): void {
    const { timeline } = this.#parts;
    this.#lastUp = Math.max(timeline.now + this.#delay(), this.#lastUp);
    const arrival = this.#lastUp;
    if (packet !== 'end' && packet.type === 'upstream-subscribe') {
      this.#lastUp += this.#parts.subscribing;
    }
    timeline.at(arrival, () => {
      if (arrival <= this.#cut) {
        this.#parts.atBroker(this, packet);
      }
    });
  }

  down(packet: UpstreamInput): void {
    const { timeline } = this.#parts;
    this.#lastDown = Math.max(timeline.now + this.#delay() + this.lateness, this.#lastDown);
    timeline.at(this.#lastDown, () => {
      if (!this.gatewayEnded) {
        this.#parts.atGateway(this, packet);
      }
    });
  }

  /** The process is gone: some of what it had written still arrives, then the end. */
  breakOff(): void {
    if (this.gatewayEnded) {
      return;
    }
    const { timeline } = this.#parts;
    this.gatewayEnded = true;
    this.#cut = timeline.now + this.#delay();
    timeline.at(this.#cut, () => this.#parts.atBroker(this, 'end'));
  }

  #delay(): number {
    const [low, high] = this.#parts.delay;
    return this.#parts.random.between(low, high);
  }
}
