/** Messages for one client (6.10): what waits, what is outstanding, and what the broker has to be told of each. */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import { SmallMap } from '../topics/small-map.ts';
import type { RegisteredTopic } from '../topics/topic-registry.ts';
import { isBeside } from './beside.ts';
import type { MessageDigest } from './payload-digest.ts';

/** A message as the broker sent it: one object, to which the delivery of each client that gets it points. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** The broker's packet id; 0: QoS 0. */
  readonly packetId: number;
  /** MQTT 5: not delivered after this moment, unless the client has heard of it. */
  readonly expiresAt: Millis | undefined;
}

/** A message on its way to one client. */
export interface Delivery {
  readonly message: BrokerMessage;
  /** When it came from the broker; −∞: that was before the start. */
  readonly at: Millis;
  /** The connection on which the broker has sent it last. */
  sentOn: number;
  /** The broker has lost the session, and waits for no acknowledgement of this client. */
  orphaned: boolean;
  /** MsgId towards the client, once it was sent; kept for every repetition (T-r5, T-19). 0: not sent yet. */
  msgId: number;
  /** QoS 2: the client said PUBREC. */
  received: boolean;
  /** QoS 2: the broker said PUBREL. */
  released: boolean;
  /** PUBACK 0x02 of the client that led to a new REGISTER (G-2); bounded, so that it ends. */
  reregistered: number;
  /** MsgId of the last REGISTER that was sent for it, so that a repetition has the same one (T-r5). 0: none. */
  registerMsgId: number;
  /** The client has it for good, or never will, and the broker may not know: what it is told when it repeats it, a reason code of MQTT 5. */
  over: number | undefined;
}

/** A message of which nothing has been said yet. */
export function newDelivery(message: BrokerMessage, at: Millis, sentOn: number): Delivery {
  return {
    message,
    at,
    sentOn,
    orphaned: false,
    msgId: 0,
    received: false,
    released: false,
    reregistered: 0,
    registerMsgId: 0,
    over: undefined,
  };
}

/** Whether the broker waits for acknowledgements of this client. */
export function awaitsBroker({ message, orphaned }: Delivery): boolean {
  return message.packetId !== 0 && !orphaned;
}

export class DeliveryQueue {
  readonly waiting: Delivery[] = [];
  /**
   * Those in `waiting` of which the client has heard, by their MsgId. Wherever such a message is (parked, behind another one, before a REGISTER,
   * outstanding), an answer counts for it, and no other message gets its MsgId (P-8, G-7).
   */
  readonly sent = new SmallMap<number, Delivery>();
  /** Octets of all payloads in `waiting`. */
  octets = 0;
  /** Octets of the QoS 0 payloads in `waiting`, and their number (SL-16). */
  qos0Octets = 0;
  qos0Messages = 0;
  /** Messages of the broker's session that the broker may still count as in flight, by packet id; those that are over are not in `waiting`. */
  readonly unsettled = new SmallMap<number, Delivery>();
  /** QoS 2 messages of which the client knew a MsgId when the process ended, or when they were dropped, by packet id (T-19, I-91). */
  readonly restored = new SmallMap<number, RestoredDelivery>();

  /** Whether a message has this MsgId that the client may still answer (G-7). */
  has(msgId: number): boolean {
    return this.sent.has(msgId) || restoredBy(this, msgId) !== undefined;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.sent.size + this.unsettled.size + this.restored.size === 0;
  }
}

/** What is left of a QoS 2 delivery until the broker repeats or releases it. */
export interface RestoredDelivery {
  readonly packetId: number;
  readonly msgId: number;
  /** What the message was; undefined: the record is of an older gateway. */
  readonly digest: MessageDigest | undefined;
  /** The client has said PUBREC since. */
  received: boolean;
  /** The client has ended the exchange since: what the broker is told of it, a reason code of MQTT 5. */
  over: number | undefined;
  /** It was dropped since the start, for the client did not answer, and PUBREC was said for it. */
  readonly dropped: boolean;
}

/** What the client knows by this MsgId from before a restart, while the broker has not repeated it. There are few of them at any time. */
export function restoredBy(queue: DeliveryQueue, msgId: number): RestoredDelivery | undefined {
  for (const restored of queue.restored.values()) {
    if (restored.msgId === msgId) {
      return restored;
    }
  }
  return undefined;
}

/** The broker has lost the session: it waits for no acknowledgement of it, and will not release anything (3.4). */
export function orphan(queue: DeliveryQueue): void {
  for (const packetId of [...queue.unsettled.keys(), ...queue.restored.keys()]) {
    const unsettled = queue.unsettled.get(packetId);
    if (isBeside(packetId)) {
      continue; // it is none of the broker's
    }
    if (unsettled) {
      unsettled.orphaned = true;
    }
    queue.unsettled.delete(packetId);
    queue.restored.delete(packetId);
  }
}

/** The TopicIdType and id of a PUBLISH (G-8), or why it cannot be delivered. */
export type Sendable =
  | { readonly topicIdType: 'normal'; readonly topicId: number; readonly topic: RegisteredTopic }
  | { readonly topicIdType: 'predefined' | 'short'; readonly topicId: number };

/**
 * What is outstanding towards the client. `registering`: REGISTER, for the head of the queue. `publishing`: PUBLISH QoS 1/2.
 * `awaiting-release`: the client said PUBREC, the broker's PUBREL is due. `releasing`: PUBREL.
 */
export interface Outstanding {
  step: 'registering' | 'publishing' | 'awaiting-release' | 'releasing';
  readonly delivery: Delivery;
  readonly msgId: number;
  /** `registering`: the topic of the REGISTER. `publishing`: the topic of a normal id. */
  readonly topic: RegisteredTopic | undefined;
  /** `publishing`: as it was sent, so that a repetition is the same (T-r5). */
  readonly address: Sendable | undefined;
  retries: number;
  /** Messages heard of the client when it was sent first: has anything come since (T-r6)? */
  readonly heard: number;
  /** The client has answered it with 0x01, which counts as no answer (G-4, T-38). */
  congested?: true;
}

export interface GatewayPublishState {
  readonly queue: DeliveryQueue;
  outstanding: Outstanding | undefined;
  /** The topic of the last REGISTER, for a REGACK that does not name it (I-10). */
  registering: RegisteredTopic | undefined;
}

export function newGatewayPublishState(): GatewayPublishState {
  return { queue: new DeliveryQueue(), outstanding: undefined, registering: undefined };
}

/** Nothing waits, and nothing is outstanding. */
export function isIdle({ queue, outstanding, registering }: GatewayPublishState): boolean {
  return queue.isEmpty && outstanding === undefined && registering === undefined;
}
