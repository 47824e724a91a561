/**
 * The queue of messages for one client (6.10), and what the broker has to be told of each: the broker's QoS 1 and 2 messages stay the
 * broker's until the client has acknowledged them (design 1.5), so this queue may be lost without losing them.
 */

import { GIVEN_BACK } from '../contract/effect.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { isBeside } from '../state/beside.ts';
import { awaitsBroker, type BrokerMessage, type Delivery, newDelivery } from '../state/gateway-publish-state.ts';
import { digestOfMessage, sameMessage } from '../state/payload-digest.ts';
import type { Session } from '../state/session.ts';
import { acknowledge, noteDrop, settle, tellReceived } from './delivery-outcome.ts';
import { release } from './outstanding.ts';
import { forgetDelivery } from './persistence.ts';
import { makeQos0Room } from './qos0-room.ts';
import { countQos0, countWaiting } from './queue-totals.ts';
import type { Turn } from './turn.ts';

/** Puts a message of the broker into the queue; false where it is a redelivery of one that is known already. */
export function enqueue(session: Session, input: UpstreamMessage, turn: Turn): boolean {
  const { queue } = session.outbound;
  const { topic, payload, qos, retain, packetId, dup } = input;
  const known = qos > 0 ? queue.unsettled.get(packetId) : undefined;
  if (known !== undefined && !isSame(known.message, input)) {
    orphanWith(session, known, turn); // I-52
  } else if (known?.over === undefined && known !== undefined) {
    known.sentOn = session.upstream.connection;
    if (known.received) {
      tellReceived(session, known, turn);
    }
    return false;
  } else if (known !== undefined && dup) {
    acknowledge(session, known, turn); // the client had it while the connection was away
    return false;
  }
  const restored = queue.restored.get(packetId);
  const isRepeated = isRestored(session, input);
  queue.restored.delete(packetId);
  const expiresAt = input.expiryInterval === undefined ? undefined : turn.now + input.expiryInterval * 1000;
  const message: BrokerMessage = { topic, payload, qos, retain, packetId, expiresAt };
  const delivery = newDelivery(message, input.at ?? turn.now, session.upstream.connection);
  if (restored !== undefined && isRepeated) {
    delivery.msgId = restored.msgId;
    delivery.received = restored.received;
    delivery.over = restored.over;
  } else if (restored !== undefined || (known?.over !== undefined && qos === 2)) {
    forgetDelivery(session, packetId, turn); // its packet id means another message now
  }
  if (delivery.over !== undefined) {
    overSince(session, delivery, turn);
    return false;
  }
  if (dup) {
    queue.waiting.splice(placeOf(session), 0, delivery);
  } else {
    queue.waiting.push(delivery);
  }
  countWaiting(queue, delivery, 1, turn);
  if (delivery.msgId !== 0) {
    queue.sent.set(delivery.msgId, delivery);
  }
  if (delivery.received) {
    tellReceived(session, delivery, turn);
  }
  if (qos > 0) {
    queue.unsettled.set(packetId, delivery);
  } else {
    makeQos0Room(session, delivery, turn);
  }
  return true;
}

/**
 * I-90. Where a message goes that the broker has sent before: it repeats in its order, so those that it has not repeated yet on this connection come
 * behind it, where the client has not heard of them; and what it has repeated already stays before it.
 */
function placeOf({ outbound, upstream }: Session): number {
  const { waiting } = outbound.queue;
  const isBehind = (one: Delivery): boolean =>
    awaitsBroker(one) && one.msgId === 0 && one.sentOn !== upstream.connection;
  const place = waiting.findIndex(isBehind);
  const repeated = waiting.findLastIndex((one) => awaitsBroker(one) && one.sentOn === upstream.connection);
  return place < 0 ? waiting.length : Math.max(place, repeated + 1);
}

/**
 * A packet id means another message. What the broker sent last on an earlier connection is of a session that it has lost since, and so is all that it
 * sent last then or before: nobody waits for the acknowledgements.
 */
function orphanWith(session: Session, known: Delivery, turn: Turn): void {
  const { outstanding, queue } = session.outbound;
  const isLost = known.sentOn !== session.upstream.connection;
  for (const delivery of [...queue.unsettled.values()]) {
    const { packetId } = delivery.message;
    if (delivery === known || (isLost && delivery.sentOn <= known.sentOn && !isBeside(packetId))) {
      forgetDelivery(session, packetId, turn);
      queue.unsettled.delete(packetId);
      delivery.orphaned = true;
    }
  }
  if (outstanding?.delivery.orphaned) {
    release(session, turn);
  }
}

function isSame(one: BrokerMessage, other: UpstreamMessage): boolean {
  return (
    one.topic === other.topic &&
    one.qos === other.qos &&
    one.payload.length === other.payload.length &&
    one.payload.every((octet, index) => octet === other.payload[index])
  );
}

/** Whether the broker repeats what the client has heard of before a restart, for all that is known of it. */
export function isRestored({ outbound: { queue } }: Session, input: UpstreamMessage): boolean {
  const restored = input.qos === 2 && input.dup ? queue.restored.get(input.packetId) : undefined;
  const { digest } = restored ?? {};
  return restored !== undefined && (digest === undefined || sameMessage(digest, digestOfMessage(input)));
}

/** The exchange had ended for the client before the broker repeated the message, which may be after a restart: it gets it no more. */
function overSince(session: Session, delivery: Delivery, turn: Turn): void {
  if (delivery.over !== 0) {
    noteDrop(session, delivery.message, 'the client refused it', turn);
  }
  delivery.received = delivery.over === 0;
  acknowledge(session, delivery, turn);
}

/** A message leaves the queue. False where it had left it before, for it had to go while REGISTER was out for it (SL-16). */
export function takeOut(session: Session, delivery: Delivery, turn: Turn): boolean {
  const { queue } = session.outbound;
  const position = queue.waiting.indexOf(delivery);
  if (position === 0) {
    queue.waiting.shift();
  } else if (position > 0) {
    queue.waiting.splice(position, 1);
  }
  if (position >= 0) {
    countWaiting(queue, delivery, -1, turn);
    countQos0(queue, delivery, -1, turn);
  }
  if (delivery.msgId !== 0) {
    queue.sent.delete(delivery.msgId);
  }
  return position >= 0;
}

/** A message will not be delivered: counted, logged, and the broker may forget it (G-5, T-r6). `reasonCode`: for MQTT 5. */
export function drop(session: Session, delivery: Delivery, reason: string, reasonCode: number, turn: Turn): void {
  if (takeOut(session, delivery, turn)) {
    noteDrop(session, delivery.message, reason, turn);
  }
  settle(session, delivery, reasonCode, turn);
}

/** Drops every waiting message that `unwanted` says. */
export function dropWaiting(
  session: Session,
  unwanted: (delivery: Delivery) => boolean,
  reason: string,
  turn: Turn,
): void {
  for (const delivery of session.outbound.queue.waiting.filter(unwanted)) {
    drop(session, delivery, reason, 0, turn);
  }
}

/** I-139: the group gets what waits, save QoS 0, of which nobody else knows any more. */
export function giveBack(
  session: Session,
  unwanted: (delivery: Delivery) => boolean,
  reason: string,
  turn: Turn,
): void {
  for (const delivery of session.outbound.queue.waiting.filter(unwanted)) {
    if (delivery.message.qos === 0) {
      drop(session, delivery, reason, 0, turn);
    } else {
      takeOut(session, delivery, turn);
      settle(session, delivery, GIVEN_BACK, turn);
    }
  }
}
