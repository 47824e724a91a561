/**
 * What of a session must outlive the process (3.3, 3.4, S-1): plain records under keys. The core decides when they are written; a
 * reply that promises something is sent after the record is on disk.
 */

import type { Qos } from '../../codec/message.ts';
import type { ClientState } from './client-state.ts';
import type { Millis } from './link.ts';

/** A persistent session, or a sleeper's that started clean. Times are on the clock of `handle`, which goes on over a restart. */
export interface StoredSession {
  readonly kind: 'session';
  readonly clientId: string;
  /** The version of MQTT-SN that the client speaks. */
  readonly protocolVersion: '1.2';
  readonly link: string;
  /** Of the peer at that link, see peer.ts. */
  readonly transport: string;
  readonly host: string;
  /** Wireless node id behind a forwarder. */
  readonly nodeId: Uint8Array | undefined;
  readonly state: ClientState;
  readonly cleanSession: boolean;
  /** 0 = none. */
  readonly keepAlive: Millis;
  /** Duration of the sleep; undefined: not asleep. */
  readonly sleepDuration: Millis | undefined;
  /** When the last message came from the client; a sleeper is lost `supervisionLimit` after it. */
  readonly lastHeard: Millis;
  readonly nextTopicId: number;
  readonly topics: readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[];
  readonly subscriptions: readonly {
    readonly filter: string;
    readonly qos: Qos;
    readonly predefinedId: number | undefined;
    readonly short: boolean;
  }[];
  readonly willTopic: { readonly topic: string; readonly qos: Qos; readonly retain: boolean } | undefined;
  readonly willMessage: Uint8Array | undefined;
}

/**
 * What a client's PUBLISH under way is to the client (T-18). `current`: its MsgId means this one. `superseded`: its MsgId means another
 * message. `let-go`: the client did not say PUBREL in time. Of the last two it hears no more.
 */
export type ExchangeRole = 'current' | 'superseded' | 'let-go';

/** A client's QoS 2 PUBLISH under way: its MsgId, and the packet id by which the broker knows it (3.3). */
export interface StoredExchange {
  readonly kind: 'exchange';
  readonly clientId: string;
  /** Grows with each exchange of the session: their order. */
  readonly number: number;
  readonly msgId: number;
  /** 0: the broker has given its last answer. */
  readonly packetId: number;
  readonly role: ExchangeRole;
  readonly topicId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** PUBREL is said, by the client or for it: from now on the PUBLISH is never repeated, only PUBREL (I-6). */
  readonly released: boolean;
}

/** A client's QoS 2 PUBLISH that was let go without its PUBREL: a repetition is known by its content (T-18; payload-digest.ts). */
export interface StoredFinishedPublish {
  readonly kind: 'finished';
  readonly clientId: string;
  /** That of the exchange. */
  readonly number: number;
  readonly msgId: number;
  readonly topic: string;
  readonly retain: boolean;
  /** Of the payload: its length and two hashes. */
  readonly octets: number;
  readonly hash: number;
  readonly check: number;
}

/** A QoS 2 message of the broker under way to a client: the MsgId that the client knows it by (T-19). */
export interface StoredDelivery {
  readonly kind: 'delivery';
  readonly clientId: string;
  readonly packetId: number;
  readonly msgId: number;
}

export type StoredRecord = StoredSession | StoredExchange | StoredFinishedPublish | StoredDelivery;

/** One change of the store: the record that a key has from now on; undefined: none. */
export interface StoreWrite {
  readonly key: string;
  readonly record: StoredRecord | undefined;
}

/**
 * The key of a record; `id`: the number of an exchange, finished or not, the packet id of a delivery. Client ids are percent-encoded, so that none can
 * reach into the keys of another.
 */
export function storeKey(kind: StoredRecord['kind'], clientId: string, id?: number): string {
  const key = `${kind}/${encodeURIComponent(clientId)}`;
  return id === undefined ? key : `${key}/${id}`;
}
