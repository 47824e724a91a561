/** What the outside tells the core, as past participles (design 3). An asynchronous result has the connection number and packet id of the effect. */

import type { Qos } from '../../codec/message.ts';
import type { ClientHeld, ClientReleased } from './client-held.ts';
import type { BridgeEnded, RestoringGoesOn, SharedConnectionStands } from './hub-input.ts';
import type { Link, Millis } from './link.ts';
import type { Peer } from './peer.ts';
import type { SettingsChanged } from './settings-changed.ts';
import type { RestoredRecord, StoredRecord } from './stored-records.ts';
import type { Seconds } from './units.ts';
import type { UpstreamLost } from './upstream-lost.ts';

export type { UpstreamLost } from './upstream-lost.ts';

/** A transport works (again). */
export interface TransportOpened {
  readonly type: 'transport-opened';
  readonly transport: string;
  /** Octets of the largest frame that it carries. */
  readonly maxFrame: number;
  /** Octets of the largest frame that is taken from it; undefined: as long as it comes. */
  readonly maxReceived?: number;
  /** It reaches all nodes: ADVERTISE goes out on it, and GWINFO with the radius of the SEARCHGW (D-1, D-10). */
  readonly broadcast: boolean;
  /** There is one peer: what is sent to it has reached all, and GWINFO is not said twice. */
  readonly pointToPoint?: boolean;
  /** T_retry towards its clients; undefined: that of the settings. */
  readonly retryInterval?: Millis;
  /** What a slow medium carries; undefined: more than ever comes. */
  readonly speed?: LineSpeed;
  /** Addresses from which encapsulated frames are taken (F-8); undefined: any. */
  readonly forwarders?: readonly string[];
}

/** What a medium carries. */
export interface LineSpeed {
  readonly octetsPerSecond: number;
  /** Octets that come with each frame: delimiters, checksum, header of the radio module. */
  readonly overhead: number;
}

/** A transport went away, or is not there yet. Its clients stay under supervision. */
export interface TransportClosed {
  readonly type: 'transport-closed';
  readonly transport: string;
}

/** One frame arrived. The core keeps views into `frame`: the transport must not reuse the memory. */
export interface FrameReceived {
  readonly type: 'frame-received';
  readonly link: Link;
  readonly peer: Peer;
  readonly frame: Uint8Array;
}

/**
 * The medium says that a frame did not arrive, or that it could not be sent. A hint: it may have arrived all the same, and T_retry decides.
 * `reason`: for people.
 */
export interface FrameUndelivered {
  readonly type: 'frame-undelivered';
  readonly link: Link;
  /** As it was to be sent: behind a forwarder it names the node. */
  readonly frame?: Uint8Array;
  readonly reason: string;
}

/** The broker answered CONNECT with "accepted". */
export interface UpstreamConnected {
  readonly type: 'upstream-connected';
  readonly connection: number;
  readonly sessionPresent: boolean;
  /** Put before the client id at the broker; undefined: nothing is. */
  readonly clientIdPrefix?: string;
  /** MQTT 5: QoS 1 and 2 publishes that the broker takes at a time; undefined: 65,535. */
  readonly receiveMaximum?: number;
  /** MQTT 5: octets of the largest packet that the broker takes; undefined: no limit. */
  readonly maximumPacketSize?: number;
  /** MQTT 5: the highest QoS that the broker takes in PUBLISH and in a will; undefined: 2. */
  readonly maximumQos?: 0 | 1;
  /** MQTT 5: whether it takes RETAIN, filters with `+` and `#`, those that begin with `$share/`, Subscription Identifiers; undefined: yes. */
  readonly retainAvailable?: boolean;
  readonly wildcardAvailable?: boolean;
  readonly sharedAvailable?: boolean;
  readonly identifiersAvailable?: boolean;
}

/**
 * The broker answered CONNECT with a refusal; the connection is over. `reasonCode`: 3.1.1 return code or MQTT 5 reason code. The same where the broker
 * refuses what the client has been given to prove who it is before that (TLS), or where the client has nothing with which it may be let in (I-127).
 */
export interface UpstreamRefused {
  readonly type: 'upstream-refused';
  readonly connection: number;
  readonly protocolVersion: 4 | 5;
  readonly reasonCode: number;
  /** For people: the rule by which this client has credentials of its own, and the reason where the code does not say it all. */
  readonly rule?: string;
  readonly reason?: string;
}

/** The broker sent PUBACK, PUBREC or PUBCOMP for a publish of ours. `reasonCode`: 0 with 3.1.1. */
export interface UpstreamAcknowledged {
  readonly type: 'upstream-acknowledged';
  readonly connection: number;
  readonly packetId: number;
  readonly packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP';
  readonly reasonCode: number;
  /** Said by the hub, for the broker cannot be reached (3.5 item 7). */
  readonly unreachable?: true;
}

/** The broker sent SUBACK. `reasonCode`: granted QoS 0–2, or 0x80 and above. */
export interface UpstreamSubscribed {
  readonly type: 'upstream-subscribed';
  readonly connection: number;
  readonly packetId: number;
  readonly reasonCode: number;
  /** As for `UpstreamAcknowledged`. */
  readonly unreachable?: true;
}

/** The broker sent UNSUBACK. */
export interface UpstreamUnsubscribed {
  readonly type: 'upstream-unsubscribed';
  readonly connection: number;
  readonly packetId: number;
}

/** The broker sent PUBLISH. `packetId`: the broker's, 0 with QoS 0; nothing has been acknowledged yet. */
export interface UpstreamMessage {
  readonly type: 'upstream-message';
  readonly connection: number;
  readonly packetId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** When it came to the gateway, where it has waited there for the session; undefined: now. */
  readonly at?: Millis;
  /** MQTT 5 Message Expiry Interval, from now; undefined: never. */
  readonly expiryInterval?: Seconds;
  /** MQTT 5 Subscription Identifiers of the subscriptions because of which it came; undefined: none were named. */
  readonly identifiers?: readonly number[];
  /** MQTT 5 Response Topic and Correlation Data, on a connection for requests; undefined: there are none. */
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
}

/** The broker answered PINGREQ. */
export interface UpstreamPonged {
  readonly type: 'upstream-ponged';
  readonly connection: number;
}

/**
 * The broker answered a PINGREQ with which the adapter keeps the connection alive. `publishes`: how many with QoS 0 had been written to this
 * connection before that PINGREQ. Said only where there are more of them than the last time.
 */
export interface UpstreamKept {
  readonly type: 'upstream-kept';
  readonly connection: number;
  readonly publishes: number;
}

/**
 * The broker does not take what is written to a connection as fast as it comes: publishes with QoS 0 should wait. Until `upstream-drained`,
 * or the end of the connection.
 */
export interface UpstreamBlocked {
  readonly type: 'upstream-blocked';
  readonly connection: number;
}

/** The broker takes more again. */
export interface UpstreamDrained {
  readonly type: 'upstream-drained';
  readonly connection: number;
}

/** The store has been read; the first input of all. */
export interface SessionsRestored {
  readonly type: 'sessions-restored';
  readonly records: readonly RestoredRecord[];
}

/** What was asked for by a load effect: the record of each key; undefined: there is none that can be read. */
export interface RecordsLoaded {
  readonly type: 'records-loaded';
  readonly records: readonly { readonly key: string; readonly record: StoredRecord | undefined }[];
}

/** The broker sent PUBREL for a QoS 2 message of its own. */
export interface UpstreamReleased {
  readonly type: 'upstream-released';
  readonly connection: number;
  readonly packetId: number;
}

/** Time has passed. Harmless at any moment. */
export interface Tick {
  readonly type: 'tick';
}

/** The operator stops the gateway. */
export interface OperatorStopped {
  readonly type: 'operator-stopped';
}

/** The operator sends a client away: it gets DISCONNECT, and its session is as after a DISCONNECT of its own. Harmless where it is not there. */
export interface OperatorDisconnected {
  readonly type: 'operator-disconnected';
  readonly clientId: string;
  /** Answered by `tell-operator`, when what was done is on the disk; undefined: nobody waits for that. */
  readonly token?: number;
}

/** The operator wants the session of a client to be gone, here and at the broker. Harmless where there is none. */
export interface OperatorForgot extends Omit<OperatorDisconnected, 'type'> {
  readonly type: 'operator-forgot';
}

/** The operator publishes; answered by one `tell-operator`, now or later, with the same token. */
export interface OperatorPublished {
  readonly type: 'operator-published';
  readonly token: number;
  readonly topic: string;
  /** The topic is as this client names it: its mount point comes before it; undefined: as the broker has it. */
  readonly clientId?: string | undefined;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** An invariant broke while an input of this client was handled: our bug; the session is ended, the others go on. */
export interface SessionFailed {
  readonly type: 'session-failed';
  /** Undefined: it was nobody's. */
  readonly clientId: string | undefined;
}

/** What a transport tells. */
export type TransportInput = TransportOpened | TransportClosed | FrameReceived | FrameUndelivered;

/** What the upstream adapter tells. */
export type UpstreamInput =
  | UpstreamConnected
  | UpstreamRefused
  | UpstreamLost
  | UpstreamAcknowledged
  | UpstreamSubscribed
  | UpstreamUnsubscribed
  | UpstreamMessage
  | UpstreamReleased
  | UpstreamPonged
  | UpstreamKept
  | UpstreamBlocked
  | UpstreamDrained;

/** What the hub says to the sessions. */
export type HubInput = UpstreamInput | SharedConnectionStands | BridgeEnded;

/** Everything that `GatewayCore.handle` accepts. */
export type Input =
  | TransportInput
  | UpstreamInput
  | SessionsRestored
  | RecordsLoaded
  | Tick
  | OperatorStopped
  | SettingsChanged
  | OperatorDisconnected
  | OperatorForgot
  | OperatorPublished
  | SessionFailed
  | ClientHeld
  | ClientReleased
  | SharedConnectionStands
  | BridgeEnded
  | RestoringGoesOn;
