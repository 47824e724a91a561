/**
 * QoS 2 publishes of sessions that end with the process have no records: those would be two writes for each of them. What a process that has crashed
 * may have left at the broker is known all the same, by the packet ids: some hundred of them are written down before they are used (I-178).
 */

import { PACKET_IDS_KEY, type StoredPacketIds, type StoreWrite } from '../contract/stored-records.ts';
import { idBehind, idsBetween } from '../state/msg-id.ts';
import type { Hub } from './hub.ts';
import type { PacketIds, SharedUse } from './shared-link.ts';

/** So many are written down at a time, and the next ones when half of them are used, or when the process begins. */
const AT_A_TIME = 512;

/** What the broker has left unanswered over so many others is not counted any more. */
const REACH = 4_096;

/**
 * Owners of publishes under packet ids that are written down, in the store and on the way to the broker: each writing has the other one than that before it,
 * so that what goes out under packet ids of before does not wait for further ones. No client id has U+0000.
 */
const OWNERS = { even: '\u0000packet-ids-even', odd: '\u0000packet-ids-odd' } as const;

/** A QoS 2 publish goes out under this packet id, without a record: it waits where that is not on the disk yet. */
export function coverPacketId(packetId: number, hub: Hub): void {
  const { unrecorded } = hub.link;
  const left = unrecorded === undefined ? Number.POSITIVE_INFINITY : idsBetween(packetId, unrecorded.last);
  const fresh = left > AT_A_TIME ? AT_A_TIME + 1 : AT_A_TIME - left;
  if (fresh > AT_A_TIME / 2) {
    writeDown({ first: oldestOpen(packetId, hub), last: idBehind(packetId, AT_A_TIME) }, fresh, hub);
  }
}

/** Owner of a publish that goes out without a record. */
export function ownerOfUnrecorded(packetId: number, { link }: Hub): string {
  const { last, fresh, turn } = link.unrecorded ?? { last: packetId, fresh: 0, turn: 'even' };
  return OWNERS[idsBetween(packetId, last) < fresh ? turn : otherThan(turn)];
}

function otherThan(turn: keyof typeof OWNERS): keyof typeof OWNERS {
  return turn === 'even' ? 'odd' : 'even';
}

function writeDown(packetIds: PacketIds, fresh: number, hub: Hub): void {
  const turn = otherThan(hub.link.unrecorded?.turn ?? 'odd');
  hub.link.unrecorded = { ...packetIds, fresh, turn };
  hub.store([recordOf(packetIds)], [OWNERS[turn]]);
}

function recordOf(packetIds: PacketIds): StoreWrite {
  return { key: PACKET_IDS_KEY, record: { kind: 'packet-ids', ...packetIds } };
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
  writeDown({ first, last: idBehind(last, AT_A_TIME) }, AT_A_TIME, hub);
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
    const { last } = unrecorded;
    const packetIds = { first: oldestOpen(idBehind(lastStale, 1), hub), last };
    hub.link.unrecorded = { ...unrecorded, ...packetIds };
    hub.storeSoon(recordOf(packetIds));
  }
}
