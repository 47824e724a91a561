/**
 * QoS 2 publishes of sessions that end with the process have no records: those would be two writes for each of them. What a process that has crashed
 * may have left at the broker is known all the same, by the packet ids: some hundred of them are written down before they are used.
 */

import { PACKET_IDS_KEY, type StoredPacketIds } from '../contract/stored-records.ts';
import { idBehind, idsBetween } from '../state/msg-id.ts';
import type { Hub } from './hub.ts';
import type { SharedUse } from './shared-link.ts';

/** So many are written down at a time, and the next ones when half of them are used. */
const AT_A_TIME = 512;

/** What the broker has left unanswered over so many others is not counted any more. */
const REACH = 4_096;

/** A publish without a record goes out under this packet id. */
export function coverPacketId(packetId: number, hub: Hub): void {
  const { link } = hub;
  const left = link.unrecorded && idsBetween(packetId, link.unrecorded.last);
  if (left !== undefined && left >= AT_A_TIME / 2 && left <= AT_A_TIME) {
    return;
  }
  const first = oldestOpen(packetId, hub);
  const last = idBehind(packetId, AT_A_TIME);
  link.unrecorded = { first, last };
  hub.store([{ key: PACKET_IDS_KEY, record: { kind: 'packet-ids', first, last } }]);
}

/** The packet id for which an answer of the broker has been due for the longest time. */
function oldestOpen(packetId: number, { link }: Hub): number {
  for (const [id, use] of link.uses) {
    if (mayBeAtBroker(use) && idsBetween(id, packetId) <= REACH) {
      return id;
    }
  }
  return packetId;
}

function mayBeAtBroker(use: SharedUse): boolean {
  return use.is === 'stale' || (use.is === 'relay' && use.relay.qos === 2);
}

/** After a start: what is under these packet ids is let go at the broker, save what is known by a record. */
export function restoreUnrecorded({ first, last }: StoredPacketIds, { link }: Hub): void {
  link.unrecorded = { first, last };
  link.startBehind(last);
  const many = Math.min(idsBetween(first, last), REACH + AT_A_TIME);
  for (let n = 0; n <= many; n++) {
    const packetId = idBehind(first, n);
    if (!link.uses.has(packetId)) {
      link.uses.set(packetId, { is: 'stale' });
    }
  }
}
