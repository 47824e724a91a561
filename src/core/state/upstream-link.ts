/** One client's connection to the broker, as the core sees it (transparent gateway, A-1; 3.5). */

import type { Millis } from '../contract/link.ts';
import { IdSequence } from './msg-id.ts';

export interface UpstreamLink {
  /** `waiting`: for the end of a pause; `queued`: for its turn (upstream-pacing.ts). */
  phase: 'closed' | 'connecting' | 'up' | 'waiting' | 'queued';
  /** Number of the connection in use; 0 = none. */
  connection: number;
  /** Attempts since the connection stood last. */
  attempts: number;
  upSince: Millis;
  /** When the connection broke last. */
  downSince: Millis;
  /** Connections in a row that the broker ended right away. */
  shortLived: number;
  /** The broker may be sending again what it had sent before this connection: nobody has asked it yet whether it has finished (design 4). */
  redelivering: boolean;
  /** PINGREQs of the core without an answer. */
  pings: number;
  /** QoS 1 and 2 publishes that the broker takes at a time (MQTT 5). */
  receiveMaximum: number;
  /** Octets of the largest packet that the broker takes (MQTT 5). */
  maximumPacketSize: number;
  /** Packet ids of our own PUBLISH, SUBSCRIBE and UNSUBSCRIBE. */
  readonly packetIds: IdSequence;
  readonly usedPacketIds: Set<number>;
}

export function newUpstreamLink(): UpstreamLink {
  return {
    phase: 'closed',
    connection: 0,
    attempts: 0,
    upSince: 0,
    downSince: 0,
    shortLived: 0,
    redelivering: false,
    pings: 0,
    receiveMaximum: 0xffff,
    maximumPacketSize: Number.POSITIVE_INFINITY,
    packetIds: new IdSequence(),
    usedPacketIds: new Set(),
  };
}
