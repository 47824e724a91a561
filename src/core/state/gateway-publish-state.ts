/** Messages for one client (6.10): what waits, what is outstanding, and what the broker has to be told of each. */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import type { RegisteredTopic } from '../topics/topic-registry.ts';
import { IdSequence } from './msg-id.ts';

/** A message as the broker sent it: one object, to which the delivery of each client that gets it points. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** The broker's packet id; 0: QoS 0, or the broker has lost the session and waits for nothing. */
  packetId: number;
  /** MQTT 5: not delivered after this moment, unless the client has heard of it. */
  readonly expiresAt: Millis | undefined;
}

/** A message on its way to one client. */
export interface Delivery {
  readonly message: BrokerMessage;
  /** MsgId towards the client, once it was sent; kept for every repetition (T-r5, T-19). 0: not sent yet. */
  msgId: number;
  /** QoS 2: the client said PUBREC. */
  received: boolean;
  /** QoS 2: the broker said PUBREL. */
  released: boolean;
  /** PUBACK 0x02 of the client that led to a new REGISTER (G-2); bounded, so that it ends. */
  reregistered: number;
}

/** How far a message of the broker is that the broker has not been told about, by its packet id. */
export type Unsettled = Delivery | 'finished';

export interface DeliveryQueue {
  readonly waiting: Delivery[];
  /** Octets of the QoS 0 payloads in `waiting`, and their number (SL-16). */
  qos0Octets: number;
  qos0Messages: number;
  /** Messages of the broker's session that the broker still counts as in flight. */
  readonly unsettled: Map<number, Unsettled>;
  /** QoS 2 messages of which the client knew a MsgId when the process ended, by packet id (T-19). */
  readonly restored: Map<number, RestoredDelivery>;
}

/** What is left of a QoS 2 delivery until the broker repeats it. */
export interface RestoredDelivery {
  readonly msgId: number;
  /** The client has said PUBREC since. */
  received: boolean;
}

export function newDeliveryQueue(): DeliveryQueue {
  return { waiting: [], qos0Octets: 0, qos0Messages: 0, unsettled: new Map(), restored: new Map() };
}

/** Whether the client knows this MsgId from before a restart. */
export function isRestored(queue: DeliveryQueue, msgId: number): boolean {
  for (const restored of queue.restored.values()) {
    if (restored.msgId === msgId) {
      return true;
    }
  }
  return false;
}

/** The broker has lost the session: it waits for no acknowledgement of it, and will not release anything (3.4). */
export function orphan(queue: DeliveryQueue): void {
  for (const unsettled of queue.unsettled.values()) {
    if (unsettled !== 'finished') {
      unsettled.message.packetId = 0;
    }
  }
  queue.unsettled.clear();
  queue.restored.clear();
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
}

export interface GatewayPublishState {
  readonly queue: DeliveryQueue;
  outstanding: Outstanding | undefined;
  readonly msgIds: IdSequence;
}

export function newGatewayPublishState(): GatewayPublishState {
  return { queue: newDeliveryQueue(), outstanding: undefined, msgIds: new IdSequence() };
}
