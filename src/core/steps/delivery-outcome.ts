/**
 * What the broker is told of its messages for one client (3.3, I-91): each QoS 1 and 2 message is acknowledged when the client has it for good, or
 * never will, and is known for as long as the broker may send it again.
 */

import type { UpstreamAcknowledge } from '../contract/effect.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { awaitsBroker, type BrokerMessage, type Delivery, newDelivery } from '../state/gateway-publish-state.ts';
import { digestOfMessage } from '../state/payload-digest.ts';
import type { Session } from '../state/session.ts';
import { forgetDelivery, saveDeliveryOver } from './persistence.ts';
import { countWaiting } from './queue-totals.ts';
import type { Turn } from './turn.ts';

/** The client has the message for good, or never will: the broker may forget it. `reasonCode`: for MQTT 5 (3.6). */
export function settle(session: Session, delivery: Delivery, reasonCode: number, turn: Turn): void {
  const { received, released } = delivery;
  const { packetId, qos } = delivery.message;
  const { unsettled } = session.outbound.queue;
  if (!awaitsBroker(delivery) || unsettled.get(packetId) !== delivery) {
    return;
  }
  delivery.over = reasonCode;
  if (qos === 2 && released) {
    forgetDelivery(session, packetId, turn); // the broker repeats no more than PUBREL
  } else if (qos === 2 && received) {
    saveDeliveryOver(session, delivery, reasonCode, turn);
  }
  if (session.upstream.phase !== 'up' || (received && !released) || isDoubted(session, delivery)) {
    return; // said at its redelivery, or when the broker says PUBREL
  }
  if (qos === 2 && received) {
    unsettled.delete(packetId);
    tellBroker(session, packetId, 'PUBCOMP', 0, turn);
  } else {
    acknowledge(session, delivery, turn);
  }
}

/**
 * I-52. It came before a connection whose session may be another one, and has not come again since: there its packet id may mean another message, which
 * would count as acknowledged. The broker repeats it where it has it.
 */
function isDoubted({ upstream }: Session, { sentOn, released }: Delivery): boolean {
  return sentOn < upstream.doubtedOn && !released;
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

/** Reason codes of MQTT 5 from here on are refusals: PUBREC with one of them is the end of the exchange. */
const REFUSAL = 0x80;

/**
 * PUBACK, or PUBREC for a QoS 2 message that is over: its PUBREL is answered by `brokerReleased`. It is known until then, for PUBREC may be lost
 * with the connection (I-91): what the client has is not sent again, and what it has not answered is, under the MsgId that it may know. The
 * packet id of a QoS 1 message may mean another one as soon as PUBACK is said.
 */
export function acknowledge(session: Session, delivery: Delivery, turn: Turn): void {
  const { msgId, received, message } = delivery;
  const { packetId, qos } = message;
  const { unsettled, restored } = session.outbound.queue;
  const reasonCode = delivery.over ?? 0;
  unsettled.delete(packetId);
  if (qos === 2 && reasonCode >= REFUSAL) {
    forgetDelivery(session, packetId, turn);
  } else if (qos === 2 && received) {
    unsettled.set(packetId, delivery);
  } else if (qos === 2 && msgId !== 0) {
    const digest = digestOfMessage(message);
    restored.set(packetId, { packetId, msgId, digest, received, over: undefined, dropped: true });
  }
  tellBroker(session, packetId, qos === 1 ? 'PUBACK' : 'PUBREC', reasonCode, turn);
}

/**
 * A message on a topic that is none of the client's: on none at all, or of a subscription under another `upstream.topicPrefix`, as it was once. The broker may forget it,
 * and it is counted.
 */
export function declineForeign(session: Session, message: UpstreamMessage, turn: Turn): void {
  const { qos, packetId } = message;
  noteDrop(session, message, foreignReason(session.upstream.mount, message.topic), turn);
  if (qos > 0) {
    tellBroker(session, packetId, qos === 1 ? 'PUBACK' : 'PUBREC', 0, turn);
  }
}

function foreignReason(mount: string, topic: string): string {
  if (topic === '') {
    return 'the broker has sent it without a topic name';
  }
  return topic === mount
    ? 'its topic at the broker is upstream.topicPrefix, with nothing behind it'
    : 'its topic at the broker does not begin with upstream.topicPrefix';
}

/** A message that the client may not read (I-119), or could not get: the same. `topic`: as the client would know it. */
export function decline(
  session: Session,
  topic: string,
  { qos, packetId }: UpstreamMessage,
  reason: string,
  turn: Turn,
): void {
  noteDrop(session, { topic, qos }, reason, turn);
  if (qos > 0) {
    tellBroker(session, packetId, qos === 1 ? 'PUBACK' : 'PUBREC', 0, turn);
  }
}

/** A message will not be delivered: counted, and told. */
export function noteDrop(
  session: Session,
  message: Pick<BrokerMessage, 'topic' | 'qos'>,
  reason: string,
  turn: Turn,
): void {
  const { topic, qos } = message;
  session.counters.dropped++;
  turn.note({ type: 'delivery-dropped', clientId: session.clientId, link: session.path.key, topic, qos, reason });
}

/** PUBREC to the broker, as the client has said it (3.3: in step). */
export function tellReceived(session: Session, delivery: Delivery, turn: Turn): void {
  const { packetId } = delivery.message;
  if (!awaitsBroker(delivery) || session.upstream.phase !== 'up' || isDoubted(session, delivery)) {
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
  const { unsettled, restored } = session.outbound.queue;
  const known = unsettled.get(packetId);
  if (known !== undefined && known.over === undefined) {
    known.released = true;
    return known;
  }
  const before = restored.get(packetId);
  if (known === undefined && before !== undefined && before.over === undefined && !before.dropped) {
    return restoredRelease(session, packetId, before.msgId, turn);
  }
  unsettled.delete(packetId);
  restored.delete(packetId);
  if (before !== undefined || (known !== undefined && known.msgId !== 0)) {
    forgetDelivery(session, packetId, turn);
  }
  tellBroker(session, packetId, 'PUBCOMP', 0, turn);
  return undefined;
}

/** The client had said PUBREC before the process ended: it is owed PUBREL, and nothing else of that message is left. */
function restoredRelease(session: Session, packetId: number, msgId: number, turn: Turn): Delivery {
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
    ...newDelivery(message, Number.NEGATIVE_INFINITY, session.upstream.connection),
    msgId,
    received: true,
    released: true,
  };
  queue.restored.delete(packetId);
  queue.sent.set(msgId, delivery);
  queue.unsettled.set(packetId, delivery);
  queue.waiting.unshift(delivery);
  countWaiting(queue, delivery, 1, turn);
  return delivery;
}

/** An acknowledgement went to the broker, which may hand over another message for it. */
export function windowMoved(session: Session): void {
  if (session.sleep) {
    session.sleep.barrier = 'needed';
    session.sleep.silences = 0;
  }
}
