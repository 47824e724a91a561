/** A broker that answers what it is asked, late, in any order, and not always well; and that goes away and comes back. */

import type { Qos } from '../../src/codec/message.ts';
import type { Effect, UpstreamConnect } from '../../src/core/contract/effect.ts';
import type { UpstreamInput } from '../../src/core/contract/input.ts';
import type { Random } from '../crash/random.ts';
import { TOPICS } from './plans.ts';

interface Connection {
  readonly request: UpstreamConnect;
  isUp: boolean;
  /** Packet ids of messages with QoS 1 and 2 that are out, and what they were. */
  readonly out: Map<number, { readonly topic: string; readonly qos: Qos; isReceived: boolean }>;
  readonly identifiers: Set<number>;
}

export class Broker {
  readonly #random: Random;
  readonly #prefix: string;
  readonly #connections = new Map<number, Connection>();
  /** What it is to say, in order. */
  #answers: UpstreamInput[] = [];
  #isAway = false;
  #lastPacketId = 0;

  constructor(random: Random, prefix: string) {
    this.#random = random;
    this.#prefix = prefix;
  }

  /** The gateway is gone. */
  reset(): void {
    this.#connections.clear();
    this.#answers = [];
  }

  hear(effect: Effect): void {
    switch (effect.type) {
      case 'upstream-connect':
        this.#connections.set(effect.connection, {
          ...{ request: effect, isUp: false, out: new Map(), identifiers: new Set<number>() },
        });
        this.#answers.push(this.#answerTo(effect));
        return;
      case 'upstream-close':
        this.#forget(effect.connection);
        return;
      case 'upstream-publish':
        if (effect.qos > 0) {
          this.#acknowledge(effect.connection, effect.packetId, effect.qos === 1 ? 'PUBACK' : 'PUBREC');
        }
        return;
      case 'upstream-release':
        this.#acknowledge(effect.connection, effect.packetId, 'PUBCOMP');
        return;
      case 'upstream-subscribe': {
        const { connection, packetId, qos, identifier } = effect;
        if (identifier !== undefined) {
          this.#connections.get(connection)?.identifiers.add(identifier);
        }
        const reasonCode = this.#random.chance(0.85) ? qos : this.#random.chance(0.5) ? 0 : 0x80;
        this.#answers.push({ type: 'upstream-subscribed', connection, packetId, reasonCode });
        return;
      }
      case 'upstream-unsubscribe': {
        const { connection, packetId } = effect;
        this.#answers.push({ type: 'upstream-unsubscribed', connection, packetId });
        return;
      }
      case 'upstream-ping':
        this.#answers.push({ type: 'upstream-ponged', connection: effect.connection });
        return;
      case 'upstream-acknowledge':
        this.#acknowledged(effect.connection, effect.packetId, effect.packet);
        return;
      default:
    }
  }

  /** What it says next; undefined: nothing. */
  next(): UpstreamInput | undefined {
    const random = this.#random;
    if (random.chance(0.01)) {
      this.#isAway = !this.#isAway;
    }
    const [connection] = this.#up();
    if (connection !== undefined && random.chance(this.#isAway ? 0.5 : 0.03)) {
      const which = this.#any(this.#up()) ?? connection;
      this.#forget(which);
      const takenOver = random.chance(0.1);
      return { type: 'upstream-lost', connection: which, reason: 'closed', takenOver };
    }
    if (random.chance(0.2)) {
      return this.#message() ?? this.#answer();
    }
    return this.#answer();
  }

  #up(): number[] {
    return [...this.#connections].filter(([, { isUp }]) => isUp).map(([connection]) => connection);
  }

  #any<Value>(values: readonly Value[]): Value | undefined {
    return values[this.#random.between(0, Math.max(0, values.length - 1))];
  }

  #answer(): UpstreamInput | undefined {
    const at = this.#random.chance(0.7) ? 0 : this.#random.between(0, Math.max(0, this.#answers.length - 1));
    const [answer] = this.#answers.splice(at, 1);
    const connection = answer && this.#connections.get(answer.connection);
    if (answer?.type === 'upstream-connected' && connection) {
      connection.isUp = true;
    } else if (answer?.type === 'upstream-lost' || answer?.type === 'upstream-refused') {
      this.#forget(answer.connection);
    }
    return answer;
  }

  #forget(connection: number): void {
    this.#connections.delete(connection);
    this.#answers = this.#answers.filter((answer) => answer.connection !== connection);
  }

  #answerTo({ connection, cleanSession }: UpstreamConnect): UpstreamInput {
    const random = this.#random;
    if (this.#isAway || random.chance(0.1)) {
      return {
        type: 'upstream-lost',
        connection,
        reason: 'refused',
        takenOver: false,
        ...(this.#isAway && { unsent: true }),
      };
    }
    if (random.chance(0.05)) {
      return { type: 'upstream-refused', connection, protocolVersion: 5, reasonCode: random.chance(0.5) ? 0x88 : 0x87 };
    }
    const sessionPresent = !cleanSession && random.chance(0.7);
    const receiveMaximum = random.chance(0.3) ? random.between(1, 3) : undefined;
    const some = {
      ...(receiveMaximum !== undefined && { receiveMaximum }),
      ...(random.chance(0.1) && { maximumQos: 1 as const }),
      ...(random.chance(0.1) && { maximumPacketSize: 30 }),
      ...(random.chance(0.1) && { identifiersAvailable: false }),
    };
    return { type: 'upstream-connected', connection, sessionPresent, ...some };
  }

  #acknowledge(connection: number, packetId: number, packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP'): void {
    const reasonCode = this.#random.chance(0.93) ? 0 : this.#random.chance(0.5) ? 0x87 : 0x91;
    this.#answers.push({ type: 'upstream-acknowledged', connection, packetId, packet, reasonCode });
  }

  #acknowledged(connection: number, packetId: number, packet: string): void {
    const out = this.#connections.get(connection)?.out;
    const message = out?.get(packetId);
    if (message && packet === 'PUBREC') {
      message.isReceived = true;
      this.#answers.push({ type: 'upstream-released', connection, packetId });
    } else {
      out?.delete(packetId);
    }
  }

  #nextPacketId(): number {
    this.#lastPacketId = (this.#lastPacketId % 50) + 1;
    return this.#lastPacketId;
  }

  /** A message on a connection that stands; sometimes one that it has sent already. */
  #message(): UpstreamInput | undefined {
    const random = this.#random;
    const connection = this.#any(this.#up());
    const known = connection === undefined ? undefined : this.#connections.get(connection);
    if (connection === undefined || known === undefined) {
      return undefined;
    }
    if (random.chance(0.05)) {
      return { type: random.chance(0.5) ? 'upstream-blocked' : 'upstream-drained', connection };
    }
    const again = random.chance(0.1)
      ? this.#any([...known.out].filter(([, { isReceived }]) => !isReceived))
      : undefined;
    const qos = again?.[1].qos ?? (random.between(0, 2) as Qos);
    const packetId = again?.[0] ?? (qos === 0 ? 0 : this.#nextPacketId());
    const prefix = this.#prefix.replace('%c', known.request.clientId ?? 'a');
    const topic = again?.[1].topic ?? `${prefix}${this.#any(TOPICS)}`;
    if (known.out.size >= 20 && !again) {
      return undefined;
    }
    if (qos > 0) {
      known.out.set(packetId, { topic, qos, isReceived: false });
    }
    const identifiers = known.request.shared ? [this.#any([...known.identifiers]) ?? 1] : undefined;
    const payload = new Uint8Array(random.between(0, 6)).fill(121);
    return {
      ...{ type: 'upstream-message', connection, packetId, topic, payload, qos, dup: again !== undefined },
      retain: random.chance(0.2),
      ...(identifiers && random.chance(0.9) && { identifiers }),
      ...(random.chance(0.1) && { expiryInterval: random.between(0, 20) }),
    };
  }
}
