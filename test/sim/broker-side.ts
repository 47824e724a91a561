/** What the upstream adapter does in life: connections in turn for each client id, a limit for CONNACK, silence after the end. */
import type { UpstreamEffect, UpstreamInput } from './adapter.ts';
import type { Broker } from './broker.ts';
import type { Random } from './streams.ts';
import type { Entry, Timeline } from './timeline.ts';
import { OWN, SHARED, Wire } from './wire.ts';

type Connect = Extract<UpstreamEffect, { type: 'upstream-connect' }>;

const CONNECT_TIMEOUT = 10_000;

/** A broker that does not answer for so long is given up. */
const PING_TIMEOUT = 90_000;

const CLOSE_TIMEOUT = 2_000;

export interface BrokerSideParts {
  readonly broker: Broker;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly delay: readonly [number, number];
  readonly subscribing: number;
  readonly report: (input: UpstreamInput) => void;
}

export class BrokerSide {
  readonly #parts: BrokerSideParts;
  readonly #wires = new Map<number, Wire>();
  readonly #ending = new Map<string, Set<Wire>>();
  readonly #waiting = new Map<string, Connect[]>();
  readonly #timeouts = new Map<number, Entry>();
  #dead = false;

  constructor(parts: BrokerSideParts) {
    this.#parts = parts;
  }

  perform(effect: UpstreamEffect): void {
    if (effect.type === 'upstream-connect') {
      this.#connectInTurn(effect);
    } else if (effect.type === 'upstream-close') {
      this.#close(effect.connection, effect.disconnect);
    } else {
      this.#wires.get(effect.connection)?.up(effect);
    }
  }

  /** The process is gone. */
  die(): void {
    this.#dead = true;
    for (const wire of this.#wires.values()) {
      wire.breakOff();
    }
  }

  /** The broker does not answer pings: connections that were made before `since` are given up. */
  pingsUnanswered(): void {
    for (const wire of [...this.#wires.values()]) {
      if (wire.stands) {
        this.#giveUp(wire, 'no answer to ping');
      }
    }
  }

  static readonly pingTimeout = PING_TIMEOUT;

  #connectInTurn(effect: Connect): void {
    const clientId = labelOf(effect);
    if (this.#ending.has(clientId)) {
      const waiting = this.#waiting.get(clientId);
      if (waiting === undefined) {
        this.#waiting.set(clientId, [effect]);
      } else {
        waiting.push(effect);
      }
      return;
    }
    this.#connect(effect, clientId);
  }

  #connect(effect: Connect, clientId: string): void {
    const { broker, timeline, random, delay, subscribing } = this.#parts;
    const { connection } = effect;
    const wire = new Wire({
      number: connection,
      clientId,
      timeline,
      random,
      delay,
      subscribing,
      atBroker: (from, packet) => this.#atBroker(from, packet),
      atGateway: (from, packet) => this.#atGateway(from, packet),
    });
    this.#wires.set(connection, wire);
    if (broker.down) {
      wire.brokerEnded = true;
      wire.down({ type: 'upstream-lost', connection, reason: 'connection refused', takenOver: false, unsent: true });
      return;
    }
    wire.up(effect);
    this.#timeouts.set(
      connection,
      timeline.after(CONNECT_TIMEOUT, () => this.#giveUp(wire, 'no CONNACK within 10 s')),
    );
  }

  #giveUp(wire: Wire, reason: string): void {
    if (this.#dead || this.#wires.get(wire.number) !== wire) {
      return;
    }
    this.#over(wire);
    wire.up('end');
    this.#parts.report({ type: 'upstream-lost', connection: wire.number, reason, takenOver: false, ours: true });
  }

  #atBroker(wire: Wire, packet: UpstreamEffect | 'end'): void {
    this.#parts.broker.receive(wire, packet);
    if (packet === 'end') {
      this.#ended(wire);
    }
  }

  #atGateway(wire: Wire, input: UpstreamInput): void {
    if (this.#dead || this.#wires.get(wire.number) !== wire) {
      return;
    }
    if (input.type === 'upstream-connected') {
      this.#parts.timeline.cancel(this.#timeouts.get(wire.number));
      this.#timeouts.delete(wire.number);
    }
    if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
      this.#over(wire);
      this.#ended(wire);
    }
    this.#parts.report(input);
  }

  #close(connection: number, disconnect: boolean): void {
    const wire = this.#wires.get(connection);
    if (wire === undefined) {
      for (const [clientId, waiting] of this.#waiting) {
        this.#waiting.set(
          clientId,
          waiting.filter((effect) => effect.connection !== connection),
        );
      }
      return;
    }
    wire.up({ type: 'upstream-close', connection, disconnect });
    wire.up('end');
    this.#over(wire);
  }

  #over(wire: Wire): void {
    wire.gatewayEnded = true;
    this.#wires.delete(wire.number);
    this.#parts.timeline.cancel(this.#timeouts.get(wire.number));
    this.#timeouts.delete(wire.number);
    const ending = this.#ending.get(wire.clientId) ?? new Set();
    ending.add(wire);
    this.#ending.set(wire.clientId, ending);
    this.#parts.timeline.after(CLOSE_TIMEOUT, () => this.#ended(wire));
  }

  #ended(wire: Wire): void {
    const ending = this.#ending.get(wire.clientId);
    if (ending === undefined || !ending.delete(wire) || ending.size > 0) {
      return;
    }
    this.#ending.delete(wire.clientId);
    const waiting = this.#waiting.get(wire.clientId) ?? [];
    this.#waiting.delete(wire.clientId);
    if (!this.#dead) {
      for (const effect of waiting) {
        this.#connectInTurn(effect);
      }
    }
  }
}

/** Under which name it is in the run: of a client, or of the gateway. */
export function labelOf({ clientId, shared }: Connect): string {
  return clientId ?? (shared ? SHARED : OWN);
}
