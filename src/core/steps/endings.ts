/** How a client's connection ends, whatever the reason: the gateway lets it go, it is lost (6.14), or a CONNECT comes to nothing. */

import type { Millis } from '../contract/link.ts';
import type { StateEvent } from '../state/client-state.ts';
import { type Session, where } from '../state/session.ts';
import { closeUpstream } from './connection.ts';
import { dropWaiting } from './delivery.ts';
import { dropInflight, uncountExchanges } from './exchanges.ts';
import { endFarewell, publishWillOfLost } from './farewell.ts';
import { forget } from './forgetting.ts';
import { offerRoom } from './giving-way.ts';
import { clearDeliveries, parkDeliveries } from './outstanding.ts';
import { makeOwnSession } from './own-session.ts';
import { save, saveLater } from './persistence.ts';
import { uncountAll } from './queue-totals.ts';
import { restNoMore } from './rest.ts';
import { eraseSession, writeLastHeard } from './session-records.ts';
import { clearSubscriptions, dropRequests } from './subscriptions.ts';
import type { Turn } from './turn.ts';
import { releaseBeforeEnd } from './unreleased-publishes.ts';

/** The gateway ends it: DISCONNECT, unasked, so that the client connects again; no will. */
export function dismiss(session: Session, reason: string, turn: Turn): void {
  turn.tell(session, { what: 'session-ended' });
  if (session.bound) {
    turn.shared.unknownSenders.dismissed(session.path.key, turn.now);
  }
  turn.note({ type: 'client-disconnected', ...where(session), reason });
  abandonAttempt(session, turn);
  leave(session, 'disconnected', turn);
}

/** The gateway stops: whoever sleeps sleeps on, in the store. */
export function stopSession(session: Session, turn: Turn): void {
  endFarewell(session, turn);
  if (session.state === 'asleep' || session.isGone) {
    writeLastHeard(session, turn);
    closeUpstream(session, true, turn); // I-159: a session that is being made for a client is made after the next start
  } else if (session.bound || session.upstream.phase !== 'closed') {
    dismiss(session, 'the gateway stops', turn);
  }
}

/** The client is lost: the will is published, nothing is sent to it (K-3, SL-3, T-50). */
export function lose(session: Session, reason: string, turn: Turn): void {
  abandonAttempt(session, turn);
  releaseBeforeEnd(session, turn);
  const will = publishWillOfLost(session, turn);
  turn.note({ type: 'client-lost', ...where(session), reason, will });
  leave(session, 'fell-silent', turn);
}

/** An attempt came to nothing, and there was no connection before it. */
export function endSession(session: Session, turn: Turn): void {
  leave(session, 'disconnected', turn);
}

/**
 * An invariant broke: nothing of this session is trusted any more; the client connects again. Its queues are thrown away as a whole before
 * anything looks at what is in them, which may be what broke the invariant.
 */
export function abandon(session: Session, turn: Turn): void {
  session.cleanSession = true;
  session.farewell = undefined;
  clearSubscriptions(session);
  clearDeliveries(session, turn);
  dropInflight(session, turn);
  dismiss(session, 'an internal error', turn);
}

/** Not even `abandon` can be done: the session is gone, with its connection and its records, and nothing in it is looked at. */
export function discard(session: Session, turn: Turn): void {
  const { connection } = session.upstream;
  turn.shared.pacing.forget(session);
  turn.shared.reachability.waiting.delete(session);
  if (connection !== 0) {
    turn.emit({ type: 'upstream-close', connection, disconnect: true });
    turn.directory.detach(connection);
    turn.shared.reachability.ended(connection);
    turn.shared.pacing.done(connection);
  }
  turn.directory.unbind(session);
  turn.directory.remove(session);
  restNoMore(turn);
  uncountAll(session.outbound.queue, turn);
  uncountExchanges(session, turn);
  turn.deadlines.clearAll(session);
  turn.shared.offline.drain(session);
  eraseSession(session, turn);
  if (session.upstream.shared) {
    turn.emit({ type: 'upstream-forget', connection: 0, clientId: session.clientId });
  }
  turn.durable = true;
}

/** What every way out has in common: no address, no timers, no connection, and a clean session is gone (S-5). */
export function leave(session: Session, event: StateEvent, turn: Turn): void {
  const { farewell } = session;
  const { phase } = session.upstream;
  if (session.bound) {
    turn.shared.unknownSenders.left(session.path.key, turn.now + turn.retryWindow(session.path));
  }
  turn.directory.unbind(session);
  if (!farewell) {
    releaseBeforeEnd(session, turn);
    closeUpstream(session, true, turn);
    turn.deadlines.clearOfClient(session);
  }
  session.become(event, turn.now);
  session.accepted = undefined;
  session.willUpdate = undefined;
  session.sleep = undefined;
  session.probes = 0;
  parkDeliveries(session, turn);
  dropWaiting(session, (delivery) => delivery.message.qos === 0, 'the client left', turn);
  dropRequests(session, turn);
  if (event === 'fell-silent') {
    saveLater(session, turn); // I-62: nobody is told, and neither the will nor the log waits for a disk
  } else {
    save(session, turn); // the answer says that the client has left
  }
  if (!session.cleanSession) {
    keepAbsent(session, turn.now, turn);
    makeOwnSession(session, turn, phase !== 'up'); // I-159
    offerRoom(session, turn);
  } else if (!farewell) {
    forget(session, turn); // S-5, T-26
  }
}

/** S-7: the session of a client that is gone since `since` is kept for a while. */
export function keepAbsent(session: Session, since: Millis, turn: Turn): void {
  turn.deadlines.set(session, 'expiry', since + turn.settings.sessions.expiry);
}

/** Ends an attempt that leads to nothing, or makes room for another one. The upstream connection of a resuming sleeper stays. */
export function abandonAttempt(session: Session, turn: Turn): void {
  const { attempt } = session;
  if (!attempt) {
    return;
  }
  session.attempt = undefined;
  turn.deadlines.clear(session, 'will');
  turn.deadlines.clear(session, 'connect');
  if (!attempt.resumes) {
    closeUpstream(session, true, turn); // T-52
  }
}
