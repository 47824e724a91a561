/**
 * The settings that steer the core, with their defaults: the sections and names are those of the settings file (config/README.md).
 * Times are milliseconds here; seconds only on the wire.
 */

import type { AccessSettings } from './access-settings.ts';
import type { Millis } from './units.ts';

/** Timers, counters and limits of the core (§7.2 and appendix B of the protocol reference). */
export interface CoreSettings {
  readonly gateway: {
    /** GwId in ADVERTISE and GWINFO, 0–255 (D-5). */
    readonly id: number;
    /** T_ADV, period of ADVERTISE; 0 = off (D-3). */
    readonly advertiseInterval: Millis;
    /** Answer SEARCHGW also while no broker can be reached (D-13). */
    readonly answerWithoutUpstream: boolean;
  };
  readonly upstream: {
    /** `transparent`: each client has a connection to the broker; `aggregating`: all share one. */
    readonly mode: 'transparent' | 'aggregating';
    /** Client ids, or globs with `*` and `?`, that have a connection of their own in an aggregating gateway. */
    readonly ownConnection: readonly string[];
    /** Version of MQTT on the shared connection: 4 is 3.1.1; undefined: 5, or 4 with a broker that refuses it. */
    readonly sharedProtocol: 4 | 5 | undefined;
    /** QoS 1 and 2 messages that the broker has out at a time on one connection. */
    readonly receiveMaximum: number;
    /** Put before each topic at the broker, and taken off what comes back; `%c` is the client id. Empty, or ends with `/`. */
    readonly topicPrefix: string;
    /** How long active clients are kept while the broker is away (3.5). */
    readonly grace: Millis;
    /** Shortest and longest pause between two attempts to reach the broker (3.5). */
    readonly reconnectMin: Millis;
    readonly reconnectMax: Millis;
    /** Connections to the broker that are being made at a time (3.5 item 1). */
    readonly maxConnecting: number;
    /** How long the will of a lost client waits for it to come back (I-101); on connections of clients the broker waits. */
    readonly willDelay: Millis;
    /** QoS 0 and −1 publishes held for a connection while it cannot reach the broker. */
    readonly offlineQueue: {
      readonly messages: number;
      readonly octets: number;
      /** Which of them is dropped when there are too many. */
      readonly drop: 'oldest' | 'newest';
    };
  };
  readonly timing: {
    /** T_retry of the gateway (T-r4). */
    readonly retryInterval: Millis;
    /** N_retry of the gateway: retransmissions after the first transmission (T-r4). */
    readonly retryCount: number;
    /** Silence after which a client with keep-alive 0 is probed with PINGREQ (T-06). */
    readonly idleProbeAfter: Millis;
  };
  readonly sessions: {
    /** Sessions at the same time, persistent ones that are not connected included; beyond it room is made, or CONNACK 0x01 (I-22). */
    readonly limit: number;
    /** Clients without a session that are in a will dialogue; beyond it the oldest are given up (I-49). */
    readonly maxHalfOpen: number;
    /** How long the session of a client that is gone is kept (S-7). */
    readonly expiry: Millis;
    /** What CONNECT with CleanSession does to a sleeping client's session (T-04). */
    readonly cleanConnectWhileAsleep: 'clean' | 'resume';
    /** QoS 0 messages that wait for one client, in number and octets; the oldest is dropped first (SL-16). */
    readonly sleepBufferMessages: number;
    readonly sleepBufferOctets: number;
    /** The same limit in octets for all clients together. */
    readonly sleepBufferOctetsInAll: number;
    /** Longest awake period of a sleeping client (SL-15). */
    readonly maxAwakeTime: Millis;
    /** Messages delivered in one awake period; 0 = unlimited (SL-15). */
    readonly maxAwakeMessages: number;
    /** What waits for one client in an aggregating gateway, and how long; the oldest goes first (3.7 item 4). */
    readonly queue: {
      readonly messages: number;
      readonly octets: number;
      /** For all clients together. */
      readonly octetsInAll: number;
      /** Of payloads that are on the disk, how many octets are in memory as well. */
      readonly octetsInMemory: number;
      readonly age: Millis;
    };
  };
  readonly status: {
    /** Topics about the gateway itself begin with it; empty: there are none. */
    readonly topicPrefix: string;
  };
  readonly clients: {
    /** Longest ClientId accepted, in octets (T-02). */
    readonly maxClientIdOctets: number;
    /** Which characters ClientIds and topic names of clients may have: `utf8` all but U+0000, `strict` no control and non-characters (T-02, T-48). */
    readonly names: 'strict' | 'utf8';
    /** `reject` an empty ClientId, or `generate` one from the address (T-01). */
    readonly emptyClientId: 'reject' | 'generate';
    /** From which addresses a known ClientId may come back: any, the same host, the same address only (T-07, T-08). */
    readonly addressBinding: 'any' | 'sameHost' | 'fixed';
    /** What WILLTOPICUPD and WILLMSGUPD do (T-24): keep the new will here, reconnect upstream with it, or answer 0x03. */
    readonly willUpdate: 'local' | 'reconnect' | 'reject';
    /** Normal topic ids for each client; beyond it REGACK and SUBACK 0x01. */
    readonly maxTopics: number;
    /** Subscriptions of each client; beyond it SUBACK 0x01. */
    readonly maxSubscriptions: number;
    /** Octets of topic names and filters of each client, registered and subscribed; beyond it REGACK and SUBACK 0x01. */
    readonly maxNameOctets: number;
    /** QoS 1/2 publishes of one client under way at a time; beyond it PUBACK 0x01 (T-36). */
    readonly maxInflight: number;
    /** Accept PUBLISH with QoS −1. */
    readonly qosMinus1: boolean;
    /** Addresses from which it is accepted; none: any. */
    readonly qosMinus1From: readonly string[];
    /** Topic filters of which one has to match its topic; none: any topic. */
    readonly qosMinus1Topics: readonly string[];
    /** Messages accepted in a second, shared fairly between the addresses that send them; 0 = no limit (T-12 g). */
    readonly qosMinus1PerSecond: number;
    /** Accept the private extension "long topic name inside Data" of QoS −1 (T-12 a). */
    readonly qosMinus1LongNames: boolean;
  };
  /** Who may be what; undefined: everybody everything. */
  readonly access: AccessSettings | undefined;
  readonly frames: {
    /** What to do with octets behind a message (T-42). */
    readonly trailing: 'drop' | 'ignore' | 'parse';
    /** Take a message in the long form whole where its Length says 2 to 4 octets too few, a defect of client libraries (T-41); not with `parse`. */
    readonly tolerateShortLength: boolean;
  };
}

/** Appendix B of the protocol reference, with the changes of the design. */
export const DEFAULT_CORE_SETTINGS: CoreSettings = {
  gateway: {
    id: 1,
    advertiseInterval: 900_000,
    answerWithoutUpstream: false,
  },
  upstream: {
    mode: 'transparent',
    ownConnection: [],
    sharedProtocol: undefined,
    receiveMaximum: 20,
    topicPrefix: '',
    grace: 30_000,
    reconnectMin: 1_000,
    reconnectMax: 60_000,
    maxConnecting: 20,
    willDelay: 0,
    offlineQueue: { messages: 100, octets: 65_536, drop: 'oldest' },
  },
  timing: {
    retryInterval: 10_000,
    retryCount: 3,
    idleProbeAfter: 3_600_000,
  },
  sessions: {
    limit: 10_000,
    maxHalfOpen: 1_000,
    expiry: 7 * 86_400_000,
    cleanConnectWhileAsleep: 'clean',
    sleepBufferMessages: 100,
    sleepBufferOctets: 65_536,
    sleepBufferOctetsInAll: 67_108_864,
    maxAwakeTime: 60_000,
    maxAwakeMessages: 0,
    queue: {
      messages: 1_000,
      octets: 1_048_576,
      octetsInAll: 1_073_741_824,
      octetsInMemory: 16_777_216,
      age: 7 * 86_400_000,
    },
  },
  status: {
    topicPrefix: '',
  },
  clients: {
    maxClientIdOctets: 64,
    names: 'strict',
    emptyClientId: 'reject',
    addressBinding: 'any',
    willUpdate: 'local',
    maxTopics: 256,
    maxSubscriptions: 256,
    maxNameOctets: 65_536,
    maxInflight: 16,
    qosMinus1: true,
    qosMinus1From: [],
    qosMinus1Topics: [],
    qosMinus1PerSecond: 1_000,
    qosMinus1LongNames: false,
  },
  access: undefined,
  frames: {
    trailing: 'drop',
    tolerateShortLength: true,
  },
};
