/** REGISTER from a client (6.5): a normal topic id for a name. */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import { type Session, where } from '../state/session.ts';
import { save } from '../steps/persistence.ts';
import { reject } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';
import { topicNameProblem } from '../topics/topic-name.ts';

const { accepted, congestion, notSupported } = RETURN_CODE;

/** the same name gets the same id; answered here, the broker knows nothing of topic ids. */
export function receiveRegister(session: Session, message: MessageOf<'REGISTER'>, turn: Turn): void {
  const { topicName, msgId } = message;
  if (typeof topicName !== 'string') {
    reject(session, message, { returnCode: notSupported, reason: 'the topic name is not valid UTF-8' }, turn);
    return;
  }
  const problem = topicNameProblem(topicName);
  if (problem !== undefined) {
    reject(session, message, { returnCode: notSupported, reason: problem }, turn); // R-9, T-14
    return;
  }
  const topic = session.topics.register(topicName);
  if (topic === undefined) {
    reject(session, message, { returnCode: congestion, reason: 'the topic id table is full' }, turn);
    return;
  }
  topic.known = true;
  topic.refused = false;
  save(session, turn);
  turn.send(session, { type: 'REGACK', topicId: topic.topicId, msgId, returnCode: accepted });
  turn.note({ type: 'topic-registered', ...where(session), topicId: topic.topicId, topicName });
}
