/**
 * A message of the broker, for all clients that it is for (3.7 items 1, 4 and 8): handed to those that are there, kept for those that are not, once.
 * The broker is told when every client has acknowledged it, or it is on the disk for those that have not: no client holds up another.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { audienceOf } from './fan-out.ts';
import type { Hub } from './hub.ts';
import type { Member, Parcel, SharedMessage } from './member.ts';
import { count, hand, handOnce, isThere } from './parcels.ts';
import { delivered, isRepeated, keep, meansAnother, outlives } from './settlement.ts';

/** PUBLISH of the broker. */
export function receiveShared(input: UpstreamMessage, hub: Hub): void {
  const { packetId, qos } = input;
  const known = qos > 0 ? hub.byPacketId.get(packetId) : undefined;
  if (known && isRepeated(known, input, hub)) {
    return;
  }
  if (known) {
    meansAnother(known, hub);
  }
  const message = newMessage(input, hub);
  if (packetId !== 0) {
    hub.byPacketId.set(packetId, message);
  }
  deliver(message, audienceOf(input, hub), hub);
}

function newMessage(
  { topic, payload, qos, retain, packetId, connection, expiryInterval }: UpstreamMessage,
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
    arrivedOn: connection,
    safe: false,
    parcels: new Set(),
    stored: false,
  };
}

/** Whether it has to wait with what came before it. QoS 0 is for whoever is connected: it is handed over at once, or waits for one that sleeps. */
function takesQos0({ connection, queue, clientId }: Member, message: SharedMessage, hub: Hub): boolean {
  if (connection !== 0 && queue.length === 0 && !hub.sessions.isAsleep(clientId)) {
    handOnce(connection, message, hub);
    return false;
  }
  return connection !== 0;
}

function deliver(message: SharedMessage, audience: ReadonlyMap<Member, Qos>, hub: Hub): void {
  const absent: Parcel[] = [];
  for (const [member, granted] of audience) {
    const qos = granted < message.qos ? granted : message.qos;
    if (qos === 0 && !takesQos0(member, message, hub)) {
      continue;
    }
    const parcel: Parcel = {
      member,
      message,
      qos,
      retain: message.retain,
      packetId: 0,
      received: false,
      stored: false,
    };
    message.parcels.add(parcel);
    count(parcel, 1, hub);
    member.queue.push(parcel);
    if (qos > 0 && outlives(member, hub) && (qos === 2 || !isThere(member, hub))) {
      absent.push(parcel);
    }
  }
  keep(message, absent, hub);
  for (const parcel of [...message.parcels]) {
    hand(parcel.member, hub);
  }
  if (message.qos > 0) {
    delivered(message, hub);
  }
}
