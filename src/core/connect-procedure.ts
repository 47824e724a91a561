/**
 * Connection set-up (6.2, 6.3): CONNECT, the will dialogue, the connection to the broker, CONNACK.
 * A CONNECT under way is an attempt beside the session: what the session had before is kept until CONNACK(accepted) (C-12),
 * save the upstream connection, of which there is never a second one (C-8).
 */

import { type Connect, type MessageOf, RETURN_CODE, type ReturnCode } from '../codec/message.ts';
import { mayComeFrom, refuse, usableClientId } from './connect-admission.ts';
import { loseAddress } from './disconnect-procedure.ts';
import { pump } from './gateway-publish.ts';
import { nextState } from './state/client-state.ts';
import type { ConnectAttempt } from './state/connect-attempt.ts';
import type { Path } from './state/path.ts';
import { Session, where } from './state/session.ts';
import { noWill, type WillState } from './state/will.ts';
import { closeUpstream, openUpstream, reconnectDelay, retryLater } from './steps/connection.ts';
import { abandonAttempt, endSession } from './steps/endings.ts';
import { wipe } from './steps/forgetting.ts';
import { parkDeliveries } from './steps/outstanding.ts';
import { save } from './steps/persistence.ts';
import { resumeSleep, suspendSleep } from './steps/sleep.ts';
import { superviseActive } from './steps/supervision.ts';
import type { Turn } from './steps/turn.ts';
import { resumeUpstream } from './upstream-link.ts';
import { reconnectsForWill } from './will-procedure.ts';

const { congestion, notSupported } = RETURN_CODE;

/** CONNECT from any path. */
export function receiveConnect(path: Path, message: Connect, turn: Turn): void {
  const { directory } = turn;
  const clientId = usableClientId(message, path, turn);
  if (clientId === undefined) {
    return;
  }
  const known = directory.byClientId(clientId);
  if (known && !mayComeFrom(known, path, turn)) {
    refuse(path, clientId, notSupported, 'its client id belongs to another address', turn); // T-07
    return;
  }
  if (!known && directory.size >= turn.settings.maxSessions) {
    refuse(path, clientId, congestion, `there are ${directory.size} sessions already`, turn);
    return;
  }
  const occupant = directory.byPath(path.key);
  if (occupant && occupant !== known) {
    loseAddress(occupant, clientId, turn); // T-50
  }
  const session = known ?? newSession(clientId, path, turn);
  session.lastHeard = turn.now;
  session.undelivered = undefined;
  turn.current = session;
  // T-01: a client that cannot name itself cannot have a persistent session
  const request: Connect = message.clientId === '' ? { ...message, cleanSession: true } : message;
  if (isRepetition(session, path, request, turn)) {
    return;
  }
  startAttempt(session, path, request, turn);
}

function newSession(clientId: string, path: Path, turn: Turn): Session {
  const above = turn.shared.predefined.highestId(clientId); // T-16
  const former = turn.shared.formerTopicIds.get(clientId) ?? 0;
  const session = new Session(clientId, path, turn.settings.maxTopicsPerClient, Math.max(above, former - 1));
  turn.directory.add(session);
  return session;
}

/** C-8 and T-03 a: the same CONNECT again is answered as before, and starts nothing. */
function isRepetition(session: Session, path: Path, message: Connect, turn: Turn): boolean {
  const { attempt, accepted } = session;
  if (attempt && attempt.path.key === path.key && sameRequest(attempt, message)) {
    if (attempt.stage === 'will-topic' || attempt.stage === 'will-message') {
      promptForWill(session, attempt, turn);
    }
    turn.note({ type: 'duplicate-absorbed', ...where(session), message: 'CONNECT' });
    return true;
  }
  if (
    accepted &&
    session.state === 'active' &&
    accepted.key === path.key &&
    sameRequest(accepted, message) &&
    turn.now <= accepted.until
  ) {
    turn.send(session, { type: 'CONNACK', returnCode: RETURN_CODE.accepted });
    turn.note({ type: 'duplicate-absorbed', ...where(session), message: 'CONNECT' });
    return true;
  }
  return false;
}

function sameRequest(
  a: { readonly cleanFlag: boolean; readonly willFlag: boolean; readonly duration: number },
  message: Connect,
): boolean {
  return a.cleanFlag === message.cleanSession && a.willFlag === message.will && a.duration === message.duration;
}

function startAttempt(session: Session, path: Path, message: Connect, turn: Turn): void {
  const asleep = session.state === 'asleep' || session.state === 'awake';
  const resumes = asleep && (!message.cleanSession || turn.settings.cleanConnectWhileAsleep === 'resume'); // T-04
  abandonAttempt(session, turn);
  if (session.bound && session.path.key !== path.key) {
    turn.note({ type: 'client-moved', clientId: session.clientId, link: path.key, from: session.path.key }); // T-07: nothing is sent to the old address
  }
  if (!resumes && (asleep || session.state === 'active')) {
    closeUpstream(session, true, turn); // T-03 b, T-52: the client is alive, its will must not fire
    session.state = nextState(session.state, 'restarted');
  }
  if (resumes) {
    suspendSleep(session, turn);
  } else if (!session.farewell) {
    turn.deadlines.clearAll(session);
    session.sleep = undefined;
  }
  turn.directory.bind(session, path);
  const attempt: ConnectAttempt = {
    path,
    cleanSession: message.cleanSession && !resumes,
    cleanFlag: message.cleanSession,
    willFlag: message.will,
    duration: message.duration,
    stage: message.will ? 'will-topic' : 'upstream',
    will: message.cleanSession && !resumes ? noWill() : undefined, // 6.3: the table of S-1
    resumes,
    retries: 0,
    holdUntil: 0,
  };
  session.attempt = attempt;
  if (message.will) {
    promptForWill(session, attempt, turn);
  } else {
    reachBroker(session, attempt, turn);
  }
}

/** C-2, C-7: asks for what is missing, and waits T_retry for it. */
function promptForWill(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  turn.send(session, { type: attempt.stage === 'will-topic' ? 'WILLTOPICREQ' : 'WILLMSGREQ' });
  turn.deadlines.set(session, 'will', turn.answerDue(attempt.path));
}

/** C-7: the client did not answer the prompt. */
export function willDue(session: Session, turn: Turn): void {
  const { attempt } = session;
  if (!attempt) {
    return;
  }
  if (attempt.retries >= turn.settings.retryCount) {
    turn.note({
      type: 'connect-abandoned',
      ...where(session),
      reason: `no answer to ${attempt.stage === 'will-topic' ? 'WILLTOPICREQ' : 'WILLMSGREQ'}`,
    });
    abandonAttempt(session, turn);
    settleWithout(session, turn);
    return;
  }
  attempt.retries++;
  turn.note({
    type: 'retransmitted',
    ...where(session),
    message: attempt.stage === 'will-topic' ? 'WILLTOPICREQ' : 'WILLMSGREQ',
    attempt: attempt.retries,
  });
  promptForWill(session, attempt, turn);
}

/** The will topic of the dialogue (C-2, C-3). */
export function willTopicGiven(session: Session, attempt: ConnectAttempt, will: WillState, turn: Turn): void {
  attempt.will = will;
  attempt.retries = 0;
  if (will.topic === undefined) {
    finishDialogue(session, attempt, turn); // C-3: nothing to ask a message for
    return;
  }
  attempt.stage = 'will-message';
  promptForWill(session, attempt, turn);
}

/** The will message of the dialogue (C-2). */
export function willMessageGiven(
  session: Session,
  attempt: ConnectAttempt,
  message: MessageOf<'WILLMSG'>,
  turn: Turn,
): void {
  if (attempt.will) {
    attempt.will.message = message.willMsg;
  }
  finishDialogue(session, attempt, turn);
}

function finishDialogue(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  turn.deadlines.clear(session, 'will');
  attempt.stage = 'upstream';
  reachBroker(session, attempt, turn);
}

/** C-5: CONNACK only after the broker's. A sleeper that resumes has its connection still, or waits for it. */
function reachBroker(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  attempt.holdUntil = turn.now + Math.max(turn.retryInterval(attempt.path), turn.settings.retryInterval); // a fast line makes no broker faster
  turn.deadlines.set(session, 'connect', attempt.holdUntil);
  if (!attempt.resumes) {
    openUpstream(session, attempt.cleanSession, turn);
    return;
  }
  const { phase } = session.upstream;
  if (phase === 'up' && !(attempt.will && reconnectsForWill(session, turn))) {
    if (attempt.will) {
      attempt.will.changed = true; // T-24: the broker holds the old one
    }
    acceptAttempt(session, attempt, turn);
    return;
  }
  if (phase === 'connecting') {
    return;
  }
  closeUpstream(session, true, turn); // T-52; only a pause to end where the broker is away
  openUpstream(session, session.cleanSession, turn);
}

/** The broker accepted. Where it has lost the session, it gets the subscriptions first (3.4). */
export function attemptUpstreamUp(
  session: Session,
  attempt: ConnectAttempt,
  sessionPresent: boolean,
  turn: Turn,
): void {
  if (attempt.cleanSession) {
    wipe(session, turn);
  }
  if (resumeUpstream(session, sessionPresent, turn)) {
    attempt.stage = 'subscriptions';
  } else {
    acceptAttempt(session, attempt, turn);
  }
}

/** Every subscription is back at the broker. */
export function subscriptionsRestored(session: Session, turn: Turn): void {
  if (session.attempt?.stage === 'subscriptions') {
    acceptAttempt(session, session.attempt, turn);
  }
}

/** The broker could not be reached, or went away. True where the attempt has dealt with it. */
export function attemptUpstreamDown(session: Session, attempt: ConnectAttempt, reason: string, turn: Turn): boolean {
  if (attempt.stage === 'will-topic' || attempt.stage === 'will-message') {
    return !attempt.resumes;
  }
  attempt.stage = 'upstream';
  const retryIn = reconnectDelay(session.upstream.attempts, turn);
  // 3.5 item 3: a broker that was there a moment ago is waited for; one that never answered is not.
  if (turn.shared.discovery.recentlyReachable(turn) && turn.now + retryIn < attempt.holdUntil) {
    retryLater(session, reason, turn);
    return true;
  }
  attemptRefused(session, attempt, congestion, reason, turn);
  return true;
}

/** T_retry is over and the broker has not answered (3.5 item 3). */
export function connectDue(session: Session, turn: Turn): void {
  if (session.attempt) {
    attemptRefused(session, session.attempt, congestion, 'the broker did not answer in time', turn);
  }
}

/** CONNACK with a rejection: nothing of the attempt is kept; a stored session stays (C-4, C-12). */
export function attemptRefused(
  session: Session,
  attempt: ConnectAttempt,
  returnCode: ReturnCode,
  reason: string,
  turn: Turn,
): void {
  refuse(attempt.path, session.clientId, returnCode, reason, turn);
  abandonAttempt(session, turn);
  settleWithout(session, turn);
}

/** After an attempt without success: a sleeper goes on sleeping, with its connection; anybody else is as before the CONNECT. */
function settleWithout(session: Session, turn: Turn): void {
  if (session.state === 'asleep' || session.state === 'awake') {
    resumeSleep(session, turn);
    if (session.upstream.phase === 'closed') {
      retryLater(session, 'the broker cannot be reached', turn);
    }
    return;
  }
  endSession(session, turn);
}

/** C-10: CONNACK, and from this moment the client is active. */
function acceptAttempt(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  const retryWindow = turn.retryWindow(attempt.path);
  const { duration, willFlag, cleanFlag, cleanSession } = attempt;
  session.attempt = undefined;
  turn.deadlines.clearAll(session);
  session.state = nextState(session.state, 'accepted');
  session.sleep = undefined;
  if (!attempt.resumes) {
    session.cleanSession = cleanSession;
  }
  if (attempt.will) {
    session.will = attempt.will;
  }
  session.keepAlive = duration * 1000;
  const endedBy = willFlag ? (session.will.topic === undefined ? 'WILLTOPIC' : 'WILLMSG') : undefined; // C-3
  session.accepted = { key: attempt.path.key, cleanFlag, willFlag, duration, endedBy, until: turn.now + retryWindow };
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
  });
  save(session, turn);
  superviseActive(session, turn);
  parkDeliveries(session, turn); // T-19: what was sent before goes out again with DUP
  pump(session, turn); // 2.15: held until CONNACK
}
