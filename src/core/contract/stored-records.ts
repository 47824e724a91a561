/**
 * What of a session must outlive the process (3.3, 3.4, S-1): plain records under keys. The core decides when they are written; a
 * reply that promises something is sent after the record is on disk.
 */

import type { Qos } from '../../codec/message.ts';
import type { ClientState } from './client-state.ts';
import type { Millis } from './link.ts';
import type { SharedRecord, WithheldMessage } from './shared-records.ts';

export * from './shared-records.ts';

/**
 * A persistent session, or a sleeper's that started clean, without what it has many of: each topic id and each subscription is a record of
 * its own, so that a request writes what it changes and no more. Times are on the clock of `handle`, which counts the time that the gateway
 * runs and goes on over a restart (I-36).
 */
export interface StoredSession {
  readonly kind: 'session';
  readonly clientId: string;
  /** The version of MQTT-SN that the client speaks. */
  readonly protocolVersion: '1.2';
  readonly link: string;
  /** Of the peer at that link, see peer.ts. */
  readonly transport: string;
  readonly host: string;
  /** As its transport wrote it when the session was; left out: as its host. */
  readonly address?: string | undefined;
  /** To which the session belongs, as its transport has proven it (I-117); left out: it is nobody's. */
  readonly identity?: string | undefined;
  /** Wireless node id behind a forwarder. */
  readonly nodeId: Uint8Array | undefined;
  readonly state: ClientState;
  readonly cleanSession: boolean;
  /** 0 = none. */
  readonly keepAlive: Millis;
  /** Duration of the sleep; undefined: not asleep. */
  readonly sleepDuration: Millis | undefined;
  /** When the last message came from a client that is gone. Of a client that is there: at the last write. */
  readonly lastHeard: Millis;
  /** When a client that is gone left, or was lost: its session is kept from then on (S-7); left out: with its last message. */
  readonly goneSince?: Millis | undefined;
  /** Topic ids go on from here, or behind the highest one that is stored. */
  readonly nextTopicId: number;
  /** Our MsgIds go on behind this one: so far they are reserved (G-7, I-55); left out: the client has got none, or an older gateway wrote it. */
  readonly msgIdsTo?: number | undefined;
  /** Grows whenever the client may have forgotten its topic ids: it knows those of the same epoch. */
  readonly epoch: number;
  /** What stands before its topics at the broker (`upstream.topicPrefix`); left out: nothing. */
  readonly mount?: string | undefined;
  /** What stands before its client id at the broker, as it was connected last; left out: nothing, or it is not known (I-126). */
  readonly prefix?: string | undefined;
  /** The broker may have lost subscriptions of this session, whatever it says (I-52); left out: it has them. */
  readonly subscriptionsDoubted?: true | undefined;
  /** Its client shares a connection to the broker with others; left out: it has one of its own. */
  readonly shared?: true | undefined;
  /** Since when it shares one though the broker may have a session of its own for it, which collects what comes here (I-158); left out: it has none. */
  readonly ownSince?: Millis | undefined;
  /** Its client shared a connection, and has no session of its own at the broker yet (I-159); left out: it has, or needs none. */
  readonly owesSession?: true | undefined;
  /** What comes on the shared connection is for its client still, which has one of its own by now (I-159); left out: it is not. */
  readonly bridged?: true | undefined;
}

/** One normal topic id of a session. */
export interface StoredTopic {
  readonly kind: 'topic';
  readonly clientId: string;
  readonly topicId: number;
  readonly topicName: string;
  /** The epoch in which the client knew it last; 0: never. */
  readonly knownIn: number;
}

/** One subscription of a session. */
export interface StoredSubscription {
  readonly kind: 'subscription';
  readonly clientId: string;
  readonly filter: string;
  readonly qos: Qos;
  readonly predefinedId: number | undefined;
  /** Further pre-defined ids by which it was asked for (I-144); left out: there are none. */
  readonly otherIds?: readonly number[] | undefined;
  readonly short: boolean;
  /** With a pre-defined id: it was asked for by its name as well; left out: it was not. */
  readonly named?: true | undefined;
}

/** A filter of a session that the broker may have and the client has not: UNSUBSCRIBE is owed (3.5 item 3). */
export interface StoredUnsubscribe {
  readonly kind: 'unsubscribe';
  readonly clientId: string;
  readonly filter: string;
}

/** The will of a session (S-1). */
export interface StoredWill {
  readonly kind: 'will';
  readonly clientId: string;
  readonly topic: { readonly topic: string; readonly qos: Qos; readonly retain: boolean } | undefined;
  readonly message: Uint8Array | undefined;
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
  /** The same where it is a pre-defined one; left out: it is not. */
  readonly predefinedId?: number | undefined;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** PUBREL has gone to the broker: from now on the PUBLISH is never repeated, only PUBREL (I-6). */
  readonly released: boolean;
}

/** A client's QoS 2 PUBLISH that was let go without its PUBREL: a repetition is known by its content (T-18; payload-digest.ts). */
export interface StoredFinishedPublish {
  readonly kind: 'finished';
  readonly clientId: string;
  /** That of the exchange. */
  readonly number: number;
  readonly msgId: number;
  /** By which it named the topic; left out: by another kind of id. */
  readonly predefinedId?: number | undefined;
  readonly topic: string;
  readonly retain: boolean;
  /** Of the payload: its length and two hashes. */
  readonly octets: number;
  readonly hash: number;
  readonly check: number;
}

/**
 * A QoS 2 message of the broker under way to a client: the MsgId that the client knows it by (T-19). Its end is not waited for, so that a loss of power may
 * bring it back: what the broker repeats under its packet id is known by its content (payload-digest.ts).
 */
export interface StoredDelivery {
  readonly kind: 'delivery';
  readonly clientId: string;
  readonly packetId: number;
  readonly msgId: number;
  /** As the client knows it. This and the next three are left out in records of older gateways. */
  readonly topic?: string | undefined;
  /** Of the payload: its length and two hashes. */
  readonly octets?: number | undefined;
  readonly hash?: number | undefined;
  readonly check?: number | undefined;
  /** The client has ended the exchange, or was told that it may forget it; a reason code of MQTT 5 for the broker, should it repeat the message. */
  readonly over?: number | undefined;
}

/** A session that is forgotten, and that the broker may have still (I-103). */
export interface StoredLeftover {
  readonly kind: 'leftover';
  readonly clientId: string;
  /** To which it belonged (I-117): it ends with the credentials of that one (I-127). Left out: it was nobody's. */
  readonly identity?: string | undefined;
  /** When it was forgotten. */
  readonly since: Millis;
  /** Its client goes on with the session that it has here, on the shared connection (I-158); left out: that one was forgotten. */
  readonly replaced?: true | undefined;
}

/** What the gateway itself keeps: the client id of its own connection to the broker, made once (I-45). */
export interface StoredGateway {
  readonly kind: 'gateway';
  readonly clientId: string;
}

/** Key of the one record of that kind. */
export const GATEWAY_KEY = 'gateway';

/** How long the gateway has run, over all its starts: what the clock of `handle` goes on from (I-36). Written by the driver. */
export interface StoredRuntime {
  readonly kind: 'runtime';
  readonly millis: Millis;
}

/** A record that belongs to a client. */
export type ClientRecord =
  | StoredSession
  | StoredTopic
  | StoredSubscription
  | StoredUnsubscribe
  | StoredWill
  | StoredExchange
  | StoredFinishedPublish
  | StoredDelivery;

export type StoredRecord = ClientRecord | StoredLeftover | SharedRecord | StoredRuntime | StoredGateway;

/** What a store gives back at the start. */
export type RestoredRecord = StoredRecord | WithheldMessage;

/** The key of the running time. */
export const RUNTIME_KEY = 'runtime';

/** One change of the store: the record that a key has from now on; undefined: none. */
export interface StoreWrite {
  readonly key: string;
  readonly record: StoredRecord | undefined;
}

/**
 * The key of a record; `id`: the number of an exchange, finished or not, the packet id of a delivery or of a relay, the number of a parcel, the topic
 * id of a topic, the filter of a subscription, or of an UNSUBSCRIBE that is owed. Client ids are percent-encoded, so that none can reach into the keys of another.
 */
export function storeKey(
  kind: ClientRecord['kind'] | 'leftover' | 'parcel' | 'relay',
  clientId: string,
  id?: number | string,
): string {
  const key = `${kind}/${encodeURIComponent(clientId)}`;
  return id === undefined ? key : `${key}/${id}`;
}
