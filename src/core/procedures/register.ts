import { type MessageOf, RETURN_CODE, type ReturnCode } from '../../codec/message.ts';
import { type Session, where } from '../state/session.ts';
import { save } from '../steps/persistence.ts';
import type { Turn } from '../steps/turn.ts';
import { topicNameProblem } from '../topics/topic-name.ts';

const { accepted, congestion, notSupported } = RETURN_CODE;

/** the same name gets the same id; answered here, the broker knows nothing of topic ids. */
export function receiveRegister(session: Session, message: MessageOf<'REGISTER'>, turn: Turn): void {
  const { topicName, msgId } = message;
  const reject = (returnCode: ReturnCode, reason: string): void => {
    turn.note({ type: 'request-rejected', ...where(session), message: 'REGISTER', returnCode, reason });
    turn.send(session, { type: 'REGACK', topicId: 0, msgId, returnCode });
  };
  if (typeof topicName !== 'string') {
    reject(notSupported, 'the topic name is not valid UTF-8');
    return;
  }
  const problem = topicNameProblem(topicName);
  if (problem !== undefined) {
    reject(notSupported, problem); // R-9, T-14
    return;
  }
  const topic = session.topics.register(topicName);
  if (topic === undefined) {
    reject(congestion, 'the topic id table is full');
    return;
  }
  topic.known = true;
  save(session, turn);
  topic.refused = false;
  turn.send(session, { type: 'REGACK', topicId: topic.topicId, msgId, returnCode: accepted });
  turn.note({ type: 'topic-registered', ...where(session), topicId: topic.topicId, topicName });
}
