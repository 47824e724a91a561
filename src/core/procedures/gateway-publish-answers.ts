/** What clients answer to PUBLISH and PUBREL of the gateway (6.10, G-2 to G-4); an answer to REGISTER: gateway-register-answers.ts. */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamReleased } from '../contract/input.ts';
import { type Delivery, type RestoredDelivery, restoredBy, type Sendable } from '../state/gateway-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { idsOf } from '../state/subscription-table.ts';
import { noteDelivered } from '../steps/delivered.ts';
import { drop, takeOut } from '../steps/delivery.ts';
import { brokerReleased, settle, tellReceived } from '../steps/delivery-outcome.ts';
import { awaitRelease, parkDeliveries, release, retransmit } from '../steps/outstanding.ts';
import { saveDeliveryOver, saveOver } from '../steps/persistence.ts';
import { IMPLEMENTATION_SPECIFIC_ERROR } from '../steps/return-codes.ts';
import { countDelivery } from '../steps/sleep.ts';
import type { Turn } from '../steps/turn.ts';
import { addressOf, pump } from './gateway-publish.ts';

const { accepted, congestion, invalidTopicId } = RETURN_CODE;

/** PUBACK 0x02 for one message before it is given up (G-2). */
const REREGISTER_LIMIT = 2;

/** PUBACK from a client, for a message wherever it is in the queue (P-8, I-31). */
export function receivePubAck(session: Session, message: MessageOf<'PUBACK'>, turn: Turn): void {
  const { returnCode, msgId, topicId } = message;
  const delivery = session.outbound.queue.sent.get(msgId);
  if (delivery === undefined || delivery.received) {
    const known =
      returnCode === invalidTopicId ? forgetTopicId(session, topicId) : refusedSince(session, message, turn);
    if (!known) {
      turn.note({ type: 'message-ignored', ...where(session), message: 'PUBACK', reason: 'it fits no PUBLISH' });
    }
    return;
  }
  if (returnCode === congestion) {
    noteCongestion(session, delivery); // G-4: repeated after T_retry
  } else if (returnCode === accepted) {
    if (delivery.message.qos === 1) {
      finish(session, delivery, turn);
    }
  } else {
    refused(session, delivery, returnCode, turn);
  }
}

function noteCongestion({ outbound: { outstanding } }: Session, delivery: Delivery): void {
  if (outstanding?.delivery === delivery && outstanding.step === 'publishing') {
    outstanding.congested = true;
  }
}

/** PUBACK with a refusal: 0x02 leads to REGISTER where that helps (G-2, G-3), anything else is the end of the message (G-4). */
function refused(session: Session, delivery: Delivery, returnCode: number, turn: Turn): void {
  const { outstanding } = session.outbound;
  const sent = outstanding?.delivery === delivery ? outstanding : undefined;
  if (returnCode === invalidTopicId && sent?.step === 'registering') {
    return; // its REGISTER is on its way
  }
  if (sent) {
    parkDeliveries(session, turn);
  }
  if (returnCode !== invalidTopicId || !registerAgain(session, delivery, sent?.address, turn)) {
    const reason = `the client refused it (0x${returnCode.toString(16).padStart(2, '0')})`;
    drop(session, delivery, reason, IMPLEMENTATION_SPECIFIC_ERROR, turn);
  }
  pump(session, turn);
}

/** PUBACK with a refusal for a message from before a restart: the broker is told so when it repeats it. True where there is one. */
function refusedSince(session: Session, { msgId, returnCode }: MessageOf<'PUBACK'>, turn: Turn): boolean {
  const restored = restoredBy(session.outbound.queue, msgId);
  if (restored === undefined || restored.received || returnCode === accepted || returnCode === congestion) {
    return false;
  }
  endRestored(session, restored, IMPLEMENTATION_SPECIFIC_ERROR, turn);
  return true;
}

/** The client has ended the exchange of a message from before a restart: known over another one too, for the broker has still to repeat it. */
function endRestored(session: Session, restored: RestoredDelivery, over: number, turn: Turn): void {
  if (restored.over === undefined) {
    restored.over = over;
    saveOver(session, restored, over, turn);
    turn.durable = true; // before it hears PUBREL
  }
}

/** The client has a message after all that was dropped while the broker is away: it may forget it with PUBREL, so that it must not come again after a crash (I-91). */
function endDropped(session: Session, msgId: number, turn: Turn): void {
  for (const delivery of session.outbound.queue.unsettled.values()) {
    const { message, over, received } = delivery;
    if (message.qos === 2 && delivery.msgId === msgId && over !== undefined && !received) {
      delivery.received = true;
      saveDeliveryOver(session, delivery, over, turn);
      turn.durable = true;
    }
  }
}

/** G-2, G-3: the answer to a QoS 0 message, which is gone; the next one is registered first. False where nobody uses the id. */
function forgetTopicId(session: Session, topicId: number): boolean {
  for (const subscription of session.subscribing.subscriptions.values()) {
    if (!idsOf(subscription).includes(topicId)) {
      continue;
    }
    session.subscribing.subscriptions.forgetPredefinedId(subscription.filter); // normal ids start above the pre-defined ones, so it is this one (T-16)
    return true;
  }
  const topic = session.topics.byId(topicId);
  if (topic) {
    topic.known = false;
  }
  return topic !== undefined;
}

/**
 * G-2, G-3: the client does not know the topic id. `outstanding`: how the message has just been sent; undefined where it waits. False where
 * another REGISTER would not help.
 */
function registerAgain(session: Session, delivery: Delivery, outstanding: Sendable | undefined, turn: Turn): boolean {
  const address = outstanding ?? addressOf(session, delivery.message.topic, turn);
  if ('refusal' in address || address.topicIdType === 'short') {
    return false; // a short name has no id to register
  }
  if (address.topicIdType === 'normal' && outstanding === undefined && !address.topic.known) {
    return true; // it has said so before
  }
  delivery.reregistered++;
  if (delivery.reregistered > REREGISTER_LIMIT) {
    return false;
  }
  if (address.topicIdType === 'normal') {
    address.topic.known = false;
    return true;
  }
  const subscription = session.subscribing.subscriptions.get(delivery.message.topic);
  if (subscription === undefined || !idsOf(subscription).includes(address.topicId)) {
    return true; // the id means another topic by now (I-113): it goes by another one from now on
  }
  session.subscribing.subscriptions.forgetPredefinedId(subscription.filter); // G-3: from now on a normal id
  return true;
}

/** PUBREC from a client, for a message wherever it is in the queue (P-8). */
export function receivePubRec(session: Session, message: MessageOf<'PUBREC'>, turn: Turn): void {
  const { outstanding, queue } = session.outbound;
  const { msgId } = message;
  const delivery = queue.sent.get(msgId);
  if (delivery?.message.qos !== 2) {
    const restored = restoredBy(queue, msgId);
    if (restored && restored.over === undefined && !restored.dropped) {
      restored.received = true; // said to the broker when it repeats the message
      return;
    }
    if (restored) {
      endRestored(session, restored, 0, turn);
    }
    endDropped(session, msgId, turn);
    turn.send(session, { type: 'PUBREL', msgId });
    return;
  }
  const isOutstanding = outstanding?.delivery === delivery;
  if (isOutstanding && outstanding.step === 'releasing') {
    retransmit(session, outstanding, turn);
  }
  if (delivery.received) {
    return; // PUBREL goes when the broker has released it
  }
  delivery.received = true;
  tellReceived(session, delivery, turn);
  if (isOutstanding) {
    awaitRelease(session, delivery, turn); // where a REGISTER is unanswered, this message needs none any more
  } else {
    pump(session, turn);
  }
}

/** PUBREL of the broker for a QoS 2 message. */
export function upstreamReleased(session: Session, input: UpstreamReleased, turn: Turn): void {
  const delivery = brokerReleased(session, input.packetId, turn);
  if (delivery === undefined) {
    return;
  }
  if (session.outbound.outstanding?.delivery === delivery) {
    release(session, turn);
  } else {
    pump(session, turn); // restored: PUBREL is all that the client is owed
  }
}

/** PUBCOMP from a client: it has ended the exchange, wherever the message is in the queue (P-8). */
export function receivePubComp(session: Session, message: MessageOf<'PUBCOMP'>, turn: Turn): void {
  const { queue } = session.outbound;
  const delivery = queue.sent.get(message.msgId);
  if (delivery?.message.qos === 2) {
    finish(session, delivery, turn);
    return;
  }
  const restored = restoredBy(queue, message.msgId);
  if (restored) {
    endRestored(session, restored, 0, turn);
  } else {
    turn.note({ type: 'message-ignored', ...where(session), message: 'PUBCOMP', reason: 'it fits no PUBREL' });
  }
}

/** The client has the message for good. */
function finish(session: Session, delivery: Delivery, turn: Turn): void {
  if (session.outbound.outstanding?.delivery === delivery) {
    parkDeliveries(session, turn);
    countDelivery(session);
  }
  complete(session, delivery, turn);
  pump(session, turn);
}

function complete(session: Session, delivery: Delivery, turn: Turn): void {
  takeOut(session, delivery, turn);
  settle(session, delivery, 0, turn);
  noteDelivered(session, delivery, turn);
}
