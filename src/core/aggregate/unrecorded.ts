/**
 * QoS 2 publishes of sessions that end with the process have no records: those would be two writes for each of them. What a process that has crashed
 * may have left at the broker is known all the same, by the packet ids: some hundred of them are written down before they are used.
 */

import { PACKET_IDS_KEY, type StoredPacketIds, type StoreWrite } from '../contract/stored-records.ts';
import { idBehind, idsBetween } from '../state/msg-id.ts';
import type { Hub } from './hub.ts';
import type { SharedUse } from './shared-link.ts';

/** So many are written down at a time, and the next ones when half of them are used, or when the process begins: nobody waits for that. */
const AT_A_TIME = 512;

/** What the broker has left unanswered over so many others is not counted any more. */
const REACH = 4_096;

/** A publish of this client goes out under this packet id, without a record. Where the packet id is not written down yet, it waits for that. */
export function coverPacketId(packetId: number, clientId: string, hub: Hub): void {
  const { unrecorded } = hub.link;
  const left = unrecorded === undefined ? Number.POSITIVE_INFINITY : idsBetween(packetId, unrecorded.last);
  if (left < AT_A_TIME / 2) {
    hub.storeSoon(writeDown(oldestOpen(packetId, hub), idBehind(packetId, AT_A_TIME), hub));
  } else if (left > AT_A_TIME) {
    hub.store([writeDown(oldestOpen(packetId, hub), idBehind(packetId, AT_A_TIME), hub)], [clientId]);
  }
}

function writeDown(first: number, last: number, { link }: Hub): StoreWrite {
  link.unrecorded = { first, last };
  return { key: PACKET_IDS_KEY, record: { kind: 'packet-ids', first, last } };
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

/**
 * After a start: what is under these packet ids is let go at the broker, save what is known by a record. This life goes on behind them, and writes its
 * own down before there is a connection, so that they are known to the next life though the power fails.
 */
export function restoreUnrecorded({ first, last }: StoredPacketIds, hub: Hub): void {
  const { link } = hub;
  link.startBehind(last);
  hub.storeSoon(writeDown(first, idBehind(last, AT_A_TIME), hub));
  const many = Math.min(idsBetween(first, last), REACH + AT_A_TIME);
  for (let n = 0; n <= many; n++) {
    const packetId = idBehind(first, n);
    if (!link.uses.has(packetId)) {
      link.uses.set(packetId, { is: 'stale' });
      link.lastStale = packetId;
    }
  }
}

/** The broker has let go of one of them. They are let go in their order: behind the last one nothing of former lives is left. */
export function staleAnswered(packetId: number, hub: Hub): void {
  hub.link.uses.delete(packetId);
  if (packetId === hub.link.lastStale) {
    nothingStale(hub);
  }
}

/** The broker has lost its session. */
export function staleLost(hub: Hub): void {
  dropStale(hub);
  nothingStale(hub);
}

/** The broker has closed the connection while they were let go: this life does not ask it again. */
export function forgetStale(hub: Hub): void {
  dropStale(hub);
  hub.link.lastStale = undefined;
}

function dropStale({ link }: Hub): void {
  for (const [packetId, use] of link.uses) {
    if (use.is === 'stale') {
      link.uses.delete(packetId);
    }
  }
}

/** The next life has no more to let go than what this one leaves. */
function nothingStale(hub: Hub): void {
  const { lastStale, unrecorded } = hub.link;
  if (lastStale !== undefined && unrecorded !== undefined) {
    hub.link.lastStale = undefined;
    hub.storeSoon(writeDown(oldestOpen(idBehind(lastStale, 1), hub), unrecorded.last, hub));
  }
}
