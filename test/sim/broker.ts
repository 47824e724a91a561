/** A broker with MQTT's own rules: sessions, subscriptions, QoS both ways, retained messages, wills. What goes wrong with it: broker-faults.ts. */
import type { Qos, UpstreamEffect } from './adapter.ts';
import type { Books } from './books/books.ts';
import { BrokerSession } from './broker-session.ts';
import { limitBroken } from './limits.ts';
import { isPoison, nameOf } from './payload.ts';
import type { BrokerPlan } from './plan.ts';
import type { Timeline } from './timeline.ts';
import { filterMatches } from './topic-match.ts';
import { OWN, type Wire } from './wire.ts';

type Packet = UpstreamEffect;

/** Reason codes of DISCONNECT. */
export const BUSY = 0x89;
export const SHUTTING_DOWN = 0x8b;
export const TAKEN_OVER = 0x8e;
export const ADMINISTRATIVE = 0x98;
export const PAYLOAD_INVALID = 0x99;

export interface BrokerParts {
  readonly plan: BrokerPlan;
  readonly timeline: Timeline;
  readonly books: Books;
}

export class Broker {
  readonly #plan: BrokerPlan;
  readonly #timeline: Timeline;
  readonly #books: Books;
  readonly sessions = new Map<string, BrokerSession>();
  readonly #retained = new Map<string, { readonly payload: Uint8Array; readonly qos: Qos }>();
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

  constructor({ plan, timeline, books }: BrokerParts) {
    this.#plan = plan;
    this.#timeline = timeline;
    this.#books = books;
  }

  get protocol(): 4 | 5 {
    return this.#plan.protocol;
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
    const isSaid = this.protocol === 5 && (this.#plan.saysWhy || code === TAKEN_OVER);
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

  #forget(session: BrokerSession): void {
    this.#books.brokerForgot(session);
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
      this.#retained.clear();
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
        const denied = packet.filter.startsWith('deny/');
        if (!denied) {
          session.subscriptions.set(packet.filter, packet.qos);
          this.#books.granted(wire.clientId, packet.filter, packet.qos);
        }
        const reasonCode = denied ? (this.protocol === 5 ? 0x87 : 0x80) : packet.qos;
        wire.down({ type: 'upstream-subscribed', connection, packetId: packet.packetId, reasonCode });
        if (!denied) {
          this.#sendRetained(session, packet.filter, packet.qos);
        }
        return;
      }
      case 'upstream-unsubscribe':
        session.subscriptions.delete(packet.filter);
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
    if (wire.gatewayEnded || this.down) {
      wire.brokerEnded = true;
      return; // nobody waits for the answer any more
    }
    const connection = wire.number;
    const { clientId } = wire;
    this.wires.add(wire);
    if (this.refuses) {
      const reasonCode = this.protocol === 5 ? 0x88 : 3;
      wire.down({ type: 'upstream-refused', connection, protocolVersion: this.protocol, reasonCode });
      this.#over(wire, 'broker');
      return;
    }
    let session = this.sessions.get(clientId);
    if (session?.wire !== undefined) {
      this.close(session.wire, TAKEN_OVER);
      session = this.sessions.get(clientId);
    }
    if (session !== undefined && packet.cleanSession) {
      this.#forget(session);
      session = undefined;
    }
    const sessionPresent = session !== undefined;
    session ??= new BrokerSession(clientId, packet.cleanSession, this.#plan.window);
    this.sessions.set(clientId, session);
    session.wire = wire;
    wire.stands = true;
    wire.since = this.#timeline.now;
    wire.will = packet.will;
    const limits = this.protocol === 5 ? this.#plan.limits : {};
    wire.down({ type: 'upstream-connected', connection, sessionPresent, ...limits });
    if (this.flaps || this.takenElsewhere.has(clientId)) {
      this.close(wire, this.takenElsewhere.has(clientId) ? TAKEN_OVER : BUSY);
      return;
    }
    session.resend();
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
    const beyond = this.protocol === 5 ? limitBroken(packet, this.#plan.limits) : undefined;
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
    const denied = topic.startsWith('deny/');
    if (qos > 0 && denied && this.protocol === 5) {
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
    if (topic.startsWith('deny/')) {
      return;
    }
    if (retain) {
      this.#retained.set(topic, { payload, qos });
    }
    for (const session of this.sessions.values()) {
      let granted = -1;
      for (const [filter, filterQos] of session.subscriptions) {
        if (filterQos > granted && filterMatches(filter, topic)) {
          granted = filterQos;
        }
      }
      if (granted >= 0) {
        this.#enqueue(session, topic, payload, Math.min(qos, granted) as Qos, false);
      }
    }
  }

  #sendRetained(session: BrokerSession, filter: string, granted: Qos): void {
    for (const [topic, { payload, qos }] of this.#retained) {
      if (filterMatches(filter, topic)) {
        this.#enqueue(session, topic, payload, Math.min(qos, granted) as Qos, true);
      }
    }
  }

  #enqueue(session: BrokerSession, topic: string, payload: Uint8Array, qos: Qos, retain: boolean): void {
    const since = this.#timeline.now;
    const message = { topic, payload, qos, retain, since, packetId: 0, sent: false, released: false };
    if (session.clientId !== OWN && session.enqueue(message)) {
      this.#books.enqueued(session.clientId, nameOf(payload), topic, qos, retain);
    }
  }
}
