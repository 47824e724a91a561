/**
 * A frame that is longer than its transport may take (T-43): whatever it asks for is not done, but the client is told so where there is a
 * code to refuse it, for it would repeat itself for nothing.
 */

import { type Message, RETURN_CODE } from '../../codec/message.ts';
import type { Path } from '../state/path.ts';
import type { Session } from '../state/session.ts';
import { type Refusal, refuseConnect, reject } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';
import { attemptRefused } from './connect-outcome.ts';

const TOO_LONG: Refusal = { returnCode: RETURN_CODE.notSupported, reason: 'its frame is longer than maxFrame' };

/** `session`: the client at that path, if there is one. True where it has been answered. */
export function refuseTooLong(path: Path, session: Session | undefined, message: Message, turn: Turn): boolean {
  if (message.type === 'CONNECT') {
    const { clientId } = message;
    refuseConnect(path, typeof clientId === 'string' ? clientId.slice(0, 64) : undefined, TOO_LONG, turn);
    return true;
  }
  if (session === undefined) {
    return false;
  }
  switch (message.type) {
    case 'WILLTOPIC':
    case 'WILLMSG': {
      const { attempt } = session;
      if (attempt?.stage !== (message.type === 'WILLTOPIC' ? 'will-topic' : 'will-message')) {
        return false;
      }
      turn.current = session;
      attemptRefused(session, attempt, TOO_LONG, turn);
      return true;
    }
    case 'PUBLISH':
      if (message.qos === -1) {
        return false;
      }
      break;
    case 'REGISTER':
    case 'SUBSCRIBE':
    case 'WILLTOPICUPD':
    case 'WILLMSGUPD':
      break;
    default:
      return false;
  }
  if (session.attempt) {
    return false; // C-11
  }
  reject(session, message, TOO_LONG, turn);
  return true;
}
