/**
 * A message of the broker, for all clients that it is for (3.7 items 1, 4 and 8): handed to those that are there, kept for those that are not, once.
 * The broker is told when every client has acknowledged it, or it is on the disk for those that have not: no client holds up another.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { LONGEST_PAYLOAD, TOO_LONG_PAYLOAD } from '../state/longest-payload.ts';
import { SmallSet } from '../topics/small-map.ts';
import { askIfDrained } from './drained.ts';
import { type Audience, audienceOf } from './fan-out.ts';
import { isUnexplained } from './former-names.ts';
import type { Hub } from './hub.ts';
import { MEMBER_WINDOW, type Member, type Parcel, type SharedMessage } from './member.ts';
import type { Copies } from './open-copies.ts';
import { enqueue, handOnce, handParcel } from './parcels.ts';
import { makeRoom, tooLargeToWait } from './queue-room.ts';
import { parcelsByMember } from './repetitions.ts';
import { delivered, isRepeated, keep, meansAnother, outlives } from './settlement.ts';
import { endFilter } from './subscribe-requests.ts';
import { readIdentifier } from './subscription-identifier.ts';

/** PUBLISH of the broker. `copies`: of the same message. */
export function receiveShared(input: UpstreamMessage, hub: Hub, copies?: Copies): void {
  const { packetId, qos } = input;
  const known = qos > 0 ? hub.byPacketId.get(packetId) : undefined;
  if (known && isRepeated(known, input, hub)) {
    return;
  }
  if (known) {
    meansAnother(known, hub);
  }
  const message = newMessage(input, hub.repetitions.of(input), hub);
  if (packetId !== 0) {
    hub.byPacketId.set(packetId, message);
  }
  const audience = audienceOf(input, hub, copies);
  message.reliesOnRecords = copies?.reliesOnRecords ?? false;
  if (audience.size === 0) {
    tellOfNobody(input, hub);
  }
  deliver(message, audience, hub);
}

/** I-155: no client has subscribed to it. Not what is retained (I-96), nor what may have waited for a filter for which UNSUBSCRIBE is on its way. */
function tellOfNobody(input: UpstreamMessage, hub: Hub): void {
  const { topic, qos, retain } = input;
  if (retain || hub.departing.size > 0 || hub.link.ending !== undefined) {
    return;
  }
  meetsUnknown(input, hub);
  let isMatched = false;
  const matches = (): void => {
    isMatched = true;
  };
  hub.filters.match(topic, matches);
  hub.sharedTopics.match(topic, matches);
  if (!isMatched) {
    hub.note({ type: 'message-for-nobody', topic, qos });
  }
}

/** I-169: the broker may have a subscription that nobody knows. */
function meetsUnknown({ topic, identifiers = [] }: UpstreamMessage, hub: Hub): void {
  const { link, unknownNames, lostNames } = hub;
  const slot = identifiers.map((one) => readIdentifier(one).slot).find((one) => isUnexplained(one, hub));
  if (!link.identifies || lostNames.size > 0 || slot === undefined) {
    return;
  }
  const about = unknownNames.met(slot, link.drain !== undefined);
  if (about === 'end' && hub.filter(topic) === undefined) {
    endFilter(topic, hub);
  } else if (about === 'tell') {
    hub.note({ type: 'subscription-unknown', topic });
  }
  askIfDrained(hub);
}

function newMessage(
  { topic, payload, qos, retain, dup, packetId, connection, expiryInterval }: UpstreamMessage,
  repeats: SharedMessage | undefined,
  hub: Hub,
): SharedMessage {
  return {
    number: ++hub.lastMessage,
    topic,
    payload,
    octets: payload.length,
    qos,
    retain,
    at: hub.now,
    expiresAt: expiryInterval === undefined ? undefined : hub.now + expiryInterval * 1_000,
    packetId,
    cameAs: packetId,
    repeats,
    dup,
    arrivedOn: connection,
    safe: false,
    reliesOnRecords: false,
    parcels: new SmallSet(),
    stored: false,
    storedParcels: 0,
    handedParcels: 0,
    awaited: 0,
  };
}

/** Whether a session takes it now. I-93: QoS 0 is for whoever is connected: it is handed over at once, or waits for one that sleeps, or behind others. */
function isTaken({ connection, queue, handed, clientId, isBeside }: Member, qos: Qos, hub: Hub): boolean {
  const hasRoom = qos === 0 || handed.size < MEMBER_WINDOW;
  const isThere = isBeside || !hub.sessions.isAsleep(clientId); // I-159: what a sleeper with a connection of its own is to get its session has
  return connection !== 0 && queue.length === 0 && hasRoom && isThere;
}

/** With DUP who gets it with QoS 0 may have had it, on an earlier connection or from an earlier process, and gets it at most once (I-93). */
function deliver(message: SharedMessage, audience: Audience, hub: Hub): void {
  const kept: Parcel[] = [];
  const taken: Parcel[] = [];
  const repeated = parcelsByMember(message.repeats);
  const before = { qos0: hub.qos0Octets, all: hub.queuedOctets };
  for (const member of audience.keys()) {
    const granted = audience.get(member) ?? 0;
    const qos = granted < message.qos ? granted : message.qos;
    const isTooLong = message.octets > LONGEST_PAYLOAD; // G-5: what is kept for others would have to go for it
    if (isTooLong || !hub.sessions.mayRead(member.clientId, message.topic)) {
      dropUnqueued(member, message, qos, isTooLong ? TOO_LONG_PAYLOAD : undefined, hub);
      continue;
    }
    const now = isTaken(member, qos, hub);
    const waits = !now && (qos > 0 || (!message.dup && member.connection !== 0));
    const tooLarge = waits ? tooLargeToWait(message, qos, hub) : undefined;
    if (tooLarge !== undefined) {
      dropUnqueued(member, message, qos, tooLarge, hub);
      continue;
    }
    if (qos === 0) {
      if (!message.dup && member.connection !== 0 && !hasComeByOwn(member, message)) {
        takeQos0(member, message, now, hub);
      }
      continue;
    }
    if (qos === 2 && hasComeByOwn(member, message)) {
      continue;
    }
    const parcel = newParcel(member, message, qos, repeated?.get(member));
    message.parcels.add(parcel);
    if (now) {
      taken.push(parcel);
    } else {
      enqueue(parcel, hub);
    }
    if (outlives(member, hub) && (qos === 2 || !now)) {
      kept.push(parcel);
    }
  }
  keep(message, message.qos === 2 && kept.length > 0 ? outliving(message, hub) : kept, hub);
  for (const parcel of taken) {
    handParcel(parcel, hub);
  }
  if (message.qos > 0) {
    delivered(message, hub);
  }
  for (const member of audience.keys()) {
    makeRoom(member, message, before, hub);
  }
}

/** I-159. */
function hasComeByOwn({ bridge, ownConnection }: Member, { topic, payload }: SharedMessage): boolean {
  return ownConnection !== 0 && payload !== undefined && (bridge?.comesShared(topic, payload) ?? false);
}

/** It does not wait for the client. `reason`: undefined: it may not read it (I-119). */
function dropUnqueued(
  { clientId }: Member,
  { topic }: SharedMessage,
  qos: Qos,
  reason: string | undefined,
  hub: Hub,
): void {
  const note = hub.sessions.dropped(clientId, topic, qos, reason);
  if (note) {
    hub.note(note);
  }
}

/** With its packet id on the disk a repetition of it is no message any more: it has to be there for all. */
function outliving({ parcels }: SharedMessage, hub: Hub): Parcel[] {
  return [...parcels].filter(({ qos, member }) => qos > 0 && outlives(member, hub));
}

function takeQos0(member: Member, message: SharedMessage, isTakenNow: boolean, hub: Hub): void {
  if (isTakenNow) {
    handOnce(member.connection, message, hub);
  } else {
    const parcel = newParcel(member, message, 0);
    message.parcels.add(parcel);
    enqueue(parcel, hub);
  }
}

function newParcel(member: Member, message: SharedMessage, qos: Qos, repeats?: Parcel): Parcel {
  const { retain } = message;
  return { member, message, qos, retain, packetId: 0, received: false, stored: false, awaited: false, repeats };
}
