/**
 * The queue of messages for one client (6.10), and what the broker has to be told of each: the broker's QoS 1 and 2 messages stay the
 * broker's until the client has acknowledged them (design 1.5), so this queue may be lost without losing them.
 */

import type { Qos } from '../../codec/message.ts';
import type { UpstreamAcknowledge } from '../contract/effect.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { awaitsBroker, type BrokerMessage, type Delivery, type DeliveryQueue } from '../state/gateway-publish-state.ts';
import type { Session } from '../state/session.ts';
import { release } from './outstanding.ts';
import { forgetDelivery } from './persistence.ts';
import type { Turn } from './turn.ts';

/** Puts a message of the broker into the queue; false where it is a redelivery of one that is known already. */
export function enqueue(session: Session, input: UpstreamMessage, turn: Turn): boolean {
  const { queue } = session.outbound;
  const { topic, payload, qos, retain, packetId } = input;
  if (qos > 0) {
    const known = queue.unsettled.get(packetId);
    if (known === 'finished' && input.dup) {
      acknowledge(session, { qos, packetId }, 0, turn); // the client had it while the connection was away
      return false;
    }
    if (known !== undefined && known !== 'finished' && session.upstream.doubted && !isSame(known.message, input)) {
      orphanOne(session, known, turn); // I-52: of a session that the broker has lost
    } else if (known !== undefined && known !== 'finished') {
      if (known.received) {
        tellReceived(session, known, turn);
      }
      return false;
    }
  }
  const restored = input.dup ? queue.restored.get(packetId) : undefined;
  queue.restored.delete(packetId);
  if (restored?.over !== undefined) {
    overSince(session, input, restored.over, turn);
    return false;
  }
  const { msgId, received } = restored ?? { msgId: 0, received: false };
  const expiresAt = input.expiryInterval === undefined ? undefined : turn.now + input.expiryInterval * 1000;
  const message: BrokerMessage = { topic, payload, qos, retain, packetId, expiresAt };
  const progress = { released: false, orphaned: false, reregistered: 0, registerMsgId: 0 };
  const delivery: Delivery = { message, msgId, received, ...progress };
  queue.waiting.push(delivery);
  if (msgId !== 0) {
    queue.sent.set(msgId, delivery);
  }
  if (received) {
    tellReceived(session, delivery, turn);
  }
  if (qos > 0) {
    queue.unsettled.set(packetId, delivery);
  } else {
    makeRoom(session, delivery, turn);
  }
  return true;
}

/** The broker has lost a message that is on its way: nobody waits for its acknowledgements. */
function orphanOne(session: Session, delivery: Delivery, turn: Turn): void {
  forgetDelivery(session, delivery.message.packetId, turn);
  delivery.orphaned = true;
  if (session.outbound.outstanding?.delivery === delivery) {
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

/** The client has ended the exchange since the restart, before the broker repeated the message: it gets it no more. `reasonCode`: for MQTT 5. */
function overSince(session: Session, message: UpstreamMessage, reasonCode: number, turn: Turn): void {
  forgetDelivery(session, message.packetId, turn);
  if (reasonCode !== 0) {
    noteDrop(session, message, 'the client refused it', turn);
  }
  acknowledge(session, message, reasonCode, turn);
}

/** SL-16: QoS 0 messages are bounded in number and octets, the oldest goes first. QoS 1 and 2 are bounded by the broker's window. */
function makeRoom(session: Session, added: Delivery, turn: Turn): void {
  const { queue } = session.outbound;
  const { sleepBufferMessages, sleepBufferOctets, sleepBufferOctetsInAll } = turn.settings.sessions;
  const { queued } = turn.shared;
  queue.qos0Octets += added.message.payload.length;
  queued.octets += added.message.payload.length;
  queue.qos0Messages++;
  while (
    queue.qos0Messages > sleepBufferMessages ||
    queue.qos0Octets > sleepBufferOctets ||
    queued.octets > sleepBufferOctetsInAll
  ) {
    const oldest = queue.waiting.findIndex(({ message }) => message.qos === 0);
    const [dropped] = oldest < 0 ? [] : queue.waiting.splice(oldest, 1);
    if (dropped === undefined) {
      return;
    }
    uncount(queue, dropped, turn);
    noteDrop(session, dropped.message, 'too many messages wait for the client', turn);
  }
}

/** A message leaves the queue. */
export function takeOut(session: Session, delivery: Delivery, turn: Turn): void {
  const { queue } = session.outbound;
  const position = queue.waiting.indexOf(delivery);
  if (position === 0) {
    queue.waiting.shift();
  } else if (position > 0) {
    queue.waiting.splice(position, 1);
  }
  if (delivery.msgId !== 0) {
    queue.sent.delete(delivery.msgId);
  }
  uncount(queue, delivery, turn);
}

/** A message will not be delivered: counted, logged, and the broker may forget it (G-5, T-r6). `reasonCode`: for MQTT 5. */
export function drop(session: Session, delivery: Delivery, reason: string, reasonCode: number, turn: Turn): void {
  takeOut(session, delivery, turn);
  noteDrop(session, delivery.message, reason, turn);
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

function uncount(queue: DeliveryQueue, delivery: Delivery, turn: Turn): void {
  if (delivery.message.qos !== 0) {
    return;
  }
  queue.qos0Octets -= delivery.message.payload.length;
  turn.shared.queued.octets -= delivery.message.payload.length;
  queue.qos0Messages--;
}

function noteDrop(session: Session, message: Pick<BrokerMessage, 'topic' | 'qos'>, reason: string, turn: Turn): void {
  const { topic, qos } = message;
  session.counters.dropped++;
  turn.note({ type: 'delivery-dropped', clientId: session.clientId, link: session.path.key, topic, qos, reason });
}

/** The client has the message for good, or never will: the broker may forget it. `reasonCode`: for MQTT 5 (3.6). */
export function settle(session: Session, delivery: Delivery, reasonCode: number, turn: Turn): void {
  const { received } = delivery;
  const { packetId, qos } = delivery.message;
  const { unsettled } = session.outbound.queue;
  if (!awaitsBroker(delivery) || unsettled.get(packetId) !== delivery) {
    return;
  }
  if (qos === 2) {
    forgetDelivery(session, packetId, turn);
  }
  if (session.upstream.phase !== 'up' || (received && !delivery.released)) {
    unsettled.set(packetId, 'finished'); // said at its redelivery, or when the broker says PUBREL
    return;
  }
  unsettled.delete(packetId);
  if (qos === 2 && received) {
    tellBroker(session, packetId, 'PUBCOMP', 0, turn);
  } else {
    acknowledge(session, { qos, packetId }, reasonCode, turn);
  }
}

function tellBroker(
  session: Session,
  packetId: number,
  packet: UpstreamAcknowledge['packet'],
  reasonCode: number,
  turn: Turn,
): void {
  turn.emit({ type: 'upstream-acknowledge', connection: session.upstream.connection, packetId, packet, reasonCode });
  windowMoved(session);
}

/** PUBACK, or PUBREC for a QoS 2 message that is not delivered further: its PUBREL is answered by `brokerReleased`. */
function acknowledge(
  session: Session,
  message: { readonly qos: Qos; readonly packetId: number },
  reasonCode: number,
  turn: Turn,
): void {
  const { packetId, qos } = message;
  session.outbound.queue.unsettled.delete(packetId);
  tellBroker(session, packetId, qos === 1 ? 'PUBACK' : 'PUBREC', reasonCode, turn);
}

/** PUBREC to the broker, as the client has said it (3.3: in step). */
export function tellReceived(session: Session, delivery: Delivery, turn: Turn): void {
  const { packetId } = delivery.message;
  if (!awaitsBroker(delivery) || session.upstream.phase !== 'up') {
    return;
  }
  turn.emit({
    type: 'upstream-acknowledge',
    connection: session.upstream.connection,
    packetId,
    packet: 'PUBREC',
    reasonCode: 0,
  });
}

/** PUBREL of the broker: the message that it releases; undefined where none waits for it, and it has been answered here. */
export function brokerReleased(session: Session, packetId: number, turn: Turn): Delivery | undefined {
  const { unsettled } = session.outbound.queue;
  const known = unsettled.get(packetId);
  if (known !== undefined && known !== 'finished') {
    known.released = true;
    return known;
  }
  const restored = session.outbound.queue.restored.get(packetId);
  if (restored?.over !== undefined) {
    session.outbound.queue.restored.delete(packetId);
    forgetDelivery(session, packetId, turn);
  } else if (restored) {
    return restoredRelease(session, packetId, restored.msgId);
  }
  unsettled.delete(packetId);
  tellBroker(session, packetId, 'PUBCOMP', 0, turn);
  return undefined;
}

/** The client had said PUBREC before the process ended: it is owed PUBREL, and nothing else of that message is left. */
function restoredRelease(session: Session, packetId: number, msgId: number): Delivery {
  const { queue } = session.outbound;
  const message: BrokerMessage = {
    topic: '',
    payload: new Uint8Array(0),
    qos: 2,
    retain: false,
    packetId,
    expiresAt: undefined,
  };
  const delivery: Delivery = {
    message,
    msgId,
    received: true,
    released: true,
    orphaned: false,
    reregistered: 0,
    registerMsgId: 0,
  };
  queue.restored.delete(packetId);
  queue.sent.set(msgId, delivery);
  queue.unsettled.set(packetId, delivery);
  queue.waiting.unshift(delivery);
  return delivery;
}

/** An acknowledgement went to the broker, which may hand over another message for it. */
export function windowMoved(session: Session): void {
  if (session.sleep) {
    session.sleep.barrier = 'needed';
    session.sleep.silences = 0;
  }
}
