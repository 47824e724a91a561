/** What a gateway that is embedded tells, by the names of its events. */
import type { SeenMessage } from '../../ports/observer.ts';

/** Whom an event is about. */
export interface ClientEvent {
  readonly clientId: string;
  /** The radio address, with the wireless node id behind a forwarder: `udp:192.0.2.7:4711`. */
  readonly link: string;
}

/** A client has got CONNACK. */
export interface ClientConnected extends ClientEvent {
  readonly cleanSession: boolean;
  /** Seconds; 0: none. */
  readonly keepAlive: number;
  /** It has a will. */
  readonly will: boolean;
  /** What it has proven to be, where its transport proves something (DTLS). */
  readonly identity?: string;
}

/** Whose CONNECT was refused. */
export interface ClientRefused {
  readonly clientId: string | undefined;
  readonly link: string;
  /** §5.3.10 */
  readonly returnCode: number;
  readonly reason: string;
}

/** A client is gone with a DISCONNECT, its own or the gateway's. */
export interface ClientDisconnected extends ClientEvent {
  readonly reason: string;
}

/** A client is gone without a word. */
export interface ClientLost extends ClientEvent {
  readonly reason: string;
  /** The broker publishes its will. */
  readonly will: boolean;
}

/** A client sleeps. */
export interface ClientAsleep extends ClientEvent {
  /** Seconds that it said. */
  readonly duration: number;
}

/** A client is awake for a moment. */
export interface ClientAwake extends ClientEvent {
  /** Messages that the gateway has kept for it. */
  readonly waiting: number;
}

/** A client has another address. */
export interface ClientMoved extends ClientEvent {
  /** The former address. */
  readonly from: string;
}

/** A whole frame. */
export interface FrameEvent {
  readonly direction: 'received' | 'sent' | 'broadcast';
  readonly link: string;
  /** For `decode`. Not to be changed. */
  readonly frame: Uint8Array;
}

/** The broker can be reached, or cannot any more. */
export interface BrokerEvent {
  readonly reachable: boolean;
  /** Why not, in words. */
  readonly reason?: string;
}

/** Clients are heard on a transport. */
export interface TransportUp {
  readonly transport: string;
  readonly address: string;
}

/** A transport has gone, or has trouble. */
export interface TransportTrouble {
  readonly transport: string;
  /** Of the operating system, or of the transport. */
  readonly code: string;
  /** What is wrong, and what to do. */
  readonly reason: string;
}

/** What the program would write as a line of its log, with the same limits for what repeats. */
export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  /** Its stable name (docs/log-events.md). */
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

/**
 * The events, and what their listeners are given. Nothing is made for an event that nobody listens to. A listener that throws ends nothing: the log has
 * it, and the listeners behind it are not called this time.
 */
export interface GatewayEvents {
  'client-connected': [event: ClientConnected];
  'client-refused': [event: ClientRefused];
  'client-disconnected': [event: ClientDisconnected];
  'client-lost': [event: ClientLost];
  'client-asleep': [event: ClientAsleep];
  'client-awake': [event: ClientAwake];
  'client-moved': [event: ClientMoved];
  /** An application message: `up` was taken from a client, `down` has reached one. */
  message: [message: SeenMessage];
  frame: [event: FrameEvent];
  broker: [event: BrokerEvent];
  'transport-up': [event: TransportUp];
  'transport-down': [event: TransportTrouble];
  'transport-problem': [event: TransportTrouble];
  /** `logging.level` and `logging.payloads` apply. */
  log: [line: LogLine];
}
