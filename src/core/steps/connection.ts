/** A client's connection to the broker: opened and closed, and the pauses between attempts (3.5 item 1). */

import type { UpstreamClose, Will } from '../contract/effect.ts';
import { isPrompting } from '../state/connect-attempt.ts';
import { AFTER_DEFECT } from '../state/deadlines.ts';
import { hostKey } from '../state/path.ts';
import { type Session, where } from '../state/session.ts';
import { completeWill, NO_WILL } from '../state/will.ts';
import { mountedTopic, mountPoint } from '../topics/mount-point.ts';
import { grantedWill } from './access.ts';
import { attemptLeftover } from './leftovers.ts';
import { saveLater } from './persistence.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import type { Turn } from './turn.ts';
import { noteDropped, publishAllWaiting } from './waiting-publishes.ts';
import { cameBackSince, urge } from './witness.ts';

/** Opens the connection. The will goes with it, so from now on the broker holds the current one (S-3, T-24). */
export function openUpstream(session: Session, turn: Turn): void {
  const { upstream, connectsClean: cleanSession } = session;
  if (session.farewell) {
    upstream.waits(); // T-24: the changed will goes out first
    return;
  }
  const { reachability, pacing } = turn.shared;
  const isAwaited = session.attempt !== undefined;
  if (reachability.away && (upstream.shared ? isAwaited && !turn.shared.sharedStands() : true)) {
    awaitBroker(session, turn);
    return;
  }
  const leftover = upstream.shared ? undefined : turn.shared.leftovers.of(session.clientId);
  if (leftover) {
    upstream.waits(); // I-103: what the broker has of a forgotten session ends first
    reachability.waiting.add(session);
    if (isAwaited || !turn.deadlines.has(leftover, 'reconnect')) {
      attemptLeftover(leftover, turn);
    } // else: in its pause
    return;
  }
  reachability.waiting.delete(session);
  turn.deadlines.clear(session, 'reconnect');
  if (!upstream.shared && !pacing.admits(session)) {
    upstream.queues();
    return;
  }
  mount(session, turn);
  const { attempt } = session;
  const ownWill = session.isGone ? NO_WILL : session.will; // I-159: it has left without, or it is published
  session.toldWill = (attempt && !isPrompting(attempt) ? attempt.will : undefined) ?? ownWill;
  const will = mountedWill(upstream.mount, grantedWill(session, completeWill(session.toldWill), turn));
  upstream.begins(turn.shared.nextConnection(), turn.now);
  session.asksClean = cleanSession;
  if (!upstream.shared) {
    pacing.started(upstream.connection);
  }
  turn.directory.attach(upstream.connection, session);
  if (session.subscribing.subscriptions.size > 0 && !upstream.shared) {
    turn.syncs ||= session.stored.session?.subscriptionsDoubted !== true;
    saveLater(session, turn); // I-52: before CONNECT goes out
  }
  turn.emit({
    type: 'upstream-connect',
    connection: upstream.connection,
    clientId: session.clientId,
    ...(session.owner !== undefined && { identity: session.owner }),
    cleanSession,
    will,
    ...(isAwaited && upstream.shared && { awaited: true }),
  });
}

/** Under another prefix than before the broker has none of the subscriptions. */
function mount({ clientId, upstream, subscribing }: Session, turn: Turn): void {
  const point = mountPoint(turn.settings.upstream.topicPrefix, clientId);
  if (point !== upstream.mount) {
    upstream.mount = point;
    upstream.owesSubscriptions ||= subscribing.subscriptions.size > 0;
  }
}

function mountedWill(point: string, will: Will | undefined): Will | undefined {
  return will && { ...will, topic: mountedTopic(point, will.topic) };
}

/** Ends the connection where there is one, and every wait for one. `disconnect`: with MQTT DISCONNECT, so that no will fires (T-52). */
export function closeUpstream(session: Session, disconnect: boolean, turn: Turn): void {
  if (session.farewell) {
    return; // T-24: it ends with the will
  }
  const { owesSession, attempts } = session.upstream;
  endUpstream(session, disconnect, turn);
  session.upstream.attempts = owesSession ? attempts : 0; // I-159: the gateway goes on without the client
  for (const publish of turn.shared.offline.drain(session)) {
    noteDropped(publish, 'the client left before the broker was back', turn);
  }
}

/** The same for a client that goes on with its session, on another connection: what waits for the broker with QoS 0 waits for that one. */
export function closeForAnother(session: Session, turn: Turn): void {
  const { upstream, farewell } = session;
  if (farewell) {
    return;
  }
  if (upstream.phase === 'up') {
    upstream.downSince = turn.now; // the grace time begins (3.5)
  }
  endUpstream(session, true, turn); // T-52
}

function endUpstream(session: Session, disconnect: boolean, turn: Turn): void {
  const { upstream } = session;
  turn.deadlines.clear(session, 'reconnect');
  turn.deadlines.clear(session, 'grace');
  turn.deadlines.clear(session, 'probe');
  upstream.suspicion.probe = undefined; // no verdict: the connection ends by our own doing
  upstream.suspicion.active = false;
  turn.shared.pacing.forget(session);
  if (upstream.phase === 'up') {
    publishAllWaiting(session, turn); // it stands, but took no more
  }
  turn.shared.reachability.waiting.delete(session);
  if (upstream.connection !== 0) {
    turn.emit({
      type: 'upstream-close',
      connection: upstream.connection,
      disconnect,
      ...ownWill(session, disconnect, turn),
    });
    forgetConnection(session, turn);
  }
  upstream.ended();
  upstream.attempts = 0; // I-71
  upstream.shortLived = 0;
  upstream.graceOver = false;
}

/** The broker has the will of a client with a connection of its own; others have theirs published by the gateway (3.7 item 5). */
function ownWill(session: Session, disconnect: boolean, turn: Turn): Pick<UpstreamClose, 'will' | 'from'> {
  const { upstream } = session;
  const will = upstream.shared && !disconnect ? grantedWill(session, completeWill(session.will), turn) : undefined;
  const published = mountedWill(upstream.mount, will);
  return published ? { will: published, from: { host: hostKey(session.path), link: session.path.key } } : {};
}

/** One connection less is being made: the next session in line gets its turn. */
export function connectionSettled(connection: number, turn: Turn): void {
  if (turn.shared.pacing.done(connection)) {
    connectionsGoOn(turn);
  }
}

/** Whoever waits in line gets its turn, as far as so many may be made at a time. */
export function connectionsGoOn(turn: Turn): void {
  const { pacing } = turn.shared;
  for (let next = pacing.next(); next; next = pacing.next()) {
    if (next.kind === 'leftover') {
      attemptLeftover(next, turn);
    } else if (next.upstream.phase === 'queued') {
      takeTurn(next, turn);
    }
  }
}

/** Where a defect of ours breaks that off, which ends the session that is worked on, this one is not left without a place in the line (design 3). */
function takeTurn(session: Session, turn: Turn): void {
  const { upstream } = session;
  try {
    openUpstream(session, turn);
  } finally {
    if (upstream.phase === 'queued' && !turn.shared.pacing.has(session)) {
      upstream.waits();
      turn.shared.reachability.waiting.add(session);
      turn.deadlines.set(session, 'reconnect', turn.now + AFTER_DEFECT);
    }
  }
}

export function forgetConnection(session: Session, turn: Turn): void {
  const { connection } = session.upstream;
  turn.directory.detach(connection);
  turn.shared.reachability.ended(connection);
  session.upstream.ended();
  connectionSettled(connection, turn);
}

/**
 * Tries again after a pause, or when the broker is back; an active client is kept for the grace time meanwhile, a sleeper as long as it
 * sleeps (3.5 items 3 to 5). `atOnce`: without a pause.
 */
export function retryLater(session: Session, reason: string, turn: Turn, atOnce = false): void {
  const { upstream } = session;
  const delay = reconnectDelay(upstream.attempts++, turn.settings, turn.shared.random);
  const pause = atOnce ? 0 : delay;
  awaitBroker(session, turn);
  if (turn.shared.reachability.away) {
    turn.note({ type: 'upstream-down', ...where(session), reason, retryIn: undefined });
    return;
  }
  turn.deadlines.set(session, 'reconnect', turn.now + pause);
  turn.note({ type: 'upstream-down', ...where(session), reason, retryIn: pause, attempt: upstream.attempts });
}

/** The session waits: where nothing ends the pause before, until the broker is back (procedures/broker-return.ts). */
function awaitBroker(session: Session, turn: Turn): void {
  session.upstream.waits();
  turn.shared.reachability.waiting.add(session);
  if (session.state === 'active' && !turn.deadlines.has(session, 'grace')) {
    turn.deadlines.set(session, 'grace', turn.now + turn.settings.upstream.grace);
  }
  const until = turn.deadlines.get(session, 'grace') ?? session.attempt?.holdUntil;
  if (until !== undefined) {
    urge(until, turn);
  }
}

/**
 * Whether an attempt of the session's own is under way, or is still to come since the broker is back: what depends on the broker waits for
 * its answer (I-41).
 */
export function isAttemptPending(session: Session, turn: Turn): boolean {
  const { phase, begunAt } = session.upstream;
  const { reachability } = turn.shared;
  if (phase === 'waiting') {
    return cameBackSince(begunAt, turn);
  }
  return phase === 'connecting' || (phase === 'queued' && reachability.anyUp);
}
