/** The read model of the gateway itself: what can be shown of broker, transports and store. Times of the wall clock are milliseconds since 1970. */
import type { Distribution } from '../core/contract/histogram.ts';
import type { Millis } from './clock.ts';

export type { Distribution } from '../core/contract/histogram.ts';

/** The way to the broker. */
export interface BrokerView {
  /** Without credentials. */
  readonly url: string;
  /** It is the embedded one. */
  readonly embedded: boolean;
  readonly mode: 'transparent' | 'aggregating';
  readonly state: 'connecting' | 'reachable' | 'unreachable';
  /** Wall clock: since when it is in that state. */
  readonly since: number;
  /**
   * Why it is unreachable, in words; with a broker that is reachable: why the gateway's own connection (for QoS −1, and what the operator publishes)
   * does not stand. Undefined: nothing was told.
   */
  readonly reason: string | undefined;
}

/** What went through a transport since the start. */
export interface Traffic {
  readonly framesReceived: number;
  readonly octetsReceived: number;
  readonly framesSent: number;
  readonly octetsSent: number;
}

export interface TransportView {
  /** As in links. */
  readonly name: string;
  readonly type: 'udp' | 'dtls' | 'serial' | 'xbee' | 'module';
  /** Bound address, or device. */
  readonly address: string;
  readonly state: 'up' | 'down';
  /** Wall clock: since when it is in that state. */
  readonly since: number;
  /** Why it is down, or its last problem while it is up; undefined: none. */
  readonly reason: string | undefined;
  /** How often it had a problem, or octets came that belong to no frame. */
  readonly problems: number;
  readonly traffic: Traffic;
}

/** A pre-defined topic id, and who used it last. */
export interface PredefinedTopicView {
  /** Client id, or `*`. */
  readonly clientId: string;
  readonly topicId: number;
  readonly topicName: string;
  /** Client id, or the address of a sender of QoS −1; undefined: nobody since the start. */
  readonly usedBy: string | undefined;
  /** On the clock of the sessions; undefined: never since the start. */
  readonly usedAt: Millis | undefined;
}

/** A short topic name that a client has used. */
export interface ShortTopicView {
  /** Two octets, as text. */
  readonly topicName: string;
  /** Client id, or the address of a sender of QoS −1. */
  readonly usedBy: string;
  /** On the clock of the sessions. */
  readonly usedAt: Millis;
}

/** Messages that were dropped for one reason. */
export interface DropCount {
  /** `up`: from a client; `down`: to a client. */
  readonly direction: 'up' | 'down';
  readonly qos: -1 | 0 | 1 | 2;
  /** As in the log, without what differs from one to the next: sizes are `N`, and what stands in brackets or behind a colon is left out. */
  readonly reason: string;
  readonly count: number;
}

export interface Site {
  readonly version: string;
  readonly gwId: number;
  /** Wall clock. */
  readonly startedAt: number;
  broker(): BrokerView;
  transports(): readonly TransportView[];
  predefinedTopics(): Iterable<PredefinedTopicView>;
  /** Short topic names in use, at most 1,000 of them; those go first that were used longest ago. */
  shortTopics(): Iterable<ShortTopicView>;
  /** What was counted since the start, by name: `client-published.qos1`, `frame-dropped.truncated`, … */
  counts(): Readonly<Record<string, number>>;
  /** From a client's PUBLISH (QoS 1 and 2) to the answer that ends its waiting (PUBACK, PUBCOMP), by QoS. */
  publishLatency(): Readonly<Record<'1' | '2', Distribution>>;
  /**
   * From the broker's PUBLISH to its delivery (QoS 0: sent; 1 and 2: acknowledged by the client), by QoS; only where the client was active or awake all
   * that time, so that sleep does not count.
   */
  deliveryLatency(): Readonly<Record<'0' | '1' | '2', Distribution>>;
  /** Writes of the session store: how long each took. */
  storeWrites(): Distribution;
  /** Messages, and octets, that wait for clients in this gateway. */
  queues(): { readonly messages: number; readonly octets: number };
  /** Messages that were dropped since the start, by why. */
  drops(): readonly DropCount[];
  /** Octets of messages with QoS 0 among them, which have a limit of their own. */
  waitingQos0(): number;
  /** Connections to the broker that stand. */
  connections(): number;
  /** For how long a write has been under way, or has been tried again and again; 0: none is. Undefined: sessions are kept in memory. */
  storeStalledFor(): Millis | undefined;
}
