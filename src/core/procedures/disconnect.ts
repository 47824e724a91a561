/** How a client leaves by itself: DISCONNECT (6.12), or another one at its address (T-50). */

import type { MessageOf } from '../../codec/message.ts';
import { type Session, where } from '../state/session.ts';
import { abandonAttempt, endSession, leave, lose } from '../steps/endings.ts';
import { forget } from '../steps/forgetting.ts';
import { resumeSleep } from '../steps/sleep.ts';
import type { Turn } from '../steps/turn.ts';
import { fallAsleep } from './sleep.ts';

/** DISCONNECT from a client with a session: leave, sleep, or break off a CONNECT (2.15). */
export function receiveDisconnect(session: Session, message: MessageOf<'DISCONNECT'>, turn: Turn): void {
  const { duration } = message;
  if (session.attempt && !(session.attempt.resumes && duration !== undefined && duration > 0)) {
    turn.send(session, { type: 'DISCONNECT', duration: undefined });
    turn.note({ type: 'connect-abandoned', ...where(session), reason: 'the client said DISCONNECT' });
    abandonAttempt(session, turn);
    leave(session, 'disconnected', turn);
    return;
  }
  if (duration !== undefined && duration > 0) {
    abandonAttempt(session, turn);
    fallAsleep(session, duration, turn); // T-31 a: a Duration of 0 is a plain DISCONNECT
    return;
  }
  turn.send(session, { type: 'DISCONNECT', duration: undefined }); // T-31 c: never with Duration
  turn.note({ type: 'client-disconnected', ...where(session), reason: 'said DISCONNECT' });
  leave(session, 'disconnected', turn);
}

/**
 * Another ClientId connects from this client's address (T-50): nothing is ever sent there for this one again. An active client is
 * lost by that; a sleeper may come back from any address (T-08) and goes on sleeping (interpretation I-4).
 */
export function loseAddress(session: Session, newcomer: string, turn: Turn): void {
  if (session.state === 'active') {
    lose(session, `its address went to client "${newcomer}"`, turn);
    return;
  }
  abandonAttempt(session, turn);
  if (session.state === 'asleep' || session.state === 'awake') {
    resumeSleep(session, turn);
    turn.directory.unbind(session);
  } else {
    endSession(session, turn);
  }
}

/** S-7: it did not come back in time. */
export function expiryDue(session: Session, turn: Turn): void {
  if (session.attempt) {
    return;
  }
  const farewell = turn.deadlines.get(session, 'farewell');
  if (farewell !== undefined) {
    turn.deadlines.set(session, 'expiry', farewell); // T-24: its will is at the broker by then, and its connection has ended
    return;
  }
  turn.note({ type: 'session-expired', ...where(session), reason: 'its client did not come back' });
  forget(session, turn);
}
