/** What is outstanding towards a client (6.10, R-7, G-6): sent, sent again, put back to the head of its queue. */

import { isBeside } from '../state/beside.ts';
import {
  awaitsBroker,
  type Delivery,
  type Outstanding,
  orphan,
  type Sendable,
} from '../state/gateway-publish-state.ts';
import type { Session } from '../state/session.ts';
import { forgetDeliveries } from './persistence.ts';
import { uncountAll } from './queue-totals.ts';
import type { Turn } from './turn.ts';

export function sendPublish(session: Session, delivery: Delivery, address: Sendable, turn: Turn, dup = false): void {
  const { msgId } = delivery;
  const { qos, retain, payload: data } = delivery.message;
  const { topicIdType, topicId } = address;
  turn.send(session, { type: 'PUBLISH', dup, qos, retain, topicIdType, topicId, msgId, data }); // G-9: never QoS −1
}

export function awaitAnswer(session: Session, turn: Turn): void {
  turn.deadlines.set(session, 'delivery', turn.answerDue(session.path));
}

/** Sends what is outstanding once more: same MsgId and content, PUBLISH with DUP (T-r5, SL-9). */
export function retransmit(session: Session, outstanding: Outstanding, turn: Turn): void {
  const { delivery, msgId, step, topic, address } = outstanding;
  if (step === 'awaiting-release') {
    return;
  }
  if (step === 'registering') {
    if (topic) {
      turn.send(session, { type: 'REGISTER', topicId: topic.topicId, msgId, topicName: topic.topicName });
    }
  } else if (step === 'releasing') {
    turn.send(session, { type: 'PUBREL', msgId });
  } else if (address) {
    sendPublish(session, delivery, address, turn, true);
  }
  awaitAnswer(session, turn);
}

/** The client has a QoS 2 message; it gets PUBREL when the broker has said it (3.3: in step). */
export function awaitRelease(session: Session, delivery: Delivery, turn: Turn): void {
  const { msgId } = delivery;
  session.outbound.outstanding = {
    step: 'awaiting-release',
    delivery,
    msgId,
    topic: undefined,
    address: undefined,
    retries: 0,
    heard: session.heard,
  };
  if (delivery.released || !awaitsBroker(delivery)) {
    release(session, turn);
  } else {
    turn.deadlines.set(session, 'delivery', turn.now + turn.retryWindow(session.path)); // a broker that never says PUBREL must not stop the queue
  }
}

/** PUBREL to the client. */
export function release(session: Session, turn: Turn): void {
  const { outstanding } = session.outbound;
  if (outstanding?.step !== 'awaiting-release') {
    return;
  }
  session.outbound.outstanding = { ...outstanding, step: 'releasing', heard: session.heard };
  turn.send(session, { type: 'PUBREL', msgId: outstanding.msgId });
  awaitAnswer(session, turn);
}

/** Nothing is outstanding any more; what was is still the head of the queue and keeps its MsgId (T-r5, T-19). */
export function parkDeliveries(session: Session, turn: Turn): void {
  session.outbound.outstanding = undefined;
  turn.deadlines.clear(session, 'delivery');
}

/** Forgets every message for the client: the broker has forgotten them too (S-4). */
export function clearDeliveries(session: Session, turn: Turn): void {
  const { queue } = session.outbound;
  forgetDeliveries(session, turn);
  queue.restored.clear();
  uncountAll(queue, turn);
  queue.waiting.length = 0;
  queue.sent.clear();
  queue.unsettled.clear();
  session.outbound.outstanding = undefined;
  session.outbound.registering = undefined;
}

/** The broker has lost the session: what is here is delivered all the same, but nobody waits for the acknowledgements (3.4). */
export function brokerSessionLost(session: Session, turn: Turn): void {
  forgetDeliveries(session, turn, (packetId) => !isBeside(packetId));
  orphan(session.outbound.queue);
  const { outstanding } = session.outbound;
  if (outstanding && !isBeside(outstanding.delivery.message.packetId)) {
    release(session, turn);
  }
}
