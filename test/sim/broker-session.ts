/** What the broker keeps of one client id: subscriptions, what waits for it, and what is under way in both directions. */
import type { Qos, UpstreamEffect, UpstreamInput } from './adapter.ts';
import type { Wire } from './wire.ts';

type Acknowledge = Extract<UpstreamEffect, { type: 'upstream-acknowledge' }>;

/** One message on its way to a client. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** MQTT 5: of the subscriptions that it comes for; undefined: it names none. */
  readonly identifiers?: readonly number[] | undefined;
  /** Filters for which this copy comes. */
  readonly filters?: readonly string[];
  /** When the broker took it. */
  readonly since: number;
  packetId: number;
  /** It has been sent at least once. */
  sent: boolean;
  /** QoS 2: PUBREC has come. */
  released: boolean;
}

/** One QoS 2 message from a client, until PUBREL. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** Messages that may wait for an absent client. */
const MOST_WAITING = 500;

export class BrokerSession {
  readonly clientId: string;
  readonly clean: boolean;
  readonly #window: number;
  readonly subscriptions = new Map<string, Qos>();
  /** Subscription Identifiers of those that have one. */
  readonly identifiers = new Map<string, number>();
  readonly waiting: Outgoing[] = [];
  readonly inflight = new Map<number, Outgoing>();
  readonly received = new Map<number, Incoming>();
  wire: Wire | undefined;
  #lastId = 0;

  constructor(clientId: string, clean: boolean, window: number) {
    this.clientId = clientId;
    this.clean = clean;
    this.#window = window;
  }

  /** In place of the one that there is for this filter. */
  subscribe(filter: string, qos: Qos, identifier: number | undefined): void {
    this.subscriptions.set(filter, qos);
    this.identifiers.delete(filter);
    if (identifier !== undefined) {
      this.identifiers.set(filter, identifier);
    }
  }

  unsubscribe(filter: string): void {
    this.subscriptions.delete(filter);
    this.identifiers.delete(filter);
  }

  /** Takes a message for the client; false where it is not kept. */
  enqueue(message: Outgoing): boolean {
    if (message.qos === 0) {
      if (this.wire === undefined) {
        return false;
      }
      this.#send(message, false);
      return true;
    }
    if (this.waiting.length >= MOST_WAITING) {
      return false;
    }
    this.waiting.push(message);
    this.pump();
    return true;
  }

  /** Sends what the window admits. */
  pump(): void {
    while (this.wire !== undefined && this.inflight.size < this.#window) {
      const next = this.waiting.shift();
      if (next === undefined) {
        return;
      }
      next.packetId = this.#nextId();
      this.inflight.set(next.packetId, next);
      this.#send(next, false);
    }
  }

  /** The client is back: what was under way goes out again, in order. */
  resend(): void {
    for (const message of this.inflight.values()) {
      if (message.released) {
        this.#say({ type: 'upstream-released', connection: this.wire?.number ?? 0, packetId: message.packetId });
      } else {
        this.#send(message, true);
      }
    }
    this.pump();
  }

  /** PUBACK, PUBREC or PUBCOMP of the client; for a message that is not under way: nothing. */
  acknowledged({ packet, packetId, reasonCode }: Acknowledge): void {
    const message = this.inflight.get(packetId);
    if (message === undefined) {
      return;
    }
    if (packet === 'PUBREC' && reasonCode < 0x80 && message.qos === 2) {
      message.released = true;
      this.#say({ type: 'upstream-released', connection: this.wire?.number ?? 0, packetId });
      return;
    }
    this.inflight.delete(packetId);
    this.pump();
  }

  #send(message: Outgoing, dup: boolean): void {
    const { topic, payload, qos, retain, packetId, identifiers } = message;
    const named = identifiers === undefined ? {} : { identifiers };
    message.sent = true;
    const connection = this.wire?.number ?? 0;
    this.#say({ type: 'upstream-message', connection, packetId, topic, payload, qos, retain, dup, ...named });
  }

  #say(input: UpstreamInput): void {
    this.wire?.down(input);
  }

  #nextId(): number {
    do {
      this.#lastId = (this.#lastId % 0xffff) + 1;
    } while (this.inflight.has(this.#lastId));
    return this.#lastId;
  }
}
