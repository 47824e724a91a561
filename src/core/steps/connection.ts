/** A client's connection to the broker: opened and closed, and the pauses between attempts (3.5 item 1). */

import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import { completeWill } from '../state/will.ts';
import { saveLater } from './persistence.ts';
import type { Turn } from './turn.ts';
import { noteDropped } from './waiting-publishes.ts';

/** Pause before attempt number `attempts` + 1: exponential, with jitter so that a thousand clients do not come at once (3.5 item 1). */
export function reconnectDelay(attempts: number, turn: Turn): Millis {
  const { reconnectMin, reconnectMax } = turn.settings.upstream;
  const delay = Math.min(reconnectMax, reconnectMin * 2 ** Math.min(attempts, 30));
  return Math.round(delay * (0.5 + turn.shared.random() / 2));
}

/** Opens the connection. The will goes with it, so from now on the broker holds the current one (S-3, T-24). */
export function openUpstream(session: Session, cleanSession: boolean, turn: Turn): void {
  const { upstream } = session;
  if (session.farewell) {
    upstream.phase = 'waiting'; // T-24: the changed will goes out first
    return;
  }
  if (!turn.shared.pacing.admits(session)) {
    upstream.phase = 'queued';
    return;
  }
  upstream.begins(turn.shared.nextConnection());
  turn.shared.pacing.started(upstream.connection);
  turn.directory.attach(upstream.connection, session);
  if (session.subscribing.subscriptions.size > 0) {
    saveLater(session, turn); // I-52: before CONNECT goes out
  }
  const stored = session.attempt?.will ?? session.will;
  stored.changed = false;
  const will = completeWill(stored);
  turn.emit({
    type: 'upstream-connect',
    connection: upstream.connection,
    clientId: session.clientId,
    cleanSession,
    will,
  });
}

/** Ends the connection where there is one, and every wait for one. `disconnect`: with MQTT DISCONNECT, so that no will fires (T-52). */
export function closeUpstream(session: Session, disconnect: boolean, turn: Turn): void {
  const { upstream } = session;
  if (session.farewell) {
    return; // T-24: it ends with the will
  }
  turn.deadlines.clear(session, 'reconnect');
  turn.deadlines.clear(session, 'grace');
  turn.shared.pacing.forget(session);
  if (upstream.connection !== 0) {
    turn.emit({ type: 'upstream-close', connection: upstream.connection, disconnect });
    forgetConnection(session, turn);
  }
  upstream.phase = 'closed';
  upstream.attempts = 0;
  upstream.shortLived = 0;
  for (const publish of turn.shared.offline.drain(session)) {
    noteDropped(publish, 'the client left before the broker was back', turn);
  }
}

/** One connection less is being made: the next session in line gets its turn. */
export function connectionSettled(connection: number, turn: Turn): void {
  const next = turn.shared.pacing.done(connection);
  if (next?.upstream.phase === 'queued') {
    reconnectDue(next, turn);
  }
}

export function forgetConnection(session: Session, turn: Turn): void {
  turn.directory.detach(session.upstream.connection);
  turn.shared.reachability.ended(session.upstream.connection);
  const { connection } = session.upstream;
  session.upstream.connection = 0;
  connectionSettled(connection, turn);
}

/** Tries again after a pause; an active client is kept for the grace time meanwhile, a sleeper as long as it sleeps (3.5 items 3 to 5). */
export function retryLater(session: Session, reason: string, turn: Turn): void {
  const { upstream } = session;
  upstream.phase = 'waiting';
  const retryIn = reconnectDelay(upstream.attempts++, turn);
  turn.deadlines.set(session, 'reconnect', turn.now + retryIn);
  if (session.state === 'active' && !session.timers.has('grace')) {
    turn.deadlines.set(session, 'grace', turn.now + turn.settings.upstream.grace);
  }
  turn.note({ type: 'upstream-down', clientId: session.clientId, reason, retryIn });
}

/** The pause is over. A session of 3.1.1 that was opened clean is opened clean again and subscribed anew (3.5 item 6). */
export function reconnectDue(session: Session, turn: Turn): void {
  openUpstream(session, session.attempt?.cleanSession ?? session.cleanSession, turn);
}
