/** What waits for one client (3.7 item 4): handed to its session as it takes it, bounded, the oldest goes first. */

import type { Millis } from '../contract/link.ts';
import type { Hub } from './hub.ts';
import { MEMBER_WINDOW, type Member, type Parcel, type SharedMessage } from './member.ts';
import { parcelGone, parcelWrite } from './settlement.ts';

/** Whether a session takes messages now, and has taken what came before. */
export function isThere(member: Member, hub: Hub): boolean {
  return (
    member.connection !== 0 &&
    member.handed.size < MEMBER_WINDOW &&
    member.queue.length <= 1 &&
    !hub.sessions.isAsleep(member.clientId)
  );
}

/** Hands a session what waits for it, as far as it takes it. */
export function hand(member: Member, hub: Hub): void {
  if (member.connection === 0 || hub.sessions.isAsleep(member.clientId)) {
    makeRoom(member, hub);
    return;
  }
  handAll(member, hub);
  makeRoom(member, hub);
}

/** The client wakes, or asks for what there is. */
export function handAll(member: Member, hub: Hub): void {
  while (member.connection !== 0 && member.handed.size < MEMBER_WINDOW) {
    const parcel = member.queue.shift();
    if (parcel === undefined) {
      return;
    }
    uncount(parcel, hub);
    if (isOld(parcel.message, hub)) {
      drop(parcel, 'it has expired', hub);
    } else {
      parcel.packetId = member.nextPacketId();
      member.handed.set(parcel.packetId, parcel);
      if (parcel.stored) {
        hub.store([parcelWrite(parcel, parcel)]);
      }
      tellSession(parcel, false, hub);
    }
  }
}

/** The session has a new connection: what it has been handed and has not acknowledged comes again. */
export function handAgain(member: Member, hub: Hub): void {
  for (const parcel of [...member.handed.values()]) {
    tellSession(parcel, true, hub);
  }
}

function tellSession(parcel: Parcel, dup: boolean, hub: Hub): void {
  const { packetId, qos, retain, received } = parcel;
  const { connection } = parcel.member;
  if (received) {
    hub.tell({ type: 'upstream-released', connection, packetId });
    return;
  }
  const { topic, payload, expiresAt } = parcel.message;
  const expiryInterval = expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - hub.now) / 1_000));
  const rest = expiryInterval === undefined ? {} : { expiryInterval };
  hub.tell({ type: 'upstream-message', connection, packetId, topic, payload, qos, retain, dup, ...rest });
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
    hub.tell({ type: 'upstream-released', connection: member.connection, packetId });
    return;
  }
  member.handed.delete(packetId);
  parcelGone(parcel, hub);
  hand(member, hub);
}

function uncount({ member, message }: Parcel, hub: Hub): void {
  member.octets -= message.payload.length;
  hub.queuedOctets -= message.payload.length;
}

/** The oldest of what waits goes where there is too much of it. */
function makeRoom(member: Member, hub: Hub): void {
  const { messages, octets, octetsInAll } = hub.settings.sessions.queue;
  while (member.queue.length > messages || member.octets > octets || hub.queuedOctets > octetsInAll) {
    const oldest = member.queue.shift();
    if (oldest === undefined) {
      return;
    }
    uncount(oldest, hub);
    drop(oldest, 'too many messages wait for the client', hub);
  }
}

function drop(parcel: Parcel, reason: string, hub: Hub): void {
  const { member, message, qos } = parcel;
  const { clientId } = member;
  const link = hub.sessions.linkOf(clientId);
  hub.note({ type: 'delivery-dropped', clientId, link, topic: message.topic, qos, reason });
  parcelGone(parcel, hub);
}

function isOld({ at, expiresAt }: SharedMessage, { now, settings }: Hub): boolean {
  return now - at > settings.sessions.queue.age || (expiresAt !== undefined && expiresAt <= now);
}

/** What waits for nobody else than this client goes with it. */
export function dropParcels(member: Member, hub: Hub): void {
  for (const parcel of member.queue.splice(0)) {
    uncount(parcel, hub);
    parcelGone(parcel, hub);
  }
  for (const parcel of [...member.handed.values()]) {
    member.handed.delete(parcel.packetId);
    parcelGone(parcel, hub);
  }
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
      const place = parcel.packetId === 0 ? parcel.member.queue.indexOf(parcel) : -1;
      if (place >= 0) {
        parcel.member.queue.splice(place, 1);
        uncount(parcel, hub);
        drop(parcel, 'it has waited for too long', hub);
      }
    }
    hub.messages.delete(message.number); // what a session has been handed ends with it
  }
}
