/** What waits for one client (3.7 item 4): handed to its session as it takes it, bounded, the oldest goes first. */

import type { RecordsLoaded } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { waitedTooLong } from '../state/waited-too-long.ts';
import { matchesFilter } from '../topics/topic-name.ts';
import type { Hub } from './hub.ts';
import { MEMBER_WINDOW, type Member, type Parcel, type SharedMessage, weightOf } from './member.ts';
import { ownName } from './own-name.ts';
import { awaitsPayload, payloadsLoaded } from './payloads.ts';
import { parcelGone, parcelWrite } from './settlement.ts';

const NOTHING = new Uint8Array(0);

/** It waits, behind what waits already. */
export function enqueue(parcel: Parcel, hub: Hub): void {
  parcel.member.queue.push(parcel);
  hub.messages.set(parcel.message.number, parcel.message);
  count(parcel, 1, hub);
}

/** Hands a session what waits for it, as far as it takes it. */
export function hand(member: Member, hub: Hub): void {
  if (member.isBeside || !hub.sessions.isAsleep(member.clientId)) {
    handAll(member, hub);
  }
}

/** The client wakes, or asks for what there is. */
export function handAll(member: Member, hub: Hub): void {
  while (member.connection !== 0 && hasRoom(member, hub) && !awaitsPayload(member, hub)) {
    const parcel = member.queue.shift();
    if (parcel === undefined) {
      return;
    }
    count(parcel, -1, hub);
    if (isOld(parcel.message, hub)) {
      member.handed.delete(parcel.packetId);
      drop(parcel, whyOld(parcel.message, hub), hub);
    } else if (parcel.qos === 0) {
      handOnce(member.connection, parcel.message, hub);
      parcelGone(parcel, hub);
    } else {
      handParcel(parcel, hub);
    }
  }
}

/**
 * Whether it takes one more, or what comes next is one that it has had before a restart. I-133: where its session has a connection of its own, all that is in
 * memory goes before what comes there; what is on the disk alone is read as it takes it, for a sleeper one after the other.
 */
function hasRoom({ clientId, handed, queue, isBeside }: Member, { sessions }: Hub): boolean {
  const [next] = queue;
  const window = isBeside && sessions.isAsleep(clientId) ? 1 : MEMBER_WINDOW;
  const isThere = isBeside && next?.message.payload !== undefined;
  return handed.size < window || isThere || (next?.packetId ?? 0) !== 0;
}

/** Hands over a message with QoS 1 or 2; one that the session had before a restart, once more. */
export function handParcel(parcel: Parcel, hub: Hub): void {
  const { member, message } = parcel;
  const isAgain = parcel.packetId !== 0;
  if (!isAgain) {
    parcel.packetId = member.nextPacketId();
    member.handed.set(parcel.packetId, parcel);
    message.handedParcels++;
    if (parcel.stored) {
      hub.store([parcelWrite(parcel, parcel)]);
    }
  }
  tellSession(parcel, isAgain, hub);
}

/** A session asks for what there is. The answer comes behind that, also where it has to be read first. */
export function pinged(member: Member, hub: Hub): void {
  handAll(member, hub);
  if (member.traffic.loading && hasRoom(member, hub)) {
    member.traffic.loading.pinged = true;
  } else {
    hub.tell({ type: 'upstream-ponged', connection: member.connection });
  }
}

/** Payloads have been read. */
export function recordsLoaded({ records }: RecordsLoaded, hub: Hub): void {
  const gone = (message: SharedMessage): void => {
    for (const parcel of [...message.parcels]) {
      dropWaiting(parcel, 'its record cannot be read', hub);
    }
  };
  for (const member of payloadsLoaded(records, gone, hub)) {
    const isAsked = member.traffic.loading?.pinged === true && member.connection !== 0;
    member.traffic.loading = undefined;
    hand(member, hub);
    if (isAsked) {
      pinged(member, hub);
    }
  }
}

/** The session has a new connection: what it has been handed and has not acknowledged comes again. */
export function handAgain(member: Member, hub: Hub): void {
  for (const parcel of [...member.handed.values()]) {
    if (!hub.waiting.has(parcel)) {
      tellSession(parcel, true, hub);
    } // else: it is in the queue, where its payload had to be read first (restore.ts)
  }
}

/** A message with QoS 0: nothing is known of it after that. */
export function handOnce(connection: number, sent: SharedMessage, hub: Hub): void {
  const { topic, payload = NOTHING, retain } = sent;
  const message = { topic, payload, retain, qos: 0, packetId: 0, dup: false } as const;
  hub.tell({ type: 'upstream-message', connection, ...message, expiryInterval: timeLeft(sent, hub) });
}

/** What is left of its time, in seconds: that of the broker, or that for which messages are kept. A session may have it for long before its client hears of it. */
function timeLeft({ expiresAt = Number.POSITIVE_INFINITY, at }: SharedMessage, { now, settings }: Hub): number {
  const until = Math.min(expiresAt, at + settings.sessions.queue.age + 1);
  return Math.max(0, Math.ceil((until - now) / 1_000));
}

function tellSession(parcel: Parcel, dup: boolean, hub: Hub): void {
  const { packetId, qos, retain, received } = parcel;
  const { connection } = parcel.member;
  if (received) {
    hub.tell({ type: 'upstream-released', connection, packetId });
    return;
  }
  const { topic, payload = NOTHING, at } = parcel.message; // what is handed over is in memory
  const expiryInterval = timeLeft(parcel.message, hub);
  hub.tell({ type: 'upstream-message', connection, packetId, topic, payload, qos, retain, dup, at, expiryInterval });
}

/** PUBACK, PUBREC or PUBCOMP of a session. */
export function sessionAcknowledged(
  member: Member,
  { packetId, packet, reasonCode }: { readonly packetId: number; readonly packet: string; readonly reasonCode: number },
  hub: Hub,
): void {
  const parcel = member.handed.get(packetId);
  if (parcel === undefined) {
    return;
  }
  if (packet === 'PUBREC' && reasonCode < 0x80) {
    parcel.received = true;
    leaveQueue(parcel, hub);
    if (parcel.stored) {
      hub.store([parcelWrite(parcel, parcel)], [member.clientId]); // before PUBREL: from now on the PUBLISH would be a second message
    }
    hub.tell({ type: 'upstream-released', connection: member.connection, packetId });
    return;
  }
  member.handed.delete(packetId);
  leaveQueue(parcel, hub);
  parcelGone(parcel, hub);
  hand(member, hub);
}

/** A message begins to wait for a client, or does not wait any more. */
export function count(parcel: Parcel, change: 1 | -1, hub: Hub): void {
  const { member, qos } = parcel;
  const octets = change * weightOf(parcel);
  member.traffic.octets += octets;
  hub.queuedOctets += octets;
  place(parcel, change, hub.waiting);
  hub.repetitions.count(parcel, change);
  if (qos === 0) {
    member.traffic.qos0Messages += change;
    member.traffic.qos0Octets += octets;
    hub.qos0Octets += octets;
    place(parcel, change, hub.waitingQos0);
  }
}

function place(parcel: Parcel, change: 1 | -1, table: Hub['waiting']): void {
  if (change > 0) {
    table.add(parcel, parcel.member.clientId);
    table.offer(parcel);
  } else {
    table.remove(parcel);
  }
}

/** A message that waits is not delivered. */
export function dropWaiting(parcel: Parcel, reason: string, hub: Hub): void {
  leaveQueue(parcel, hub);
  parcel.member.handed.delete(parcel.packetId);
  drop(parcel, reason, hub);
}

/** It does not wait any more, and nothing is lost by that. */
export function leave(parcel: Parcel, hub: Hub): void {
  leaveQueue(parcel, hub);
  parcelGone(parcel, hub);
}

/** What a session has been handed may wait as well: it had it before a restart, and its payload had to be read. */
export function leaveQueue(parcel: Parcel, hub: Hub): void {
  if (hub.waiting.has(parcel)) {
    const { queue } = parcel.member;
    queue.splice(queue.indexOf(parcel), 1);
    count(parcel, -1, hub);
  }
}

function drop(parcel: Parcel, reason: string, hub: Hub): void {
  const { member, message, qos } = parcel;
  const { clientId } = member;
  const note = hub.sessions.dropped(clientId, message.topic, qos, reason);
  hub.note(
    note ?? {
      type: 'delivery-dropped',
      clientId,
      link: '',
      topic: ownName(clientId, message.topic, hub),
      qos,
      reason,
    },
  );
  parcelGone(parcel, hub);
  if (member.isBeside) {
    hub.forgetIfEmpty(member);
  }
}

function isOld({ at, expiresAt }: SharedMessage, { now, settings }: Hub): boolean {
  return now - at > settings.sessions.queue.age || (expiresAt !== undefined && expiresAt <= now);
}

function whyOld({ expiresAt }: SharedMessage, { now, settings }: Hub): string {
  return expiresAt !== undefined && expiresAt <= now ? 'it has expired' : waitedTooLong(settings.sessions.queue.age);
}

/** What waits for nobody else than this client goes with it. */
export function dropParcels(member: Member, hub: Hub): void {
  for (const parcel of member.queue.splice(0)) {
    count(parcel, -1, hub);
    member.handed.delete(parcel.packetId);
    parcelGone(parcel, hub);
  }
  for (const parcel of [...member.handed.values()]) {
    member.handed.delete(parcel.packetId);
    parcelGone(parcel, hub);
  }
}

/** T-40. The client has given up a filter: what waits for that alone goes, save what its session has been handed. */
export function dropUnwanted(member: Member, filter: string, hub: Hub): void {
  const isWanted = (topic: string): boolean => [...member.grants.keys()].some((other) => matchesFilter(other, topic));
  for (const parcel of [...member.queue]) {
    const { topic } = parcel.message;
    if (parcel.packetId === 0 && matchesFilter(filter, topic) && !isWanted(topic)) {
      dropWaiting(parcel, 'the client has unsubscribed', hub);
    }
  }
}

/** The client is not connected any more, or the memory goes in which they are: QoS 0 is not for it. */
export function dropQos0(member: Member, hub: Hub): void {
  if (member.traffic.qos0Messages === 0) {
    return;
  }
  for (const parcel of member.queue.filter(({ qos }) => qos === 0)) {
    count(parcel, -1, hub);
    drop(parcel, hub.isStopping ? 'the gateway stops' : 'the client left', hub);
  }
  member.traffic.queue = member.queue.filter(({ qos }) => qos > 0);
}

/** When the oldest message has waited for too long; undefined: none waits. */
export function ageEnds(hub: Hub): Millis | undefined {
  const [oldest] = hub.messages.values();
  return oldest && oldest.at + hub.settings.sessions.queue.age + 1;
}

/** Messages that have waited for too long go. */
export function ageDue(hub: Hub): void {
  for (const message of hub.messages.values()) {
    if (!isOld(message, hub)) {
      return;
    }
    for (const parcel of [...message.parcels]) {
      if (parcel.packetId === 0 || hub.waiting.has(parcel)) {
        dropWaiting(parcel, whyOld(message, hub), hub);
      }
    }
    hub.messages.delete(message.number); // what a session has been handed ends with it
  }
}
