/** What becomes of a CONNECT (6.2): the broker is reached, or not; CONNACK (C-5, C-10), or a rejection (C-4). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import { type ConnectAttempt, isPrompting } from '../state/connect-attempt.ts';
import { type Session, where } from '../state/session.ts';
import { isUntold } from '../state/will.ts';
import { closeForAnother, isAttemptPending, openUpstream, retryLater } from '../steps/connection.ts';
import { abandonAttempt, endSession } from '../steps/endings.ts';
import { wipe } from '../steps/forgetting.ts';
import { leaveOwnSession } from '../steps/leftovers.ts';
import { parkDeliveries } from '../steps/outstanding.ts';
import { partDone } from '../steps/parts.ts';
import { isKept, save, saveExchanges } from '../steps/persistence.ts';
import { reconnectDelay } from '../steps/reconnect-delay.ts';
import { type Refusal, refuseConnect } from '../steps/rejection.ts';
import { resumeSleep } from '../steps/sleep.ts';
import { superviseActive } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';
import { superviseUnreleased } from '../steps/unreleased-publishes.ts';
import { CLOSED_LIMIT, cameBackSince, closedOnConnect, UNREACHABLE } from '../steps/witness.ts';
import { pump } from './gateway-publish.ts';
import { resumeUpstream, superviseProbe } from './upstream-resume.ts';
import { reconnectsForWill, withdrawWillUpdate } from './will-update.ts';

const { congestion, notSupported } = RETURN_CODE;

const CLOSED = 'the broker closes the connection on its CONNECT: perhaps on its client id or its will topic';
/** C-5: CONNACK only after the broker's. A sleeper that resumes has its connection still, or waits for it. */
export function reachBroker(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  holdAttempt(session, attempt, turn);
  if (!attempt.resumes) {
    openUpstream(session, turn);
    return;
  }
  const { phase } = session.upstream;
  if (phase === 'up' && !(attempt.will && reconnectsForWill(session, turn))) {
    acceptAttempt(session, attempt, turn);
    return;
  }
  if (phase === 'connecting') {
    return;
  }
  openAnew(session, turn);
}

/** Only a pause is to be ended where the broker is away. */
function openAnew(session: Session, turn: Turn): void {
  closeForAnother(session, turn);
  openUpstream(session, turn);
}

/** An attempt of the own connection failed (I-2): a CONNECT that was held by then is told so, unless the broker was there within the grace time. */
export function refuseHeld(turn: Turn): void {
  const { reachability, gatewayLink } = turn.shared;
  if (reachability.recentlyReachable(turn.now, turn.settings.upstream.grace)) {
    return;
  }
  const { begunAt } = gatewayLink.upstream;
  for (const session of [...reachability.waiting]) {
    if (session.attempt?.stage === 'upstream' && session.attempt.heldSince <= begunAt) {
      turn.current = session;
      attemptRefused(session, session.attempt, { returnCode: congestion, reason: UNREACHABLE }, turn);
      partDone(turn);
    }
  }
}

/** The broker accepted. Where it has lost the session, it gets the subscriptions first (3.4). */
export function attemptUpstreamUp(
  session: Session,
  attempt: ConnectAttempt,
  sessionPresent: boolean,
  turn: Turn,
): void {
  if (
    attempt.resumes &&
    attempt.will &&
    reconnectsForWill(session, turn) &&
    isUntold({ will: attempt.will, toldWill: session.toldWill })
  ) {
    openAnew(session, turn); // T-24: this connection was being made when the client was asked for its will
    return;
  }
  if (attempt.cleanSession) {
    wipe(session, turn);
    session.upstream.suspicion.drop();
  }
  if (session.isNew && sessionPresent) {
    session.topics.goOnAnywhere(turn.shared.random); // I-55
    session.msgIds.startAnywhere(turn.shared.random);
  }
  session.isNew = false;
  if (resumeUpstream(session, sessionPresent, turn)) {
    attempt.stage = 'subscriptions';
    holdAttempt(session, attempt, turn);
  } else {
    acceptAttempt(session, attempt, turn);
  }
}

/** SUBACK for one of them. I-153: as long as the broker answers, its answers are waited for. */
export function subscriptionAnswered(session: Session, turn: Turn): void {
  if (session.attempt?.stage === 'subscriptions') {
    holdAttempt(session, session.attempt, turn);
  }
  subscriptionsRestored(session, turn);
}

/** A subscription has been granted: where they are all back at the broker, a CONNECT that waited for them goes on (3.4). */
export function subscriptionsRestored(session: Session, turn: Turn): void {
  if (session.attempt?.stage === 'subscriptions' && !session.upstream.owesSubscriptions) {
    acceptAttempt(session, session.attempt, turn);
  }
}

/** The broker could not be reached, or went away. True where the attempt has dealt with it. */
export function attemptUpstreamDown(
  session: Session,
  attempt: ConnectAttempt,
  lost: UpstreamLost,
  turn: Turn,
): boolean {
  const { reason } = lost;
  const { reachability } = turn.shared;
  if (isPrompting(attempt)) {
    return !attempt.resumes;
  }
  if (attempt.stage === 'upstream' && closedOnConnect(lost, session.upstream.begunAt, turn)) {
    attempt.closed++;
  }
  if (attempt.closed >= CLOSED_LIMIT) {
    attemptRefused(session, attempt, { returnCode: notSupported, reason: CLOSED }, turn);
    return true;
  }
  attempt.stage = 'upstream';
  const retryIn = reconnectDelay(session.upstream.attempts, turn.settings, turn.shared.random);
  // 3.5 item 3: a broker that was there a moment ago is waited for; one that never answered is not.
  if (
    reachability.recentlyReachable(turn.now, turn.settings.upstream.grace) &&
    (reachability.away || turn.now + retryIn < attempt.holdUntil)
  ) {
    retryLater(session, reason, turn);
    return true;
  }
  attemptRefused(session, attempt, { returnCode: congestion, reason }, turn);
  return true;
}

/** T_retry is over and the broker has not answered (3.5 item 3). Where it has come back since the CONNECT is held, the attempt of the client's own decides (I-2). */
export function connectDue(session: Session, turn: Turn): void {
  const { attempt, upstream } = session;
  if (attempt === undefined) {
    return;
  }
  if (cameBackSince(attempt.heldSince, turn) && isAttemptPending(session, turn)) {
    holdAttempt(session, attempt, turn);
    if (upstream.phase === 'waiting') {
      openUpstream(session, turn);
    }
    return;
  }
  const isAbsent = upstream.phase === 'waiting' || turn.shared.reachability.away;
  const reason = isAbsent ? UNREACHABLE : 'the broker did not answer in time';
  attemptRefused(session, attempt, { returnCode: congestion, reason }, turn);
}

/** For T_retry from now. */
function holdAttempt(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  attempt.heldSince = turn.now;
  attempt.holdUntil = turn.now + Math.max(turn.retryInterval(attempt.path), turn.settings.timing.retryInterval); // a fast line makes no broker faster
  turn.deadlines.set(session, 'connect', attempt.holdUntil);
}

/** CONNACK with a rejection: nothing of the attempt is kept; a stored session stays (C-4, C-12). */
export function attemptRefused(session: Session, attempt: ConnectAttempt, refusal: Refusal, turn: Turn): void {
  refuseConnect(attempt.path, session.clientId, refusal, turn);
  if (refusal.returnCode === notSupported) {
    withdrawWillUpdate(session, turn);
  }
  abandonAttempt(session, turn);
  settleWithout(session, turn);
}

/** After an attempt without success: a sleeper goes on sleeping, with its connection; anybody else is as before the CONNECT. */
export function settleWithout(session: Session, turn: Turn): void {
  if (session.state === 'asleep' || session.state === 'awake') {
    resumeSleep(session, turn);
    if (session.upstream.phase === 'closed') {
      retryLater(session, UNREACHABLE, turn);
    }
    return;
  }
  endSession(session, turn);
}

/** A sleeper that connects has its connection still: what has waited for it on the shared one is asked for (3.7 item 4). */
function askForMessages({ upstream }: Session, turn: Turn): void {
  turn.emit({ type: 'upstream-ping', connection: upstream.connection });
  upstream.pingSent();
}

/** C-10: CONNACK, and from this moment the client is active. */
function acceptAttempt(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  const retryWindow = turn.retryWindow(attempt.path);
  const { duration, willFlag, cleanFlag, cleanSession } = attempt;
  session.attempt = undefined;
  turn.deadlines.clearOfClient(session);
  session.become('accepted', turn.now);
  session.sleep = undefined;
  if (!attempt.resumes) {
    session.cleanSession = cleanSession;
  }
  if (attempt.will) {
    session.will = attempt.will;
  }
  session.willUpdate = undefined; // T-24: nobody waits for its answer, and the will before it counts no more
  session.keepAlive = duration * 1000;
  const endedBy = willFlag ? (session.will.topic === undefined ? 'WILLTOPIC' : 'WILLMSG') : undefined; // C-3
  const until = session.held ? Number.POSITIVE_INFINITY : turn.now + retryWindow; // I-81
  session.accepted = { key: attempt.path.key, cleanFlag, willFlag, duration, endedBy, until };
  if (!attempt.resumes) {
    session.topics.forgetKnown(); // not through sleep (SL-18)
  }
  turn.send(session, { type: 'CONNACK', returnCode: RETURN_CODE.accepted });
  turn.note({
    type: 'client-connected',
    ...where(session),
    cleanSession: session.cleanSession,
    keepAlive: duration,
    will: session.will.topic !== undefined,
    ...(session.owner !== undefined && { identity: session.owner }),
  });
  if (isKept(session)) {
    saveExchanges(session, turn); // it may have been clean before (I-149)
  }
  save(session, turn);
  leaveOwnSession(session, turn); // I-158
  superviseActive(session, turn);
  superviseProbe(session, turn);
  superviseUnreleased(session, turn);
  parkDeliveries(session, turn); // T-19: what was sent before goes out again with DUP
  if (attempt.resumes && session.upstream.shared) {
    askForMessages(session, turn);
  }
  pump(session, turn); // 2.15: held until CONNACK
}
