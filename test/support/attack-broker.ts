import type { Qos } from '../../src/codec/message.ts';
import type { Effect, Will } from '../../src/core/contract/effect.ts';
import type { UpstreamInput } from '../../src/core/contract/input.ts';
import { matchesFilter } from '../../src/core/topics/topic-name.ts';

interface Kept {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  packetId: number;
}

/** What the broker has of one client id, over its connections. */
interface BrokerSession {
  readonly filters: Map<string, Qos>;
  readonly queue: Kept[];
  connection: number | undefined;
  isClean: boolean;
  will: Will | undefined;
}

/** A broker that does what MQTT says, with QoS 1 for all that has more than 0: it keeps sessions, retained messages and wills. */
export class AttackBroker {
  /** Everything that was published to it, as `topic payload`; wills too. */
  readonly published: string[] = [];
  readonly #sessions = new Map<string, BrokerSession>();
  readonly #byConnection = new Map<number, BrokerSession>();
  readonly #retained = new Map<string, Uint8Array>();
  readonly #tell: (input: UpstreamInput) => void;
  #lastPacketId = 0;

  constructor(tell: (input: UpstreamInput) => void) {
    this.#tell = tell;
  }

  /** Somebody else publishes. */
  publish(topic: string, payload: string | Uint8Array, retain = false): void {
    const octets = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    this.published.push(`${topic} ${new TextDecoder().decode(octets)}`);
    if (retain) {
      this.#retained.set(topic, octets);
    }
    for (const session of this.#sessions.values()) {
      const qos = Math.max(-1, ...[...session.filters].filter(([filter]) => isIn(filter, topic)).map(([, of]) => of));
      if (qos >= 0) {
        this.#give(session, topic, octets, Math.min(1, qos) as Qos, false);
      }
    }
  }

  /** The gateway is gone, and says nothing: all connections break. */
  breakAll(): void {
    for (const connection of [...this.#byConnection.keys()]) {
      this.#end(connection, true);
    }
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case 'upstream-connect':
        this.#connect(effect.connection, effect.clientId ?? (effect.shared ? '(shared)' : '(own)'), effect);
        break;
      case 'upstream-subscribe': {
        const { connection, packetId, filter, qos } = effect;
        const session = this.#byConnection.get(connection);
        session?.filters.set(filter, qos);
        this.#tell({ type: 'upstream-subscribed', connection, packetId, reasonCode: qos });
        for (const [topic, payload] of effect.withoutRetained || filter.startsWith('$share/') ? [] : this.#retained) {
          if (session && isIn(filter, topic)) {
            this.#give(session, topic, payload, Math.min(1, qos) as Qos, true);
          }
        }
        break;
      }
      case 'upstream-unsubscribe':
        this.#byConnection.get(effect.connection)?.filters.delete(effect.filter);
        this.#tell({ type: 'upstream-unsubscribed', connection: effect.connection, packetId: effect.packetId });
        break;
      case 'upstream-publish': {
        const { connection, packetId, topic, payload, qos, retain } = effect;
        this.publish(topic, payload, retain);
        if (qos > 0) {
          const packet = qos === 1 ? 'PUBACK' : 'PUBREC';
          this.#tell({ type: 'upstream-acknowledged', connection, packetId, packet, reasonCode: 0 });
        }
        break;
      }
      case 'upstream-release': {
        const { connection, packetId } = effect;
        this.#tell({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBCOMP', reasonCode: 0 });
        break;
      }
      case 'upstream-acknowledge': {
        const queue = this.#byConnection.get(effect.connection)?.queue ?? [];
        const at = queue.findIndex(({ packetId }) => packetId === effect.packetId);
        queue.splice(at, at < 0 ? 0 : 1);
        break;
      }
      case 'upstream-ping':
        this.#tell({ type: 'upstream-ponged', connection: effect.connection });
        break;
      case 'upstream-close':
        this.#end(effect.connection, !effect.disconnect);
        if (effect.will && !effect.disconnect) {
          this.publish(effect.will.topic, effect.will.message, effect.will.retain);
        }
        break;
      default:
    }
  }

  #connect(
    connection: number,
    clientId: string,
    { cleanSession, will }: { readonly cleanSession: boolean; readonly will: Will | undefined },
  ): void {
    const former = this.#sessions.get(clientId);
    const isPresent = former !== undefined && !former.isClean && !cleanSession;
    const session: BrokerSession = isPresent
      ? former
      : { filters: new Map(), queue: [], connection: undefined, isClean: cleanSession, will: undefined };
    session.connection = connection;
    session.isClean = cleanSession;
    session.will = will;
    this.#sessions.set(clientId, session);
    this.#byConnection.set(connection, session);
    this.#tell({ type: 'upstream-connected', connection, sessionPresent: isPresent });
    for (const kept of session.queue) {
      this.#send(session, kept, true);
    }
  }

  #end(connection: number, isBroken: boolean): void {
    const session = this.#byConnection.get(connection);
    this.#byConnection.delete(connection);
    if (session?.connection !== connection) {
      return;
    }
    session.connection = undefined;
    const { will } = session;
    session.will = undefined;
    if (session.isClean) {
      session.filters.clear();
      session.queue.length = 0;
    }
    if (will && isBroken) {
      this.publish(will.topic, will.message, will.retain);
    }
  }

  #give(session: BrokerSession, topic: string, payload: Uint8Array, qos: Qos, retain: boolean): void {
    const kept = { topic, payload, qos, retain, packetId: qos === 0 ? 0 : ++this.#lastPacketId };
    if (qos > 0) {
      session.queue.push(kept);
    }
    this.#send(session, kept, false);
  }

  #send({ connection }: BrokerSession, kept: Kept, dup: boolean): void {
    if (connection !== undefined) {
      this.#tell({ type: 'upstream-message', connection, dup, ...kept });
    }
  }
}

function isIn(filter: string, topic: string): boolean {
  return matchesFilter(filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : filter, topic);
}
