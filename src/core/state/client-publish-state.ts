/** PUBLISHes of a client under way to the broker, and those that have ended but may come again (6.6, 3.3). */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';

/** One QoS 1 or 2 exchange under way. */
export interface Exchange {
  readonly purpose: 'exchange';
  readonly msgId: number;
  readonly qos: Exclude<Qos, 0>;
  /** As in the PUBLISH: PUBACK repeats it (T-22). */
  readonly topicId: number;
  packetId: number;
  /** Packet ids that the broker said were in use (MQTT 5). */
  packetIdsRefused: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** The PUBLISH has gone to the broker at least once. */
  sent: boolean;
  /** The connection on which it went out last; 0: it waits for its turn. */
  sentOn: number;
  /** QoS 2: the broker said PUBREC, so it has the message. */
  received: boolean;
  /** QoS 2: the client has been told so, by PUBREC. */
  told: boolean;
  /** The store has a record of it. */
  stored: boolean;
  /** QoS 2: from the store; whether the client was told before the process ended is not known (I-19). */
  readonly restored: boolean;
  /** QoS 2: the client said PUBREL. */
  released: boolean;
}

/** A finished exchange, as long as the client may repeat it (3.3). */
interface Finished {
  readonly msgId: number;
  readonly qos: Qos;
  readonly topicId: number;
  readonly until: Millis;
}

export interface ClientPublishState {
  /** By MsgId, in the order in which they came. */
  readonly exchanges: Map<number, Exchange>;
  /** The last ones, oldest first. */
  readonly finished: Finished[];
}

export function newClientPublishState(): ClientPublishState {
  return { exchanges: new Map(), finished: [] };
}
