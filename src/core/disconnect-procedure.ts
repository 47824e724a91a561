/** How a client leaves: its own DISCONNECT (6.12), the gateway's, silence (6.14), its address taken by another (T-50). */

import type { MessageOf } from '../codec/message.ts';
import { dropInflight } from './client-publish.ts';
import { abandonAttempt } from './connect-procedure.ts';
import { dropWaiting } from './delivery.ts';
import { clearDeliveries, parkDeliveries } from './gateway-publish.ts';
import type { Millis } from './link.ts';
import { save, saveLater } from './persistence.ts';
import { fallAsleep, resumeSleep } from './sleep-procedure.ts';
import { nextState, type StateEvent } from './state/client-state.ts';
import { type Session, where } from './state/session.ts';
import { clearSubscriptions, dropRequests } from './subscribe-procedure.ts';
import type { Turn } from './turn.ts';
import { closeUpstream } from './upstream-link.ts';
import { publishWillOfLost } from './will-procedure.ts';

/** Sessions of clients that are gone whose next topic id is remembered. */
const FORMER_TOPIC_IDS = 10_000;

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

/** The gateway ends it: DISCONNECT, unasked, so that the client connects again; no will. */
export function dismiss(session: Session, reason: string, turn: Turn): void {
  turn.send(session, { type: 'DISCONNECT', duration: undefined });
  if (session.bound) {
    turn.shared.unknownSenders.dismissed(session.path.key, turn);
  }
  turn.note({ type: 'client-disconnected', ...where(session), reason });
  abandonAttempt(session, turn);
  leave(session, 'disconnected', turn);
}

/** The client is lost: the will is published, nothing is sent to it (K-3, SL-3, T-50). */
export function lose(session: Session, reason: string, turn: Turn): void {
  abandonAttempt(session, turn);
  const will = publishWillOfLost(session, turn);
  turn.note({ type: 'client-lost', ...where(session), reason, will });
  leave(session, 'fell-silent', turn);
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

/** An attempt came to nothing, and there was no connection before it. */
export function endSession(session: Session, turn: Turn): void {
  leave(session, 'disconnected', turn);
}

/** An invariant broke: nothing of this session is trusted any more; the client connects again. */
export function abandon(session: Session, turn: Turn): void {
  session.cleanSession = true;
  session.farewell = undefined;
  dismiss(session, 'an internal error', turn);
}

/** What every way out has in common: no address, no timers, no connection, and a clean session is gone (S-5). */
function leave(session: Session, event: StateEvent, turn: Turn): void {
  const { farewell } = session;
  if (session.bound) {
    turn.shared.unknownSenders.left(session.path, turn);
  }
  turn.directory.unbind(session);
  if (!farewell) {
    closeUpstream(session, true, turn);
    turn.deadlines.clearAll(session);
  }
  session.state = nextState(session.state, event);
  session.accepted = undefined;
  session.willUpdate = undefined;
  session.sleep = undefined;
  session.probes = 0;
  parkDeliveries(session, turn);
  dropWaiting(session, (delivery) => delivery.qos === 0, 'the client left', turn);
  dropRequests(session);
  save(session, turn); // the answer says that the client has left
  if (!session.cleanSession) {
    keepAbsent(session, turn.now, turn);
  } else if (!farewell) {
    forget(session, turn); // S-5, T-26
  }
}

/** S-7: the session of a client that is gone since `since` is kept for a while. */
export function keepAbsent(session: Session, since: Millis, turn: Turn): void {
  turn.deadlines.set(session, 'expiry', since + turn.settings.sessionExpiry);
}

/** S-7: it did not come back in time. */
export function expiryDue(session: Session, turn: Turn): void {
  if (session.attempt) {
    return;
  }
  turn.note({ type: 'session-expired', ...where(session), reason: 'its client did not come back' });
  forget(session, turn);
}

/** A session that opened clean ends with the connection: nothing of it is kept but how far its topic ids went. */
export function forget(session: Session, turn: Turn): void {
  const { formerTopicIds } = turn.shared;
  formerTopicIds.delete(session.clientId);
  formerTopicIds.set(session.clientId, session.topics.nextId);
  if (formerTopicIds.size > FORMER_TOPIC_IDS) {
    for (const oldest of formerTopicIds.keys()) {
      formerTopicIds.delete(oldest);
      break;
    }
  }
  clearSubscriptions(session);
  clearDeliveries(session, turn);
  dropInflight(session, turn);
  turn.deadlines.clearAll(session);
  turn.directory.remove(session);
  saveLater(session, turn);
}
