/** What is stored of the connection that clients share. */

import type { Qos } from '../../codec/message.ts';
import type { Millis } from './link.ts';

/** A message of the broker that waits for clients of the shared connection, or for PUBREL of the broker: once, however many wait for it (3.7 item 4). */
export interface StoredMessage {
  readonly kind: 'message';
  /** Grows with each message: their order. */
  readonly number: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** When it came, on the clock of `handle`. */
  readonly at: Millis;
  /** MQTT 5 Message Expiry; left out: never. */
  readonly expiresAt?: Millis | undefined;
  /** Of a QoS 2 message for which PUBREL is still to come: a repetition with this packet id is no second message. Left out: none is. */
  readonly packetId?: number | undefined;
  /** Of a QoS 1 message the packet id with which it came: the broker may not have had PUBACK (I-161). Left out: an older gateway wrote it. */
  readonly cameAs?: number | undefined;
  /** The broker had sent it before, and the gateway did not know it any more: clients with QoS 0 may have had it. Left out: it came for the first time. */
  readonly dup?: true | undefined;
}

/** A message whose payload the store has not given back at the start, for there is too much of that: it is asked for (load effect). Never written. */
export interface WithheldMessage extends Omit<StoredMessage, 'kind' | 'payload'> {
  readonly kind: 'withheld';
  /** Of the payload. */
  readonly octets: number;
}

/** A message that waits for one client of the shared connection. */
export interface StoredParcel {
  readonly kind: 'parcel';
  readonly clientId: string;
  /** Of the message. */
  readonly number: number;
  /** As it was granted to this client. */
  readonly qos: Qos;
  /** Packet id by which the session knows it; 0: it has not been handed over. */
  readonly packetId: number;
  /** It is a retained message that came for a new subscription. */
  readonly retain: boolean;
  /** QoS 2: the client has said PUBREC, and gets PUBREL from now on; left out: it has not. */
  readonly received?: true | undefined;
}

/** A filter that the broker has, or is asked to have, on the shared connection. */
export interface StoredFilter {
  readonly kind: 'filter';
  readonly filter: string;
  /** MQTT 5 Subscription Identifier; 0: none. */
  readonly identifier: number;
  /** What the broker has granted, or was asked for. */
  readonly qos: Qos;
  /** Clients for which what is retained may still be on its way, those that asked last; left out: none. */
  readonly askers?: readonly StoredAsker[] | undefined;
  /** An earlier record of it was lost: what waits at the broker for it may have an identifier that nobody knows (I-167). Left out: none has. */
  readonly nameless?: true | undefined;
}

/** A client that asked for a filter on the shared connection, and gets what is retained. */
export interface StoredAsker {
  readonly clientId: string;
  readonly qos: Qos;
  /** Which SUBSCRIBE for the filter brings it, where messages name it; left out: it is asked for again. */
  readonly generation?: number | undefined;
  /** With a generation: not all of it is known to have come. */
  readonly awaits?: true | undefined;
  /** With that: that the client has the filter with QoS 1 or 2 shows that this SUBSCRIBE has been granted with it. Left out: it shows nothing. */
  readonly shows?: true | undefined;
  /** The client gets only what comes with QoS 0, for it has had the rest, or gets that by an earlier SUBSCRIBE (I-141); left out: all of it. */
  readonly ofQos0?: true | undefined;
}

/** A QoS 2 publish of a client on the shared connection: the packet id by which the broker knows it (3.7 item 6). */
export interface StoredRelay {
  readonly kind: 'relay';
  /** Empty: the client has begun anew, and it is nobody's. */
  readonly clientId: string;
  /** Of the session; of nobody's the how many-th it is. */
  readonly sessionPacketId: number;
  /** Of the shared connection; 0: the broker has given its last answer. */
  readonly packetId: number;
  /** The broker has said PUBREC: the PUBLISH is never repeated. */
  readonly received: boolean;
}

/**
 * Packet ids of the shared connection, from the first to the last (behind 65,535 comes 1), under which QoS 2 publishes may have gone out that have no
 * record of their own.
 */
export interface StoredPacketIds {
  readonly kind: 'packet-ids';
  readonly first: number;
  readonly last: number;
}

/** Key of the one record of that kind. */
export const PACKET_IDS_KEY = 'packet-ids';

/** Up to which number filters may have got a name in Subscription Identifiers (I-151); behind the highest one comes 1. */
export interface StoredSlots {
  readonly kind: 'slots';
  readonly last: number;
}

/** Key of the one record of that kind. */
export const SLOTS_KEY = 'slots';

/** The will of a client that was lost, until the broker has it (3.7 item 5). */
export interface StoredFiredWill {
  readonly kind: 'fired-will';
  readonly clientId: string;
  /** Where the client was, as budgets are shared (I-129); left out: an older gateway wrote it. */
  readonly host?: string | undefined;
  readonly number: number;
  readonly topic: string;
  readonly message: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** 0: it has not gone out. */
  readonly packetId: number;
  readonly received: boolean;
  /** It waits for the client until then (I-101); left out: it goes out. */
  readonly due?: Millis | undefined;
}

/**
 * The broker's session of the shared connection may not have all subscriptions (I-52): from each CONNECT on until the broker has said what it has, and
 * has granted what it had lost.
 */
export interface StoredDoubt {
  readonly kind: 'doubt';
}

/** Key of the one record of that kind. */
export const DOUBT_KEY = 'doubt';

/**
 * A copy of a message that the broker sends for one filter and that a client is to get, though its filters have changed since another copy of it came (I-168): by
 * the name of the filter, and by what it says.
 */
export interface StoredOwed {
  readonly kind: 'owed';
  /** Grows with each: their order. */
  readonly number: number;
  readonly clientId: string;
  /** Of the filter, in Subscription Identifiers. */
  readonly slot: number;
  readonly topic: string;
  /** Of the payload: its length and two hashes (payload-digest.ts). */
  readonly octets: number;
  readonly hash: number;
  readonly check: number;
  /** As it was granted. */
  readonly qos: Qos;
  /** Filters for which the message came and that the client has still, as the broker knows them. */
  readonly filters: readonly string[];
  /** The same by their slots, where the copies had not come: those that have one, and those that may have. */
  readonly sure: readonly number[];
  readonly unsure: readonly number[];
}

/** A record of the shared connection. */
export type SharedRecord =
  | StoredMessage
  | StoredParcel
  | StoredFilter
  | StoredOwed
  | StoredRelay
  | StoredPacketIds
  | StoredSlots
  | StoredFiredWill
  | StoredDoubt;

/** The key of a record that is no client's. `id`: the number of a message, a will or a copy that is owed, a filter. */
export function sharedKey(kind: 'message' | 'filter' | 'fired-will' | 'owed', id: number | string): string {
  return `${kind}/${id}`;
}
