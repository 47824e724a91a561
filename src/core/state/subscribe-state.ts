/** The subscriptions of a client, and its requests that have no answer yet (6.9). */

import type { SubAck, UnsubAck } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import { NameTable } from './name-table.ts';
import { type Subscription, SubscriptionTable } from './subscription-table.ts';

/** A SUBSCRIBE or UNSUBSCRIBE of the client that has no answer yet. */
export interface Request {
  readonly purpose: 'request';
  readonly type: 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly msgId: number;
  /** Tells one topic reference from another, for repetitions (U-11). */
  readonly reference: string;
  readonly subscription: Subscription;
  /** For SUBACK: the normal or pre-defined id, else 0x0000 (U-1 to U-4). */
  readonly topicId: number;
  /** 0: it waits. */
  packetId: number;
  /** Packet ids that the broker said were in use (MQTT 5). */
  packetIdsRefused: number;
  /** The connection on which it went out last; undefined: on none. */
  sentOn?: number;
}

/** A subscription that the broker had lost and is asked for again (3.4). */
export interface Restoring {
  readonly purpose: 'restoring';
  readonly filter: string;
}

/** An UNSUBSCRIBE that no client waits for. */
export interface Unsubscribing {
  readonly purpose: 'unsubscribing';
}

interface Answered {
  readonly reference: string;
  readonly answer: SubAck | UnsubAck;
  readonly until: Millis;
}

export interface SubscribeState {
  readonly subscriptions: SubscriptionTable;
  /** First the one that is at the broker, then those that wait. */
  readonly requests: Request[];
  /** The last answers, oldest first (U-11). */
  readonly answered: Answered[];
  /** Filters to be unsubscribed when the broker is back (3.5 item 3). */
  readonly owed: NameTable<string>;
}

export function newSubscribeState(): SubscribeState {
  return {
    subscriptions: new SubscriptionTable(),
    requests: [],
    answered: [],
    owed: new NameTable(),
  };
}
