/**
 * The connection on which the gateway says its status, a connection of its own so that nothing it does can cost a client's message (I-107): made when the
 * gateway's own stands, made again after growing pauses, given up for good where the broker closes it on one of its topics. Without I/O: effects go to
 * `perform`, what is heard comes in by `heard`, time is an argument.
 */
import type { Millis } from '../ports/clock.ts';
import type { Note } from '../ports/observer.ts';
import type { UpstreamEffect, UpstreamInput, Will } from '../ports/upstream.ts';
import { Attempts, type AttemptsOptions } from './attempts.ts';
import { Felled } from './felled.ts';
import type { LinkUser, StatusMessage } from './link-user.ts';
import { OnTheWay, type Packet, WINDOW } from './on-the-way.ts';
import { mayMeanThePacket, mayMeanTheWill, reasonCodeText, TAKEN_OVER } from './reason-codes.ts';

/** A broker that has not answered a packet for so long is left, and connected to again. */
const ANSWER_LIMIT: Millis = 60_000;

/** Octets of PUBLISH beside topic, payload and correlation data, at most. */
const HEADER = 16;

const REFUSED = 0x80;

type Heard<T extends UpstreamInput['type']> = Extract<UpstreamInput, { type: T }>;

export interface StatusLinkParts extends AttemptsOptions {
  readonly will: Will;
  readonly perform: (effect: UpstreamEffect) => void;
  readonly tell: (note: Note) => void;
  readonly user: LinkUser;
}

export class StatusLink {
  readonly #parts: StatusLinkParts;
  readonly #attempts: Attempts;
  readonly #felled = new Felled();
  readonly #onTheWay = new OnTheWay();
  #phase: 'waiting' | 'connecting' | 'up' | 'off' = 'waiting';
  #connection = 0;
  /** Since when the gateway's own connection stands; undefined: it does not. */
  #ownSince: Millis | undefined;
  #retryAt: Millis = 0;
  #upAt: Millis = 0;
  #maximumPacketSize = Number.POSITIVE_INFINITY;
  #isBlocked = false;
  /** Reason codes that were told of on this connection. */
  readonly #toldCodes = new Set<number>();

  constructor(parts: StatusLinkParts) {
    this.#parts = parts;
    this.#attempts = new Attempts(parts);
  }

  get isUp(): boolean {
    return this.#phase === 'up';
  }

  /** It was given up for good. */
  get isOff(): boolean {
    return this.#phase === 'off';
  }

  /** Keys of messages that may be the reason why a connection broke: they are to be said first. */
  get suspects(): readonly string[] {
    return this.#felled.suspects;
  }

  /** When `tick` wants to be called; undefined: there is nothing to wait for. */
  get deadline(): Millis | undefined {
    if (this.#phase === 'waiting') {
      return this.#ownSince === undefined ? undefined : this.#retryAt;
    }
    const { oldest } = this.#onTheWay;
    return oldest && this.#phase === 'up' ? oldest.sentAt + ANSWER_LIMIT : undefined;
  }

  /** The gateway's own connection stands, or stands no more. */
  own(isUp: boolean, now: Millis): void {
    this.#ownSince = isUp ? now : undefined;
  }

  /** Whether `publish` may be called: `alone`, of a message that is to be alone. */
  mayPublish(alone: boolean, now: Millis): boolean {
    const isOpen = this.#phase === 'up' && !this.#isBlocked;
    return isOpen && this.#onTheWay.hasRoom(alone, this.#felled.isCautious(now));
  }

  /** Says it with QoS 1; `told` follows where the broker answers. */
  publish({ key, topic, payload, retain, alone = false, correlationData }: StatusMessage, now: Millis): void {
    const size = topic.length * 3 + payload.length + (correlationData?.length ?? 0) + HEADER;
    if (size > this.#maximumPacketSize) {
      this.#problem(`the broker takes packets of at most ${this.#maximumPacketSize} octets: ${topic} is not told`);
      this.#parts.user.told({ key, topic }, now);
      return;
    }
    this.#parts.perform({
      type: 'upstream-publish',
      connection: this.#connection,
      packetId: this.#onTheWay.add({ key, topic, alone, sentAt: now }),
      topic,
      payload,
      qos: 1,
      retain,
      dup: false,
      ...(correlationData && { correlationData }),
    });
  }

  /** `subscribed` follows; nothing goes out beside it. */
  subscribe(filter: string, now: Millis): void {
    const packetId = this.#onTheWay.add({ key: undefined, topic: filter, alone: true, sentAt: now });
    this.#parts.perform({ type: 'upstream-subscribe', connection: this.#connection, packetId, filter, qos: 0 });
  }

  unsubscribe(filter: string, now: Millis): void {
    const packetId = this.#onTheWay.add({ key: undefined, topic: filter, alone: false, sentAt: now });
    this.#parts.perform({ type: 'upstream-unsubscribe', connection: this.#connection, packetId, filter });
  }

  /** `ponged` follows. */
  ping(): void {
    this.#parts.perform({ type: 'upstream-ping', connection: this.#connection });
  }

  /** An input of the upstream; those of a connection that is over are nobody's. */
  heard(input: UpstreamInput, now: Millis): void {
    if (input.connection !== this.#connection || this.#phase === 'off' || this.#phase === 'waiting') {
      return;
    }
    switch (input.type) {
      case 'upstream-connected':
        this.#connected(input, now);
        return;
      case 'upstream-refused':
        this.#refused(input, now);
        return;
      case 'upstream-lost':
        this.#lost(input, now);
        return;
      case 'upstream-acknowledged':
        this.#acknowledged(input, now);
        return;
      case 'upstream-subscribed':
        this.#subscribed(input, now);
        return;
      case 'upstream-unsubscribed':
        this.#answered(input.packetId);
        return;
      case 'upstream-message':
        this.#parts.user.heard(input, now);
        return;
      case 'upstream-ponged':
        this.#parts.user.ponged(now);
        return;
      case 'upstream-blocked':
      case 'upstream-drained':
        this.#isBlocked = input.type === 'upstream-blocked';
        return;
      default:
        return; // nothing has QoS 2 here, or 0
    }
  }

  /** Connects where it is time; leaves a broker that does not answer. Harmless at any time. */
  tick(now: Millis): void {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) {
      return;
    }
    if (this.#phase === 'waiting') {
      this.#connect(now);
      return;
    }
    this.#close();
    this.#over(`no answer to a packet within ${ANSWER_LIMIT / 1_000} s`, now);
  }

  #connect(now: Millis): void {
    const topic = this.#felled.judge(this.#ownSince ?? now);
    if (topic !== undefined && !this.#parts.user.canDoWithout(topic)) {
      this.#giveUp(topic, 'the broker closes the connection on it');
      return;
    }
    this.#phase = 'connecting';
    this.#connection++;
    this.#parts.perform({
      type: 'upstream-connect',
      connection: this.#connection,
      clientId: undefined,
      cleanSession: true,
      will: this.#parts.will,
      requests: true,
    });
  }

  #connected(input: Heard<'upstream-connected'>, now: Millis): void {
    const { receiveMaximum = WINDOW, maximumPacketSize = Number.POSITIVE_INFINITY, retainAvailable = true } = input;
    if (!retainAvailable || input.maximumQos === 0) {
      this.#close();
      this.#giveUp(this.#parts.will.topic, `the broker has no ${retainAvailable ? 'QoS 1' : 'retained messages'}`);
      return;
    }
    this.#phase = 'up';
    this.#upAt = now;
    this.#attempts.connected();
    this.#onTheWay.begin(receiveMaximum);
    this.#felled.stands(now);
    this.#maximumPacketSize = maximumPacketSize;
    this.#isBlocked = false;
    this.#toldCodes.clear();
    this.#parts.tell({ type: 'status-up' });
    this.#parts.user.up(now);
  }

  #refused({ protocolVersion, reasonCode }: Heard<'upstream-refused'>, now: Millis): void {
    const reason = `the broker refuses the connection: ${reasonCodeText(reasonCode, protocolVersion)}`;
    this.#attemptFailed(reason, mayMeanTheWill(reasonCode, protocolVersion), now);
  }

  #lost({ reason, takenOver, reasonCode, ours, unsent }: Heard<'upstream-lost'>, now: Millis): void {
    const byBroker = !takenOver && ours !== true && unsent !== true && mayMeanThePacket(reasonCode);
    if (this.#phase === 'connecting') {
      this.#attemptFailed(reason, byBroker, now);
      return;
    }
    if (takenOver) {
      this.#problem(TAKEN_OVER);
    } else if (byBroker) {
      this.#felled.broke(this.#onTheWay.topics, now);
    }
    this.#over(reason, now);
  }

  /** `byBroker`: it may be the will, or the client id. */
  #attemptFailed(reason: string, byBroker: boolean, now: Millis): void {
    if (!byBroker) {
      this.#attempts.failed();
    } else if (this.#attempts.refused(this.#ownSince ?? now, now)) {
      this.#giveUp(this.#parts.will.topic, reason);
      return;
    }
    this.#over(reason, now);
  }

  /** The connection, or the attempt, is over; the next one follows. */
  #over(reason: string, now: Millis): void {
    const wasUp = this.#phase === 'up';
    const retryIn = this.#attempts.pause(wasUp ? now - this.#upAt : undefined);
    this.#retryAt = now + retryIn;
    this.#phase = 'waiting';
    this.#parts.tell({ type: 'status-down', reason, retryIn });
    if (wasUp) {
      this.#parts.user.down();
    }
  }

  #giveUp(topic: string, reason: string): void {
    this.#phase = 'off';
    this.#parts.tell({ type: 'status-off', topic, reason });
    this.#parts.user.down();
  }

  #close(): void {
    this.#parts.perform({ type: 'upstream-close', connection: this.#connection, disconnect: true });
  }

  #acknowledged({ packetId, reasonCode }: Heard<'upstream-acknowledged'>, now: Millis): void {
    const packet = this.#answered(packetId);
    if (packet?.key === undefined) {
      return;
    }
    if (reasonCode >= REFUSED && !this.#toldCodes.has(reasonCode)) {
      this.#toldCodes.add(reasonCode);
      this.#problem(`the broker does not take ${packet.topic}: ${reasonCodeText(reasonCode, 5)}`);
    }
    this.#parts.user.told({ key: packet.key, topic: packet.topic }, now);
  }

  #subscribed({ packetId, reasonCode }: Heard<'upstream-subscribed'>, now: Millis): void {
    const packet = this.#answered(packetId);
    if (packet === undefined) {
      return;
    }
    if (reasonCode >= REFUSED) {
      this.#problem(`the broker refuses the subscription to ${packet.topic}: what is said there is not heard`);
    }
    this.#parts.user.subscribed(packet.topic, now);
  }

  #answered(packetId: number): Packet | undefined {
    const packet = this.#onTheWay.answered(packetId);
    if (packet !== undefined) {
      this.#felled.answered(packet.topic);
    }
    return packet;
  }

  #problem(reason: string): void {
    this.#parts.tell({ type: 'status-problem', reason });
  }
}
