/** The connection of a client to the broker stands, is refused, or is lost (3.5). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { type ConnectAttempt, isPrompting } from '../state/connect-attempt.ts';
import { type Session, where } from '../state/session.ts';
import { SHORT_LIVED } from '../state/suspicion.ts';
import { noteUnproven } from '../steps/broker-faults.ts';
import {
  connectionSettled,
  forgetConnection,
  isAttemptPending,
  openUpstream,
  retryLater,
} from '../steps/connection.ts';
import { windowMoved } from '../steps/delivery-outcome.ts';
import { dismiss } from '../steps/endings.ts';
import { takeBackReleases } from '../steps/exchanges.ts';
import { endFarewell } from '../steps/farewell.ts';
import { partDone } from '../steps/parts.ts';
import { saveLater } from '../steps/persistence.ts';
import { connectReturnCode, refusalOf } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { askBroker, cameBackSince, ownStoodSince, UNREACHABLE } from '../steps/witness.ts';
import { attemptRefused, attemptUpstreamDown, attemptUpstreamUp } from './connect-outcome.ts';
import { pump } from './gateway-publish.ts';
import { suspectUnanswered } from './poison.ts';
import { resumeUpstream } from './upstream-resume.ts';
import { willUpdateAccepted, willUpdateClosed, willUpdateRefused } from './will-update.ts';

/** Short-lived connections in a row: somebody else has the client id (T-51). */
const SHORT_LIVED_LIMIT = 3;

/** How often it is looked whether an attempt that decides over a client has its answer. */
const LOOK_AGAIN: Millis = 1_000;

const TAKEN_OVER = 'its client id connected to the broker elsewhere';

/** The CONNECT that waits for the broker. That of a sleeper which is still asked for its will does not: its connection is that of the session (T-04). */
function attemptAtBroker({ attempt }: Session): ConnectAttempt | undefined {
  return attempt && !isPrompting(attempt) ? attempt : undefined;
}

/** CONNACK(accepted) of the broker. */
export function upstreamConnected(session: Session, input: UpstreamConnected, turn: Turn): void {
  const { upstream } = session;
  const isAskedClean = session.asksClean && !upstream.shared;
  const sessionPresent = input.sessionPresent && !isAskedClean; // it can have none then, whatever it says
  upstream.stands({ ...input, sessionPresent }, turn.now);
  turn.directory.notePrefix(upstream.prefix ?? '');
  if (upstream.ownSince !== undefined && !upstream.shared) {
    upstream.ownSince = undefined; // I-158: its client has it again
    upstream.owesSession &&= !sessionPresent; // it has been whole all the while
    saveLater(session, turn);
  }
  const attempt = attemptAtBroker(session);
  upstream.redelivering = sessionPresent && attempt === undefined;
  if (upstream.redelivering || session.sleep?.barrier === 'asked') {
    windowMoved(session); // I-18: no answer comes to what was asked on the connection before
  }
  connectionSettled(input.connection, turn);
  turn.deadlines.clear(session, 'grace');
  if (!upstream.shared) {
    turn.note({ type: 'upstream-up', ...where(session), sessionPresent });
  }
  if (attempt) {
    attemptUpstreamUp(session, attempt, sessionPresent, turn);
    return;
  }
  if (willUpdateAccepted(session, turn)) {
    return;
  }
  resumeUpstream(session, sessionPresent, turn);
}

/** CONNACK of the broker with a refusal. */
export function upstreamRefused(session: Session, input: UpstreamRefused, turn: Turn): void {
  session.upstream.madeNoSession();
  forgetConnection(session, turn);
  const reason = refusalOf(input);
  const returnCode = connectReturnCode(input.protocolVersion, input.reasonCode);
  const attempt = attemptAtBroker(session);
  if (attempt) {
    attemptRefused(session, attempt, { returnCode, reason }, turn);
    return;
  }
  const triedWill = returnCode === RETURN_CODE.notSupported && willUpdateRefused(session, turn); // what may pass is tried again
  // a refusal for good: the client learns it by its next CONNECT; a sleeper sleeps on
  if (returnCode === RETURN_CODE.notSupported && session.state === 'active' && !triedWill) {
    dismiss(session, reason, turn);
  } else {
    attemptFailed(session, reason, turn);
  }
}

/** The connection could not be made, or broke. */
export function upstreamLost(session: Session, input: UpstreamLost, turn: Turn): void {
  const { upstream } = session;
  const stood = upstream.phase === 'up';
  if (input.unsent) {
    upstream.madeNoSession();
  }
  upstream.fell(turn.now);
  if (stood) {
    turn.shared.reachability.falls++;
    noteUnproven(where(session), upstream, turn);
    countShort(session, input, suspectUnanswered(session, input, turn), turn);
    if (input.kept) {
      takeBackReleases(session, input.kept.packetIds, turn);
    }
  } else {
    upstream.shortLived = 0; // the broker was away: nobody else needs to have the client id
  }
  forgetConnection(session, turn);
  if (session.farewell) {
    endFarewell(session, turn);
    return;
  }
  if (session.attempt && attemptUpstreamDown(session, session.attempt, input, turn)) {
    return;
  }
  if (input.takenOver && !session.isGone) {
    turn.note({ type: 'upstream-down', ...where(session), reason: input.reason, retryIn: undefined });
    dismiss(session, TAKEN_OVER, turn); // 3.5 item 8, T-51
    return;
  }
  if (!stood) {
    willUpdateClosed(session, input, turn);
  }
  attemptFailed(session, input.reason, turn);
  if (session.state === 'awake') {
    pump(session, turn); // nothing more comes in this awake period
  }
}

/**
 * Counts connections in a row that the broker ended right away while the own one stood. A reason that it gave tells that it was no take-over;
 * where something was out, that may have been the reason: it tells nothing.
 */
function countShort(session: Session, input: UpstreamLost, idle: boolean, turn: Turn): void {
  const { upstream } = session;
  const { upSince } = upstream;
  if (input.ours || turn.now - upSince >= SHORT_LIVED) {
    upstream.shortLived = 0;
    return;
  }
  turn.shared.shortFalls.fell(session, turn.now);
  if (input.reasonCode !== undefined || !ownStoodSince(upSince, turn)) {
    upstream.shortLived = 0;
    return;
  }
  if (!idle) {
    return;
  }
  if (upstream.shortLived === 0 || !ownStoodSince(upstream.shortLivedSince, turn)) {
    upstream.shortLived = 0; // the own connection fell a moment after one of them
    upstream.shortLivedSince = upSince;
  }
  upstream.shortLived++;
}

/** The pause before the next attempt is over. By now it is known who else fell (I-12). */
export function pauseOver(session: Session, turn: Turn): void {
  const { shortLived, shortLivedSince } = session.upstream;
  if (
    !session.isGone && // I-159
    shortLived >= SHORT_LIVED_LIMIT &&
    ownStoodSince(shortLivedSince, turn) &&
    !turn.shared.shortFalls.othersSince(session, shortLivedSince)
  ) {
    dismiss(session, TAKEN_OVER, turn); // T-51
    return;
  }
  openUpstream(session, turn);
}

/**
 * The broker did not answer, or fell away. Where the grace time was over already, that was the answer that it waited for, unless the attempt had begun
 * before the broker was back (I-41).
 */
function attemptFailed(session: Session, reason: string, turn: Turn): void {
  const { state, upstream } = session;
  const decides = state === 'active' && upstream.graceOver;
  if (decides && !cameBackSince(upstream.begunAt, turn)) {
    turn.note({ type: 'upstream-down', ...where(session), reason, retryIn: undefined });
    dismiss(session, UNREACHABLE, turn);
    return;
  }
  retryLater(session, reason, turn, decides);
}

/**
 * The grace time is over (3.5 item 4). An attempt of the session's own that is under way, or comes since the broker is back, decides first; where
 * only a pause of the session's own is not over, that attempt begins now; and where the broker is away the own connection tries (I-41).
 */
export function graceOver(session: Session, turn: Turn): void {
  if (session.state !== 'active') {
    return;
  }
  const { upstream } = session;
  const { away } = turn.shared.reachability;
  const isPending = isAttemptPending(session, turn);
  const isPause = upstream.phase === 'waiting' && !away;
  const isAsked = away && (!upstream.graceOver || turn.shared.gatewayLink.upstream.phase === 'connecting');
  if (!isPending && !isPause && !isAsked) {
    dismiss(session, UNREACHABLE, turn);
    return;
  }
  upstream.graceOver = true;
  const lookFrom = isAsked ? askBroker(turn) : turn.now;
  turn.deadlines.set(session, 'grace', lookFrom + LOOK_AGAIN);
  if (isPause && (!isPending || turn.deadlines.has(session, 'reconnect'))) {
    pauseOver(session, turn);
  }
}

/** The own connection broke, or could not be made: whoever has waited for that since the end of its grace time has its answer (I-41). */
export function dismissOverdue(turn: Turn): void {
  const { reachability } = turn.shared;
  if (!reachability.away) {
    return;
  }
  for (const session of [...reachability.waiting]) {
    if (session.state === 'active' && session.upstream.graceOver) {
      turn.current = session;
      dismiss(session, UNREACHABLE, turn);
      partDone(turn);
    }
  }
}
