/** A broker with MQTT's own rules: sessions, subscriptions, QoS both ways, retained messages, wills. What goes wrong with it: broker-faults.ts. */
import type { Qos, UpstreamEffect } from './adapter.ts';
import type { Books } from './books/books.ts';
import { BrokerSession } from './broker-session.ts';
import { limitBroken } from './limits.ts';
import { isPoison, nameOf } from './payload.ts';
import type { BrokerPlan } from './plan.ts';
import { type Retained, Routing } from './routing.ts';
import type { Timeline } from './timeline.ts';
import type { Wire } from './wire.ts';

type Packet = UpstreamEffect;

/** Return code of CONNACK: another version of MQTT. */
const OTHER_VERSION = 1;

/** Reason codes of DISCONNECT. */
export const BUSY = 0x89;
export const SHUTTING_DOWN = 0x8b;
export const TAKEN_OVER = 0x8e;
export const ADMINISTRATIVE = 0x98;
export const PAYLOAD_INVALID = 0x99;

export interface BrokerParts {
  readonly plan: BrokerPlan;
  /** Before the topics of clients at the broker, where that is not hidden from it. */
  readonly topicPrefix?: string;
  readonly timeline: Timeline;
  readonly books: Books;
}

export class Broker {
  readonly #plan: BrokerPlan;
  readonly #timeline: Timeline;
  readonly #books: Books;
  readonly sessions = new Map<string, BrokerSession>();
  readonly #routing: Routing;
  readonly wires = new Set<Wire>();
  #backlog: { readonly wire: Wire; readonly packet: Packet | 'end' }[] | undefined;
  /** Not there: nothing can be connected to. */
  down = false;
  refuses = false;
  /** Accepts every connection and closes it. */
  flaps = false;
  lateness = 0;
  /** Client ids that somebody else uses and does not give back. */
  readonly takenElsewhere = new Set<string>();

  constructor({ plan, topicPrefix = '', timeline, books }: BrokerParts) {
    this.#plan = plan;
    this.#timeline = timeline;
    this.#books = books;
    this.#routing = new Routing({ plan, topicPrefix, timeline, books, sessions: this.sessions });
  }

  /** It takes only so many publishes at a time (MQTT 5 Receive Maximum). */
  get takesFew(): boolean {
    return this.#plan.protocol === 5 && this.#plan.limits.receiveMaximum !== undefined;
  }

  /** What is retained, by topic. */
  get retained(): ReadonlyMap<string, Retained> {
    return this.#routing.retained;
  }

  get stalled(): boolean {
    return this.#backlog !== undefined;
  }

  stall(): void {
    this.#backlog ??= [];
  }

  /** Works off what has come meanwhile, in the order in which it came. */
  unstall(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const { wire, packet } of backlog) {
      this.receive(wire, packet);
    }
  }

  /** A packet of the gateway, or the end of its connection. */
  receive(wire: Wire, packet: Packet | 'end'): void {
    if (this.#backlog !== undefined) {
      this.#backlog.push({ wire, packet });
    } else if (packet === 'end') {
      this.#ended(wire);
    } else if (!wire.brokerEnded) {
      this.#handle(wire, packet);
    }
  }

  #ended(wire: Wire): void {
    if (!wire.brokerEnded) {
      this.#over(wire, 'gateway');
    }
  }

  /** Ends a connection from this side. `code`: why, as MQTT 5 says it. `fires`: the will is published, as MQTT has it. */
  close(wire: Wire, code: number, fires = true): void {
    if (wire.brokerEnded) {
      return;
    }
    const isSaid = wire.protocol === 5 && (this.#plan.saysWhy || code === TAKEN_OVER);
    wire.down({
      type: 'upstream-lost',
      connection: wire.number,
      reason: 'closed by the broker',
      takenOver: isSaid && code === TAKEN_OVER,
      ...(isSaid && { reasonCode: code }),
    });
    if (!fires) {
      wire.will = undefined;
    }
    this.#over(wire, 'broker');
  }

  #over(wire: Wire, by: 'gateway' | 'broker'): void {
    wire.brokerEnded = true;
    this.wires.delete(wire);
    const session = this.sessions.get(wire.clientId);
    if (session?.wire === wire) {
      session.wire = undefined;
      if (session.clean) {
        this.#forget(session);
      }
    }
    const { will } = wire;
    wire.will = undefined;
    if (will !== undefined && wire.stands && !wire.disconnected) {
      this.#books.willFired(wire.clientId, will, by, wire.number);
      this.publish(will.topic, will.message, will.qos, will.retain);
    }
  }

  /** `isGivenUp`: the gateway wants it so. */
  #forget(session: BrokerSession, isGivenUp = false): void {
    this.#books.brokerForgot(session, isGivenUp);
    this.sessions.delete(session.clientId);
  }

  /** Everything that a stop of the broker ends; `forgets`: the sessions as well. */
  stop(forgets: boolean): void {
    this.down = true;
    for (const wire of [...this.wires]) {
      this.close(wire, SHUTTING_DOWN, false);
    }
    if (this.#backlog !== undefined) {
      this.#backlog = [];
    }
    if (forgets) {
      for (const session of [...this.sessions.values()]) {
        this.#forget(session);
      }
      this.#routing.forgetRetained();
    }
  }

  #handle(wire: Wire, packet: Packet): void {
    wire.lateness = this.lateness;
    if (packet.type === 'upstream-connect') {
      this.#connect(wire, packet);
      return;
    }
    const session = this.sessions.get(wire.clientId);
    if (!wire.stands || session?.wire !== wire) {
      return;
    }
    const connection = wire.number;
    switch (packet.type) {
      case 'upstream-publish':
        this.#publish(wire, session, packet);
        return;
      case 'upstream-release': {
        const { packetId } = packet;
        const message = session.received.get(packetId);
        session.received.delete(packetId);
        if (message !== undefined) {
          this.#books.brokerHas(wire.clientId, message.payload, message.topic, 2, true);
          this.publish(message.topic, message.payload, 2, message.retain);
        }
        wire.down({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBCOMP', reasonCode: 0 });
        return;
      }
      case 'upstream-subscribe': {
        const denied = this.#routing.isDenied(packet.filter);
        if (!denied) {
          session.subscribe(packet.filter, packet.qos, packet.identifier);
          this.#books.granted(wire.clientId, packet.filter, packet.qos);
        }
        const reasonCode = denied ? (wire.protocol === 5 ? 0x87 : 0x80) : packet.qos;
        wire.down({ type: 'upstream-subscribed', connection, packetId: packet.packetId, reasonCode });
        if (!denied && packet.withoutRetained !== true) {
          this.#routing.sendRetained(session, packet.filter, packet.qos);
        }
        return;
      }
      case 'upstream-unsubscribe':
        session.unsubscribe(packet.filter);
        wire.down({ type: 'upstream-unsubscribed', connection, packetId: packet.packetId });
        return;
      case 'upstream-acknowledge':
        session.acknowledged(packet);
        return;
      case 'upstream-ping':
        wire.down({ type: 'upstream-ponged', connection });
        return;
      case 'upstream-close':
        wire.disconnected = packet.disconnect;
    }
  }

  #connect(wire: Wire, packet: Extract<Packet, { type: 'upstream-connect' }>): void {
    const connection = wire.number;
    if (wire.gatewayEnded || this.down) {
      wire.brokerEnded = true; // nobody waits for the answer any more, or nobody is there to give it
      wire.down({ type: 'upstream-lost', connection, reason: 'connection reset', takenOver: false });
      return;
    }
    const { clientId } = wire;
    this.wires.add(wire);
    if (this.#speaksOther(wire, packet)) {
      return;
    }
    if (this.refuses) {
      const reasonCode = wire.protocol === 5 ? 0x88 : 3;
      wire.down({ type: 'upstream-refused', connection, protocolVersion: wire.protocol, reasonCode });
      this.#over(wire, 'broker');
      return;
    }
    let session = this.sessions.get(clientId);
    if (session?.wire !== undefined) {
      this.close(session.wire, TAKEN_OVER);
      session = this.sessions.get(clientId);
    }
    if (session !== undefined && packet.cleanSession) {
      this.#forget(session, true);
      session = undefined;
    }
    const sessionPresent = session !== undefined;
    session ??= new BrokerSession(clientId, packet.cleanSession, this.#plan.window);
    this.sessions.set(clientId, session);
    session.wire = wire;
    wire.stands = true;
    wire.since = this.#timeline.now;
    wire.will = packet.will;
    const identifiers = this.#plan.identifiers ? {} : { identifiersAvailable: false };
    const limits = wire.protocol === 5 ? { ...this.#plan.limits, ...identifiers } : {};
    wire.down({ type: 'upstream-connected', connection, sessionPresent, ...limits });
    if (this.flaps || this.takenElsewhere.has(clientId)) {
      this.close(wire, this.takenElsewhere.has(clientId) ? TAKEN_OVER : BUSY);
      return;
    }
    session.resend();
  }

  /** CONNECT of a version that this broker does not speak. */
  #speaksOther(wire: Wire, { connection, protocolVersion }: Extract<Packet, { type: 'upstream-connect' }>): boolean {
    wire.protocol = protocolVersion ?? this.#plan.protocol;
    if (wire.protocol <= this.#plan.protocol) {
      return false;
    }
    wire.protocol = 4;
    if (this.#plan.namesVersion) {
      wire.down({ type: 'upstream-refused', connection, protocolVersion: 4, reasonCode: OTHER_VERSION });
      this.#over(wire, 'broker');
    } else {
      this.close(wire, OTHER_VERSION);
    }
    return true;
  }

  #publish(wire: Wire, session: BrokerSession, packet: Extract<Packet, { type: 'upstream-publish' }>): void {
    const { packetId, topic, payload, qos, retain } = packet;
    const connection = wire.number;
    const name = nameOf(payload);
    if (isPoison(payload)) {
      this.#books.poisoned(wire.clientId, name, wire.number);
      this.close(wire, PAYLOAD_INVALID);
      return;
    }
    const beyond = wire.protocol === 5 ? limitBroken(packet, this.#plan.limits) : undefined;
    if (beyond !== undefined) {
      this.#books.brokeLimit(
        wire.clientId,
        `${name} goes to a broker that does not take it (0x${beyond.toString(16)})`,
      );
      this.close(wire, beyond);
      return;
    }
    if (qos === 2 && session.received.has(packetId)) {
      wire.down({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBREC', reasonCode: 0 });
      return;
    }
    const denied = this.#routing.isDenied(topic);
    if (qos > 0 && denied && wire.protocol === 5) {
      this.#books.brokerRefused(wire.clientId, name);
      const answer = qos === 1 ? 'PUBACK' : 'PUBREC';
      wire.down({ type: 'upstream-acknowledged', connection, packetId, packet: answer, reasonCode: 0x87 });
      return;
    }
    this.#books.brokerHas(wire.clientId, payload, topic, qos, qos < 2);
    if (qos === 2) {
      session.received.set(packetId, { topic, payload, retain });
      wire.down({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBREC', reasonCode: 0 });
      return;
    }
    this.publish(topic, payload, qos, retain);
    if (qos === 1) {
      wire.down({ type: 'upstream-acknowledged', connection, packetId, packet: 'PUBACK', reasonCode: 0 });
    }
  }

  /** A message to everybody who has subscribed to its topic. */
  publish(topic: string, payload: Uint8Array, qos: Qos, retain: boolean): void {
    this.#routing.publish(topic, payload, qos, retain);
  }
}
