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
  /** The broker may have lost subscriptions of this session, whatever it says (I-52); left out: it has them. */
  readonly subscriptionsDoubted?: true | undefined;
  /** Filters that the broker may have and the client has not (3.5 item 3); left out: none. */
  readonly unsubscribesOwed?: readonly string[] | undefined;
}

/** A client's QoS 2 PUBLISH under way: its MsgId, and the packet id by which the broker knows it (3.3). */
export interface StoredExchange {
  readonly kind: 'exchange';
  readonly clientId: string;
  readonly msgId: number;
  readonly packetId: number;
  readonly topicId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** The client has said PUBREL: from now on the PUBLISH is never repeated, only PUBREL (I-6). */
  readonly released: boolean;
}

/** A QoS 2 message of the broker under way to a client: the MsgId that the client knows it by (T-19). */
export interface StoredDelivery {
  readonly kind: 'delivery';
  readonly clientId: string;
  readonly packetId: number;
  readonly msgId: number;
}

export type StoredRecord = StoredSession | StoredExchange | StoredDelivery;

/** One change of the store: the record that a key has from now on; undefined: none. */
export interface StoreWrite {
  readonly key: string;
  readonly record: StoredRecord | undefined;
}

/**
 * The key of a record; `id`: the MsgId of an exchange, the packet id of a delivery. Client ids are percent-encoded, so that none can
 * reach into the keys of another.
 */
export function storeKey(kind: StoredRecord['kind'], clientId: string, id?: number): string {
  const key = `${kind}/${encodeURIComponent(clientId)}`;
  return id === undefined ? key : `${key}/${id}`;
}
