/**
 * The numbers that steer the core, with their defaults. Times are milliseconds here; seconds only on the wire.
 */

import type { Millis } from './link.ts';

/** Timers, counters and limits of the core (§7.2 and appendix B of the protocol reference). */
export interface CoreSettings {
  /** GwId in ADVERTISE and GWINFO, 0–255 (D-5). */
  readonly gwId: number;
  /** T_ADV, period of ADVERTISE; 0 = off (D-3). */
  readonly advertiseInterval: Millis;
  /** Answer SEARCHGW also while no broker can be reached (D-13). */
  readonly answerWithoutUpstream: boolean;
  /** T_retry of the gateway (T-r4). */
  readonly retryInterval: Millis;
  /** N_retry of the gateway: retransmissions after the first transmission (T-r4). */
  readonly retryCount: number;
  /** Silence after which a client with keep-alive 0 is probed with PINGREQ (T-06). */
  readonly idleProbeAfter: Millis;
  /** `reject` an empty ClientId, or `generate` one from the address (T-01). */
  readonly emptyClientId: 'reject' | 'generate';
  /** Longest ClientId accepted, in octets (T-02). */
  readonly maxClientIdOctets: number;
  /** Sessions at the same time, persistent ones that are not connected included; beyond it CONNACK 0x01. */
  readonly maxSessions: number;
  /** How long the session of a client that is gone is kept (S-7). */
  readonly sessionExpiry: Millis;
  /** From which addresses a known ClientId may come back: any, the same host, the same address only (T-07, T-08). */
  readonly clientAddressBinding: 'any' | 'sameHost' | 'fixed';
  /** What CONNECT with CleanSession does to a sleeping client's session (T-04). */
  readonly cleanConnectWhileAsleep: 'clean' | 'resume';
  /** What WILLTOPICUPD and WILLMSGUPD do (T-24): keep the new will here, reconnect upstream with it, or answer 0x03. */
  readonly willUpdate: 'local' | 'reconnect' | 'reject';
  /** Normal topic ids for each client; beyond it REGACK and SUBACK 0x01. */
  readonly maxTopicsPerClient: number;
  /** QoS 1/2 publishes of one client under way at a time; beyond it PUBACK 0x01 (T-36). */
  readonly maxInboundInflight: number;
  /** QoS 0 messages that wait for one client, in number and octets; the oldest is dropped first (SL-16). */
  readonly maxQueuedMessages: number;
  readonly maxQueuedOctets: number;
  /** The same limit in octets for all clients together. */
  readonly maxQueuedOctetsInAll: number;
  /** Longest awake period of a sleeping client (SL-15). */
  readonly maxAwakeTime: Millis;
  /** Messages delivered in one awake period; 0 = unlimited (SL-15). */
  readonly maxAwakeMessages: number;
  /** Accept PUBLISH with QoS −1. */
  readonly qosMinus1: boolean;
  /** Addresses from which it is accepted; none: any. */
  readonly qosMinus1From: readonly string[];
  /** Topic filters of which one has to match its topic; none: any topic. */
  readonly qosMinus1Topics: readonly string[];
  /** Messages accepted in any second, over all senders; 0 = no limit (T-12 g). */
  readonly qosMinus1PerSecond: number;
  /** Accept the private extension "long topic name inside Data" of QoS −1 (T-12 a). */
  readonly qosMinus1LongNames: boolean;
  /** QoS 0 and −1 publishes held for a connection while it cannot reach the broker, in number and octets. */
  readonly offlineQueueMessages: number;
  readonly offlineQueueOctets: number;
  /** Which of them is dropped when there are too many. */
  readonly offlineQueueDrop: 'oldest' | 'newest';
  /** How long active clients are kept while the broker is away (3.5). */
  readonly upstreamGrace: Millis;
  /** Shortest and longest pause between two attempts to reach the broker (3.5). */
  readonly reconnectMin: Millis;
  readonly reconnectMax: Millis;
  /** Connections to the broker that are being made at a time (3.5 item 1). */
  readonly maxConnecting: number;
  /** What to do with octets behind a message (T-42). */
  readonly trailing: 'drop' | 'ignore' | 'parse';
  /** Accept a long-form message with Length 255 in a datagram of 257 octets, a known defect of a client library (T-41). */
  readonly tolerateLength255: boolean;
}

/** Appendix B of the protocol reference, with the changes of the design. */
export const DEFAULT_CORE_SETTINGS: CoreSettings = {
  gwId: 1,
  advertiseInterval: 900_000,
  answerWithoutUpstream: false,
  retryInterval: 10_000,
  retryCount: 3,
  idleProbeAfter: 3_600_000,
  emptyClientId: 'reject',
  maxClientIdOctets: 64,
  maxSessions: 10_000,
  sessionExpiry: 7 * 86_400_000,
  clientAddressBinding: 'any',
  cleanConnectWhileAsleep: 'clean',
  willUpdate: 'local',
  maxTopicsPerClient: 256,
  maxInboundInflight: 16,
  maxQueuedMessages: 100,
  maxQueuedOctets: 65_536,
  maxQueuedOctetsInAll: 67_108_864,
  maxAwakeTime: 60_000,
  maxAwakeMessages: 0,
  qosMinus1: true,
  qosMinus1From: [],
  qosMinus1Topics: [],
  qosMinus1PerSecond: 1_000,
  qosMinus1LongNames: false,
  offlineQueueMessages: 100,
  offlineQueueOctets: 65_536,
  offlineQueueDrop: 'oldest',
  upstreamGrace: 30_000,
  reconnectMin: 1_000,
  reconnectMax: 60_000,
  maxConnecting: 20,
  trailing: 'drop',
  tolerateLength255: true,
};
