/** Bridges (bridge.ts) begin with a start, and end when the broker has sessions for the clients themselves, with all their subscriptions (I-159). */

import type { UpstreamMessage } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { StoredRecord } from '../contract/stored-records.ts';
import { samePayload } from '../state/payload-digest.ts';
import { askIfDrained } from './drained.ts';
import { leaveAll } from './filters.ts';
import type { Hub } from './hub.ts';
import type { Member } from './member.ts';
import { leaveQueue } from './parcels.ts';
import { parcelGone } from './settlement.ts';

/** No bridge is held up for longer by messages that never cease. */
const LONGEST: Millis = 10_000;

/** A session has been written: where the broker has one for it now, the bridge ends when nothing is left for it on the shared connection. */
export function bridgeReviewed(member: Member, record: StoredRecord, hub: Hub): void {
  const { bridge } = member;
  if (bridge && !bridge.isDone && record.kind === 'session' && record.owesSession !== true) {
    bridge.isDone = true;
    hub.doneBridges.set(member, hub.now + LONGEST);
    askIfDrained(hub);
  }
}

/** Whether something may come by both for this client. While the shared connection cannot be made nothing does. */
export function isBridged({ members, link }: Hub, clientId: string): boolean {
  return link.phase !== 'down' && members.get(clientId)?.bridge !== undefined;
}

/** PINGRESP has shown that nothing is left for them. */
export function drainedBridgesEnd(hub: Hub): void {
  for (const member of hub.link.drained.splice(0)) {
    endBridge(member, hub);
  }
}

/** When one is to end whatever comes; undefined: none is. */
export function bridgesEnd({ doneBridges, link }: Hub): Millis | undefined {
  const [first] = link.phase === 'up' ? doneBridges.values() : [];
  return first;
}

/** It is time. */
export function bridgesDue(hub: Hub): void {
  for (const [member, until] of hub.doneBridges) {
    if (until > hub.now) {
      return;
    }
    endBridge(member, hub);
  }
}

/** The broker has lost what the bridges stand on. */
export function endAllBridges(hub: Hub): void {
  for (const member of [...hub.bridged]) {
    endBridge(member, hub);
  }
}

/** What comes on the shared connection is not for it any more. */
export function endBridge(member: Member, hub: Hub): void {
  if (member.bridge === undefined) {
    return;
  }
  member.cross({ bridge: undefined });
  hub.bridged.delete(member);
  hub.doneBridges.delete(member);
  leaveAll(member, hub);
  hub.tell({ type: 'bridge-ended', clientId: member.clientId });
  hub.forgetIfEmpty(member);
}

/**
 * A message comes on the own connection of a client. True where its session is not to hear of it, for it has had it: else what waits of it here goes.
 */
export function cameByBoth(member: Member, message: UpstreamMessage, hub: Hub): boolean {
  const { topic, payload, qos } = message;
  if (qos === 1 || !member.bridge?.comesOwn(message)) {
    return false;
  }
  if (qos === 0) {
    return true;
  }
  const waits = member.queue.find(
    (one) =>
      one.qos === 2 &&
      one.packetId === 0 &&
      one.message.topic === topic &&
      one.message.payload !== undefined &&
      samePayload(one.message.payload, payload),
  );
  if (waits === undefined) {
    return true;
  }
  leaveQueue(waits, hub);
  parcelGone(waits, hub);
  return false;
}
