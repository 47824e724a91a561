/**
 * A message of the broker, for all clients that it is for (3.7 items 1, 4 and 8): handed to those that are there, kept for those that are not, once.
 * The broker is told when every client has acknowledged it, or it is on the disk for those that have not: no client holds up another.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { audienceOf } from './fan-out.ts';
import type { Hub } from './hub.ts';
import type { Member, Parcel, SharedMessage } from './member.ts';
import { hand, isThere } from './parcels.ts';
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
  const audience = audienceOf(input, hub);
  if (qos === 0) {
    for (const member of audience.keys()) {
      handOnce(member, input, hub);
    }
    return;
  }
  const message = newMessage(input, hub);
  hub.byPacketId.set(packetId, message);
  deliver(message, audience, hub);
}

function newMessage(
  { topic, payload, qos, retain, packetId, connection, expiryInterval }: UpstreamMessage,
  hub: Hub,
): SharedMessage {
  return {
    number: ++hub.lastMessage,
    topic,
    payload,
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

/** QoS 0: whoever is connected gets it, a sleeper in its buffer; nobody waits for it. */
function handOnce({ connection }: Member, input: UpstreamMessage, hub: Hub): void {
  if (connection !== 0) {
    const { topic, payload, retain, expiryInterval } = input;
    const rest = expiryInterval === undefined ? {} : { expiryInterval };
    const message = { topic, payload, retain, qos: 0, packetId: 0, dup: false, ...rest } as const;
    hub.tell({ type: 'upstream-message', connection, ...message });
  }
}

function deliver(message: SharedMessage, audience: ReadonlyMap<Member, Qos>, hub: Hub): void {
  const absent: Parcel[] = [];
  for (const [member, granted] of audience) {
    const qos = granted < message.qos ? granted : message.qos;
    if (qos === 0) {
      handOnce(member, { ...message, type: 'upstream-message', connection: 0, dup: false }, hub);
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
    member.queue.push(parcel);
    member.octets += message.payload.length;
    hub.queuedOctets += message.payload.length;
    if (outlives(member, hub) && (qos === 2 || !isThere(member, hub))) {
      absent.push(parcel);
    }
  }
  keep(message, absent, hub);
  for (const parcel of [...message.parcels]) {
    hand(parcel.member, hub);
  }
  delivered(message, hub);
}
