/** What clients answer to REGISTER, PUBLISH and PUBREL of the gateway (6.10, G-2 to G-4, T-38), and what happens when they do not (T-r4 to T-r7). */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamReleased } from '../contract/input.ts';
import type { Delivery, Outstanding } from '../state/gateway-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { brokerReleased, drop, settle, takeOut, tellReceived } from '../steps/delivery.ts';
import { lose } from '../steps/endings.ts';
import { isAbsent, mediumHasRoom } from '../steps/medium.ts';
import { awaitRelease, parkDeliveries, release, retransmit } from '../steps/outstanding.ts';
import { saveLater } from '../steps/persistence.ts';
import { IMPLEMENTATION_SPECIFIC_ERROR } from '../steps/return-codes.ts';
import { breakOffAwake, countDelivery } from '../steps/sleep.ts';
import { dropSubscription } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';

const { accepted, congestion, invalidTopicId } = RETURN_CODE;

/** PUBACK 0x02 for one message before it is given up (G-2). */
const REREGISTER_LIMIT = 2;

/** REGACK from a client. */
export function receiveRegAck(session: Session, message: MessageOf<'REGACK'>, turn: Turn): void {
  const { outstanding } = session.outbound;
  const { returnCode, topicId } = message;
  const fits = topicId === outstanding?.topic?.topicId || (topicId === 0 && returnCode !== accepted);
  if (
    outstanding?.step !== 'registering' ||
    outstanding.topic === undefined ||
    outstanding.msgId !== message.msgId ||
    !fits
  ) {
    turn.note({ type: 'message-ignored', ...where(session), message: 'REGACK', reason: 'it fits no REGISTER' });
    return;
  }
  if (returnCode === congestion) {
    return; // T-38: tried again after T_retry
  }
  const { delivery, topic } = outstanding;
  parkDeliveries(session, turn);
  if (returnCode === accepted) {
    topic.known = true;
    saveLater(session, turn);
  } else {
    topic.refused = true; // T-38: until the next CONNECT
    drop(session, delivery, 'the client refused its topic', 0, turn);
    if (session.subscribing.subscriptions.has(topic.topicName)) {
      dropSubscription(session, topic.topicName, turn); // R-8; a wildcard is not touched
    }
  }
  pump(session, turn);
}

/** PUBACK from a client. */
export function receivePubAck(session: Session, message: MessageOf<'PUBACK'>, turn: Turn): void {
  const { outstanding } = session.outbound;
  const { returnCode } = message;
  if (outstanding?.step !== 'publishing' || outstanding.msgId !== message.msgId) {
    const parked = parkedDelivery(session, message.msgId);
    if (parked?.message.qos === 1 && returnCode === accepted) {
      complete(session, parked, turn);
      return;
    }
    if (returnCode !== invalidTopicId || !forgetTopicId(session, message.topicId)) {
      turn.note({ type: 'message-ignored', ...where(session), message: 'PUBACK', reason: 'it fits no PUBLISH' });
    }
    return;
  }
  if (returnCode === congestion) {
    return; // G-4: repeated after T_retry
  }
  if (returnCode === accepted) {
    if (outstanding.delivery.message.qos === 1) {
      finish(session, outstanding, turn);
    }
    return;
  }
  parkDeliveries(session, turn);
  if (returnCode !== invalidTopicId || !registerAgain(session, outstanding)) {
    drop(
      session,
      outstanding.delivery,
      `the client refused it (0x${returnCode.toString(16).padStart(2, '0')})`,
      IMPLEMENTATION_SPECIFIC_ERROR,
      turn,
    ); // G-4
  }
  pump(session, turn);
}

/** 2.15: the message that was sent before the client slept or its awake period was broken off, for a late acknowledgement. */
function parkedDelivery(session: Session, msgId: number): Delivery | undefined {
  const { outstanding, queue } = session.outbound;
  const first = queue.waiting[0];
  return outstanding === undefined && first !== undefined && first.msgId !== 0 && first.msgId === msgId
    ? first
    : undefined;
}

/** G-2, G-3: the answer to a QoS 0 message, which is gone; the next one is registered first. False where nobody uses the id. */
function forgetTopicId(session: Session, topicId: number): boolean {
  for (const subscription of session.subscribing.subscriptions.values()) {
    if (subscription.predefinedId !== topicId) {
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

/** G-2, G-3: the client does not know the topic id. False where another REGISTER would not help. */
function registerAgain(session: Session, outstanding: Outstanding): boolean {
  const { delivery, topic } = outstanding;
  delivery.reregistered++;
  if (delivery.reregistered > REREGISTER_LIMIT) {
    return false;
  }
  if (topic) {
    topic.known = false;
    return true;
  }
  const subscription = session.subscribing.subscriptions.get(delivery.message.topic);
  if (subscription?.predefinedId === undefined) {
    return false; // a short name has no id to register
  }
  session.subscribing.subscriptions.forgetPredefinedId(subscription.filter); // G-3: from now on a normal id
  return true;
}

/** PUBREC from a client. */
export function receivePubRec(session: Session, message: MessageOf<'PUBREC'>, turn: Turn): void {
  const { outstanding } = session.outbound;
  const { msgId } = message;
  if (outstanding?.msgId !== msgId || outstanding.delivery.message.qos !== 2 || outstanding.step === 'registering') {
    const parked = parkedDelivery(session, msgId);
    if (parked?.message.qos === 2) {
      if (!parked.received) {
        receivedByClient(session, parked, turn); // PUBREL follows at the next wake-up
      }
      return;
    }
    for (const restored of session.outbound.queue.restored.values()) {
      if (restored.msgId !== msgId) {
        continue;
      }
      restored.received = true; // said to the broker when it repeats the message
      return;
    }
    turn.send(session, { type: 'PUBREL', msgId }); // P-8
    return;
  }
  if (outstanding.step === 'releasing') {
    retransmit(session, outstanding, turn);
  }
  if (outstanding.step !== 'publishing') {
    return;
  }
  receivedByClient(session, outstanding.delivery, turn);
  awaitRelease(session, outstanding.delivery, turn);
}

function receivedByClient(session: Session, delivery: Delivery, turn: Turn): void {
  delivery.received = true;
  tellReceived(session, delivery, turn);
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

/** PUBCOMP from a client. */
export function receivePubComp(session: Session, message: MessageOf<'PUBCOMP'>, turn: Turn): void {
  const { outstanding } = session.outbound;
  if (outstanding?.step === 'releasing' && outstanding.msgId === message.msgId) {
    finish(session, outstanding, turn);
  } else {
    turn.note({ type: 'message-ignored', ...where(session), message: 'PUBCOMP', reason: 'it fits no PUBREL' });
  }
}

/** The client has the message for good. */
function finish(session: Session, outstanding: Outstanding, turn: Turn): void {
  parkDeliveries(session, turn);
  complete(session, outstanding.delivery, turn);
  countDelivery(session);
  pump(session, turn);
}

function complete(session: Session, delivery: Delivery, turn: Turn): void {
  takeOut(session, delivery, turn);
  settle(session, delivery, 0, turn);
  session.counters.delivered++;
  turn.note({ type: 'delivered', ...where(session), qos: delivery.message.qos });
}

/** T_retry is over for what is outstanding. */
export function deliveryDue(session: Session, turn: Turn): void {
  const { outstanding } = session.outbound;
  if (!outstanding || session.held) {
    return; // I-38: that the client says nothing means nothing
  }
  if (outstanding.step === 'awaiting-release') {
    if (session.upstream.phase === 'up') {
      release(session, turn); // the client's exchange can end without the broker
    } else {
      turn.deadlines.set(session, 'delivery', turn.now + turn.retryWindow(session.path));
    }
    return;
  }
  if (isAbsent(session.path, turn)) {
    // Nothing can be sent and nothing heard: that is no silence of the client's (I-25), and the repetition when it is back counts no more
    if (session.state === 'awake') {
      breakOffAwake(session, turn);
    } else if (!mediumHasRoom(session, turn)) {
      outstanding.retries = Math.max(0, outstanding.retries - 1);
    }
    return;
  }
  if (outstanding.retries >= turn.settings.timing.retryCount) {
    giveUp(session, outstanding, turn);
    return;
  }
  if (outstanding.step !== 'releasing' && !mediumHasRoom(session, turn)) {
    return; // a repetition waits like every publish
  }
  outstanding.retries++;
  turn.note({
    type: 'retransmitted',
    ...where(session),
    message: MESSAGE_OF_STEP[outstanding.step],
    attempt: outstanding.retries,
  });
  retransmit(session, outstanding, turn);
}

const MESSAGE_OF_STEP = { registering: 'REGISTER', publishing: 'PUBLISH', releasing: 'PUBREL' } as const;

/** N_retry is exhausted: T-r7 for a sleeper, T-r6 for an active client. */
function giveUp(session: Session, outstanding: Outstanding, turn: Turn): void {
  if (session.state === 'awake') {
    breakOffAwake(session, turn);
    return;
  }
  if (outstanding.step === 'awaiting-release') {
    return;
  }
  const message = MESSAGE_OF_STEP[outstanding.step];
  if (session.heard === outstanding.heard) {
    lose(
      session,
      session.undelivered === undefined ? `no answer to ${message}` : `no answer to ${message}: ${session.undelivered}`,
      turn,
    );
    return;
  }
  parkDeliveries(session, turn);
  if (outstanding.step === 'registering' && outstanding.topic) {
    outstanding.topic.refused = true; // T-r6, T-37
  }
  drop(session, outstanding.delivery, `no answer to ${message}`, 0, turn);
  pump(session, turn);
}
