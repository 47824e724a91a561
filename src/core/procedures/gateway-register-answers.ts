/** What clients answer to REGISTER of the gateway (6.5, 6.10, T-38), also when it comes late. */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import { type Session, where } from '../state/session.ts';
import { drop } from '../steps/delivery.ts';
import { parkDeliveries } from '../steps/outstanding.ts';
import { saveLater } from '../steps/persistence.ts';
import { dropSubscription } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { markKnown, type RegisteredTopic } from '../topics/topic-registry.ts';
import { pump } from './gateway-publish.ts';

const { accepted, congestion } = RETURN_CODE;

/** REGACK from a client. */
export function receiveRegAck(session: Session, message: MessageOf<'REGACK'>, turn: Turn): void {
  const { outstanding } = session.outbound;
  const topic = registeredTopic(session, message);
  if (topic === undefined) {
    turn.note({ type: 'message-ignored', ...where(session), message: 'REGACK', reason: 'it fits no REGISTER' });
    return;
  }
  const waits = outstanding?.step === 'registering' && outstanding.topic === topic ? outstanding : undefined;
  if (message.returnCode === congestion) {
    if (waits) {
      waits.congested = true; // T-38: tried again after T_retry
    }
    return;
  }
  if (waits) {
    parkDeliveries(session, turn);
  }
  const isToldSince = topic.known; // by SUBACK or by the client itself, after that REGISTER (R-12, I-31)
  if (message.returnCode === accepted || isToldSince) {
    markKnown(topic);
    saveLater(session, turn);
  } else if (!isAskedFor(session, topic)) {
    topic.refused = true; // T-38: until the next CONNECT
    topic.unanswered = undefined;
    if (waits) {
      drop(session, waits.delivery, 'the client refused its topic', 0, turn);
    }
    if (session.subscribing.subscriptions.has(topic.topicName)) {
      dropSubscription(session, topic.topicName, turn); // R-8; a wildcard is not touched
    }
  }
  pump(session, turn);
}

/** The client subscribes to just this topic, and the broker has been asked: SUBACK names the id, and what waits for it waits for that (T-39, I-31). */
function isAskedFor({ subscribing }: Session, { topicName }: RegisteredTopic): boolean {
  const [first] = subscribing.requests;
  return first?.type === 'SUBSCRIBE' && first.packetId !== 0 && first.subscription.filter === topicName;
}

/** The topic of the unanswered REGISTER that a REGACK fits: the outstanding one, or one of which its message waits for something else by now. */
function registeredTopic(
  { outbound, topics }: Session,
  { msgId, topicId, returnCode }: MessageOf<'REGACK'>,
): RegisteredTopic | undefined {
  const { outstanding, registering } = outbound;
  const named = topicId === 0 && returnCode !== accepted ? registering : topics.byId(topicId); // I-10
  if (named === undefined) {
    return undefined;
  }
  if (outstanding?.step === 'registering' && outstanding.topic === named && outstanding.msgId === msgId) {
    return named;
  }
  return named.unanswered?.msgId === msgId ? named : undefined;
}
