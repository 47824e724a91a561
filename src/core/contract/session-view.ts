/** What can be shown of a session: the read model for a status page, an API, an embedder. Plain and frozen, made only when asked. */

import type { Qos } from '../../codec/message.ts';
import type { ClientState } from './client-state.ts';
import type { Millis } from './link.ts';

/** What was counted since the session is known to this process. */
export interface SessionCounters {
  /** PUBLISHes taken from the client, QoS 0 to 2, repetitions not counted. */
  published: number;
  /** Messages delivered to the client: sent with QoS 0, acknowledged by it with QoS 1 and 2. */
  delivered: number;
  /** Messages for the client that were dropped. */
  dropped: number;
}

/** How many sessions are in each state, by the name of the transport where their clients are, or were last. */
export type Census = ReadonlyMap<string, Readonly<Record<ClientState, number>>>;

/** One session, without its lists: what a row of a table shows. Times are on the clock of `handle`. */
export interface SessionSummary {
  readonly clientId: string;
  readonly state: ClientState;
  /** Since when it is in that state, as far as this process knows. */
  readonly since: Millis;
  /** The radio address where the client is, or was last, with the wireless node id behind a forwarder. */
  readonly link: string;
  /** What its transport calls that address, with the wireless node id behind a forwarder: of an association of DTLS it is where its client was when it connected. */
  readonly address: string;
  /** Name of the transport of that link. */
  readonly transport: string;
  /** To which the session belongs (I-117): what its client has proven to be where it was made; undefined: to nobody. */
  readonly identity: string | undefined;
  /** Whether it has a connection to the broker of its own, where others share one (upstream.ownConnection); undefined: the gateway is no aggregating one. */
  readonly connection: 'own' | 'shared' | undefined;
  readonly cleanSession: boolean;
  /** Keep-alive of the last CONNECT; 0 = none. */
  readonly keepAlive: Millis;
  /** When the last well-formed message came from the client. */
  readonly lastHeard: Millis;
  /** How long a sleeper said that it would sleep, with its last DISCONNECT; undefined: it does not sleep. */
  readonly sleepDuration: Millis | undefined;
  /** Until when a sleeper said that it would sleep; undefined: it is not asleep. */
  readonly sleepUntil: Millis | undefined;
  /** Messages that wait for the client, the one under way included. */
  readonly waiting: number;
  /** QoS 1 and 2 publishes of the client without the broker's last answer. */
  readonly inFlight: number;
  readonly willTopic: string | undefined;
  /** As the client names it: the topic of its last PUBLISH with QoS 0 to 2; undefined: none since the session is known to this process. */
  readonly lastTopic: string | undefined;
  /** Octets of the payload of that PUBLISH. */
  readonly lastOctets: number | undefined;
  readonly counters: Readonly<SessionCounters>;
}

/** A message that waits for a client. */
export interface WaitingMessage {
  /** As the broker has it, with the mount point of the client. */
  readonly topic: string;
  readonly qos: Qos;
  /** Of the payload. */
  readonly octets: number;
  /** Since when; undefined: since before the start. */
  readonly since: Millis | undefined;
}

/** Messages that wait for a client of which a view tells. */
export const MOST_WAITING_SHOWN = 20;

/** One session. */
export interface SessionView extends SessionSummary {
  /** What decides what its client may do, for people: `access rule "sensors"`; undefined: it may do everything, or has not come since the start. */
  readonly accessRule: string | undefined;
  readonly topicIds: readonly { readonly topicId: number; readonly topicName: string; readonly known: boolean }[];
  /** `qos`: as the broker granted it. */
  readonly subscriptions: readonly { readonly filter: string; readonly qos: Qos }[];
  /** The first of what waits for the client, in the order in which it gets them. */
  readonly waitingMessages: readonly WaitingMessage[];
}
