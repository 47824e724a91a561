/**
 * Connection set-up (6.2, 6.3): CONNECT, the will dialogue, the connection to the broker, CONNACK.
 * A CONNECT under way is an attempt beside the session: what the session had before is kept until CONNACK(accepted) (C-12),
 * save the upstream connection, of which there is never a second one (C-8).
 */

import { type Connect, RETURN_CODE } from '../../codec/message.ts';
import type { Seconds } from '../contract/units.ts';
import { type ConnectAttempt, isPrompting } from '../state/connect-attempt.ts';
import type { Path } from '../state/path.ts';
import { Session, where } from '../state/session.ts';
import { NO_WILL } from '../state/will.ts';
import { accessOf, connectRefusal } from '../steps/access.ts';
import { closeForAnother, closeUpstream } from '../steps/connection.ts';
import { abandonAttempt } from '../steps/endings.ts';
import { doubtAnswers } from '../steps/exchanges.ts';
import { grantAnew } from '../steps/groups.ts';
import { refuseConnect } from '../steps/rejection.ts';
import { followRenamed } from '../steps/renamed-topics.ts';
import { sharesConnection } from '../steps/sharing.ts';
import { suspendSleep } from '../steps/sleep.ts';
import { dropRequests } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { releaseBeforeDialogue, releaseBeforeEnd } from '../steps/unreleased-publishes.ts';
import { foreignRefusal, usableClientId } from './connect-admission.ts';
import { attemptRefused, reachBroker } from './connect-outcome.ts';
import { loseAddress } from './disconnect.ts';
import { beginDialogue, endDialogue, makeRoom, roomRefusal } from './session-room.ts';
import { promptAgain, promptForWill } from './will-dialogue.ts';

/** CONNECT from any path. */
export function receiveConnect(path: Path, message: Connect, turn: Turn): void {
  const { directory } = turn;
  const clientId = usableClientId(message, path, turn);
  if (clientId === undefined) {
    return;
  }
  const known = directory.byClientId(clientId);
  const foreign = known && foreignRefusal(known, path, turn);
  if (foreign) {
    refuseConnect(path, clientId, foreign, turn); // I-117, T-07
    return;
  }
  const access = accessOf(path, clientId, turn);
  const denied = connectRefusal(access, known);
  if (denied) {
    refuseConnect(path, clientId, denied, turn); // I-118
    return;
  }
  const full = known ? undefined : message.will ? roomRefusal(path, turn) : makeRoom(path, turn);
  if (full) {
    refuseConnect(path, clientId, full, turn); // N-1
    return;
  }
  const occupant = directory.byPath(path.key);
  if (occupant && occupant !== known) {
    turn.current = occupant;
    loseAddress(occupant, clientId, turn); // T-50
  }
  const session = known ?? newSession(clientId, path, message, turn);
  grantAnew(session, access, turn);
  session.lastHeard = turn.now;
  session.undelivered = undefined;
  turn.current = session;
  // T-01: a client that cannot name itself cannot have a persistent session
  const request: Connect =
    message.clientId === '' && clientId !== path.identity ? { ...message, cleanSession: true } : message;
  if (isRepetition(session, path, request, turn)) {
    return;
  }
  startAttempt(session, path, request, turn);
}

function newSession(clientId: string, path: Path, { will, cleanSession }: Connect, turn: Turn): Session {
  const above = turn.shared.predefined.highestId(clientId); // T-16
  const former = turn.shared.formerIds.get(clientId);
  const firstFree = Math.max(above, (former?.nextTopicId ?? 0) - 1);
  const session = new Session(clientId, path, turn.settings.clients.maxTopics, firstFree);
  session.upstream.shared = sharesConnection(clientId, turn);
  session.held = turn.directory.held.has(clientId);
  if (former && !cleanSession) {
    session.msgIds.startAnywhere(turn.shared.random); // I-105
  } else if (former) {
    session.msgIds.startBehind(former.lastMsgId); // I-17
  }
  if (will) {
    beginDialogue(session, turn);
  } else {
    turn.directory.add(session);
  }
  return session;
}

/** C-8 and T-03 a: the same CONNECT again is answered as before, and starts nothing. */
function isRepetition(session: Session, path: Path, message: Connect, turn: Turn): boolean {
  const { attempt, accepted } = session;
  if (attempt && attempt.path.key === path.key && sameRequest(attempt, message)) {
    if (isPrompting(attempt)) {
      promptAgain(session, attempt, turn);
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
  a: { readonly cleanFlag: boolean; readonly willFlag: boolean; readonly duration: Seconds },
  message: Connect,
): boolean {
  return a.cleanFlag === message.cleanSession && a.willFlag === message.will && a.duration === message.duration;
}

function startAttempt(session: Session, path: Path, message: Connect, turn: Turn): void {
  const asleep = session.state === 'asleep' || session.state === 'awake';
  const resumes = asleep && (!message.cleanSession || turn.settings.sessions.cleanConnectWhileAsleep === 'resume'); // T-04
  abandonAttempt(session, turn);
  if (session.bound && session.path.key !== path.key) {
    turn.note({ type: 'client-moved', clientId: session.clientId, link: path.key, from: session.path.key }); // T-07: nothing is sent to the old address
  }
  if (!resumes && (asleep || session.state === 'active')) {
    if (session.cleanSession || message.cleanSession) {
      releaseBeforeEnd(session, turn);
    } else if (message.will) {
      releaseBeforeDialogue(session, turn);
    }
    endConnection(session, message.cleanSession, turn); // T-03 b, T-52: the client is alive, its will must not fire
    session.become('restarted', turn.now);
  } else if (!resumes && session.upstream.phase !== 'closed') {
    closeForAnother(session, turn); // I-159: the one that was made for it
  }
  if (resumes) {
    suspendSleep(session, turn);
  } else if (!session.farewell) {
    turn.deadlines.clearOfClient(session);
    session.sleep = undefined;
  }
  doubtAnswers(session);
  dropRequests(session, turn); // I-33, I-53: a client that waits for an answer asks again
  followRenamed(session, turn); // what it was about to give up (I-113)
  turn.directory.bind(session, path);
  session.owner = path.identity; // I-117: one that was nobody's is this identity's now
  const attempt: ConnectAttempt = {
    path,
    cleanSession: message.cleanSession && !resumes,
    cleanFlag: message.cleanSession,
    willFlag: message.will,
    duration: message.duration,
    stage: message.will ? 'will-topic' : 'upstream',
    will: message.cleanSession && !resumes ? NO_WILL : undefined, // 6.3: the table of S-1
    resumes,
    retries: 0,
    heldSince: 0,
    holdUntil: 0,
    closed: 0,
  };
  session.attempt = attempt;
  if (message.will) {
    promptForWill(session, attempt, turn);
    return;
  }
  const full = endDialogue(session, turn); // the one that it had begun, if any
  if (full) {
    attemptRefused(session, attempt, full, turn); // N-1
  } else {
    reachBroker(session, attempt, turn);
  }
}

/** CleanSession drops what waits for the broker with QoS 0 as well (S-4). */
function endConnection(session: Session, cleanSession: boolean, turn: Turn): void {
  if (cleanSession) {
    closeUpstream(session, true, turn);
  } else {
    closeForAnother(session, turn);
  }
}
