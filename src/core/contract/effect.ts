/**
 * What the core wants done, as imperatives, in the order in which it must happen.
 * A connection number names one attempt to connect to the broker and is never used twice; packet ids are chosen by the core.
 */

import type { Qos, QosFlag } from '../../codec/message.ts';
import type { Link } from './link.ts';
import type { Note } from './note.ts';
import type { StoreWrite } from './stored-records.ts';

/**
 * What may overtake what on a slow medium. `answer`: it is urgent, and goes before every publish. `last`: urgent as well, but never before
 * what was sent to the same link earlier (PINGRESP ends an awake period, SL-5; a client that got DISCONNECT does not listen any more; a PUBLISH
 * behind its PUBREL would be a new one; what is behind CONNACK belongs to the new connection).
 * `publish`: PUBLISH, and REGISTER for one; waits for the others.
 */
export type Precedence = 'answer' | 'last' | 'publish';

/** Send one frame to one link. */
export interface Send {
  readonly type: 'send';
  /** Name of the transport of the link. */
  readonly transport: string;
  readonly link: Link;
  readonly frame: Uint8Array;
  /** Undefined: `answer`. */
  readonly precedence?: Precedence;
  /** The client that it is for; undefined: nobody who has a session. */
  readonly client?: string | undefined;
  /** The link, and the node behind a forwarder; undefined: the link alone. */
  readonly path?: string;
}

/** Send one frame to all nodes of a transport. `radius`: hops, 0 = all nodes (§5.4.2). */
export interface Broadcast {
  readonly type: 'broadcast';
  readonly transport: string;
  readonly frame: Uint8Array;
  readonly radius: number;
}

/** A will as the broker gets it (§6.3). */
export interface Will {
  readonly topic: string;
  readonly message: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/**
 * Open a connection to the broker. Answered by `upstream-connected`, `upstream-refused` or `upstream-lost`.
 * `clientId` undefined: the gateway's own connection, for QoS −1, or with `shared` the one that carries the clients of an aggregating gateway.
 */
export interface UpstreamConnect {
  readonly type: 'upstream-connect';
  readonly connection: number;
  readonly clientId: string | undefined;
  /** To which the session of the client belongs (I-117); its credentials may depend on it (I-127). */
  readonly identity?: string | undefined;
  readonly cleanSession: boolean;
  readonly will: Will | undefined;
  readonly shared?: true;
  /** 4 is MQTT 3.1.1; undefined: as it is set. */
  readonly protocolVersion?: 4 | 5;
  /** A client waits for the answer: its CONNECT depends on it. */
  readonly awaited?: true;
  /** Messages that come on it are requests: where their answers are to go is told with them (MQTT 5). */
  readonly requests?: true;
  /** It is made for what the broker has of a session that is forgotten here (I-103), whatever connection the client has, or shares, otherwise. */
  readonly endsSession?: true;
}

/** Publish. `packetId` 0 with QoS 0. QoS 1 ends with PUBACK, QoS 2 with PUBREC, then `upstream-release`, then PUBCOMP. */
export interface UpstreamPublish {
  readonly type: 'upstream-publish';
  readonly connection: number;
  readonly packetId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** On the shared connection: what it waits for with others of the same owner, where they wait for the store (store effect). */
  readonly owner?: string;
  /** Of the request that it answers (MQTT 5 Correlation Data). */
  readonly correlationData?: Uint8Array;
}

/** Send PUBREL for a QoS 2 publish of ours. `owner`: as with a publish. */
export interface UpstreamRelease {
  readonly type: 'upstream-release';
  readonly connection: number;
  readonly packetId: number;
  readonly owner?: string;
}

/** Subscribe to one filter; answered by `upstream-subscribed`. */
export interface UpstreamSubscribe {
  readonly type: 'upstream-subscribe';
  readonly connection: number;
  readonly packetId: number;
  readonly filter: string;
  readonly qos: Qos;
  /** The broker may have the subscription: retained messages are wanted only where it has not (MQTT 5, Retain Handling 1). */
  readonly again?: true;
  /** No retained messages are wanted (MQTT 5, Retain Handling 2). */
  readonly withoutRetained?: true;
  /** MQTT 5 Subscription Identifier: comes with each message of this subscription. */
  readonly identifier?: number;
  /** As with a publish. */
  readonly owner?: string;
}

/** Unsubscribe from one filter; answered by `upstream-unsubscribed`. */
export interface UpstreamUnsubscribe {
  readonly type: 'upstream-unsubscribe';
  readonly connection: number;
  readonly packetId: number;
  readonly filter: string;
  /** On the shared connection: what waits here for this filter alone goes (T-40), save a group's (I-139); left out: it stays. */
  readonly drops?: true;
  /** As with a publish. */
  readonly owner?: string;
}

/** Reason code that no broker hears: on the shared connection what a client has not heard of is for another one of its group (I-139). */
export const GIVEN_BACK = 0x100;

/**
 * Acknowledge a message of the broker. `packetId`: the broker's. `reasonCode`: for MQTT 5 (0x83 where the client
 * refused the message; or `GIVEN_BACK`); 3.1.1 has none.
 */
export interface UpstreamAcknowledge {
  readonly type: 'upstream-acknowledge';
  readonly connection: number;
  readonly packetId: number;
  readonly packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP';
  readonly reasonCode: number;
  /** As with a publish. */
  readonly owner?: string;
}

/** Send PINGREQ; answered by `upstream-ponged` after everything that the broker had sent before (design 4: the barrier of a sleeper). */
export interface UpstreamPing {
  readonly type: 'upstream-ping';
  readonly connection: number;
  /** As with a publish. */
  readonly owner?: string;
}

/**
 * Write to the store. It comes first in its turn; `durable`: what follows for the clients in `owners` waits until the writes are on disk,
 * for it promises what they say. Else nothing waits.
 */
export interface StoreEffect {
  readonly type: 'store';
  readonly writes: readonly StoreWrite[];
  readonly durable: boolean;
  /** They go to the disk at once all the same. */
  readonly syncs?: true;
  /** Client ids whose records are among the writes; `''`: those of the shared connection. */
  readonly owners: ReadonlySet<string>;
}

/**
 * End a connection. `disconnect` true: say MQTT DISCONNECT (no will); false: just close, the broker publishes the will. `will`: of a client that shares
 * a connection with others, so that the gateway has to publish it (3.7 item 5).
 */
export interface UpstreamClose {
  readonly type: 'upstream-close';
  readonly connection: number;
  readonly disconnect: boolean;
  readonly will?: Will;
  /** Where the client of the will is: whose it is among those that share what there is (`host`), and its address, for notes (`link`). */
  readonly from?: { readonly host: string; readonly link: string };
}

/** The session of a client that shares a connection with others is gone for good: nothing waits for it any more. */
export interface UpstreamForget {
  readonly type: 'upstream-forget';
  readonly connection: 0;
  readonly clientId: string;
}

/** Read records that were written; answered by `records-loaded`. */
export interface LoadEffect {
  readonly type: 'load';
  readonly keys: readonly string[];
}

/** What has become of something that the operator did. */
export interface TellOperator {
  readonly type: 'tell-operator';
  /** Of what he did. */
  readonly token: number;
  /** Of a publish: why the broker does not have it, or may not have it, in words; undefined: it has. */
  readonly problem: string | undefined;
  /** Whom it was done to: it is told behind what of this client goes to the disk. Undefined: it promises nothing of that. */
  readonly clientId?: string;
}

/**
 * An application message: `up` has been taken from a client, `down` the client has (QoS 1 and 2: acknowledged by it). Only where somebody watches
 * (`Shared.watched`): notes have no payloads.
 */
export interface SeenMessage {
  readonly direction: 'up' | 'down';
  /** Undefined: it came with QoS −1 from somebody who has no session. */
  readonly clientId: string | undefined;
  /** The radio address, with the wireless node id behind a forwarder. */
  readonly link: string;
  /** As the client has it: without `upstream.topicPrefix`. */
  readonly topic: string;
  /** Not to be changed. */
  readonly payload: Uint8Array;
  readonly qos: QosFlag;
  readonly retain: boolean;
}

/** Show an application message to whoever watches. */
export interface ShowMessage {
  readonly type: 'show-message';
  readonly message: SeenMessage;
}

/** Something that an operator or a counter may want to know. */
export interface NoteEffect {
  readonly type: 'note';
  readonly note: Note;
}

/** What a transport performs. */
export type TransportEffect = Send | Broadcast;

/** What the upstream adapter performs. */
export type UpstreamEffect =
  | UpstreamConnect
  | UpstreamPublish
  | UpstreamRelease
  | UpstreamSubscribe
  | UpstreamUnsubscribe
  | UpstreamAcknowledge
  | UpstreamPing
  | UpstreamClose
  | UpstreamForget;

/** Everything that `GatewayCore.handle` may return. */
export type Effect =
  | TransportEffect
  | UpstreamEffect
  | StoreEffect
  | LoadEffect
  | TellOperator
  | ShowMessage
  | NoteEffect;
