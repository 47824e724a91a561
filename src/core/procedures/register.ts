/** REGISTER from a client (6.5): a normal topic id for a name. */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import { type Session, where } from '../state/session.ts';
import { registerRefusal } from '../steps/access.ts';
import { topicFor } from '../steps/name-limits.ts';
import { save } from '../steps/persistence.ts';
import { reject } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';
import { topicNameProblem } from '../topics/topic-name.ts';
import { markKnown } from '../topics/topic-registry.ts';

const { accepted, notSupported } = RETURN_CODE;

/** the same name gets the same id; answered here, the broker knows nothing of topic ids. */
export function receiveRegister(session: Session, message: MessageOf<'REGISTER'>, turn: Turn): void {
  const { topicName, msgId } = message;
  if (typeof topicName !== 'string') {
    reject(session, message, { returnCode: notSupported, reason: 'the topic name is not valid UTF-8' }, turn);
    return;
  }
  const problem = topicNameProblem(topicName, turn.settings.clients.names);
  if (problem !== undefined) {
    reject(session, message, { returnCode: notSupported, reason: problem, topic: topicName }, turn); // R-9, T-14
    return;
  }
  const denied = registerRefusal(session, topicName);
  if (denied) {
    reject(session, message, denied, turn); // I-118
    return;
  }
  const topic = topicFor(session, topicName, turn);
  if ('returnCode' in topic) {
    reject(session, message, topic, turn);
    return;
  }
  markKnown(topic);
  save(session, turn);
  turn.send(session, { type: 'REGACK', topicId: topic.topicId, msgId, returnCode: accepted });
  turn.note({ type: 'topic-registered', ...where(session), topicId: topic.topicId, topicName });
}
