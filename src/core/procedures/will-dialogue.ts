/** The will dialogue of the connection set-up (6.2; C-2, C-3, C-7, C-9). */

import { type MessageOf, RETURN_CODE } from '../../codec/message.ts';
import type { ConnectAttempt } from '../state/connect-attempt.ts';
import { type Session, where } from '../state/session.ts';
import type { WillState } from '../state/will.ts';
import { willRefusal } from '../steps/access.ts';
import { abandonAttempt } from '../steps/endings.ts';
import type { Turn } from '../steps/turn.ts';
import { attemptRefused, reachBroker, settleWithout } from './connect-outcome.ts';
import { endDialogue } from './session-room.ts';
import { sameOctets, willTopicOf } from './will-update.ts';

const { accepted, notSupported } = RETURN_CODE;

/** C-2, C-7: asks for what is missing, and waits T_retry for it. */
export function promptForWill(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  promptAgain(session, attempt, turn);
  turn.deadlines.set(session, 'will', turn.answerDue(attempt.path));
}

/**
 * C-8: the same CONNECT has come again. The deadline stays: a client that has lost its memory behind WILLTOPIC waits for WILLTOPICREQ, and gets it
 * when this attempt is over.
 */
export function promptAgain(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  turn.send(session, { type: attempt.stage === 'will-topic' ? 'WILLTOPICREQ' : 'WILLMSGREQ' });
}

/** C-7: the client did not answer the prompt. */
export function willDue(session: Session, turn: Turn): void {
  const { attempt } = session;
  if (!attempt) {
    return;
  }
  if (attempt.retries >= turn.settings.timing.retryCount) {
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

/** WILLTOPIC in the connection set-up; anywhere else it is ignored (C-9). */
export function receiveWillTopic(session: Session, message: MessageOf<'WILLTOPIC'>, turn: Turn): void {
  const { attempt } = session;
  if (attempt?.stage !== 'will-topic') {
    turn.note({ type: 'message-ignored', ...where(session), message: 'WILLTOPIC', reason: 'nobody asked for it' });
    return;
  }
  const topic = willTopicOf(message.will, turn.settings.clients.names);
  if (topic === 'invalid') {
    const reason = 'its will topic or will QoS is not valid';
    attemptRefused(session, attempt, { returnCode: notSupported, reason }, turn); // W-6
    return;
  }
  const denied = willRefusal(session, topic, 0);
  if (denied) {
    attemptRefused(session, attempt, denied, turn); // I-118
  } else {
    willTopicGiven(session, attempt, { topic, message: undefined }, turn);
  }
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

/** WILLMSG in the connection set-up; anywhere else it is ignored (C-9). */
export function receiveWillMsg(session: Session, message: MessageOf<'WILLMSG'>, turn: Turn): void {
  const { attempt } = session;
  if (attempt?.stage === 'will-message') {
    willMessageGiven(session, attempt, message, turn);
  } else {
    turn.note({ type: 'message-ignored', ...where(session), message: 'WILLMSG', reason: 'nobody asked for it' });
  }
}

/** The will message of the dialogue (C-2). */
export function willMessageGiven(
  session: Session,
  attempt: ConnectAttempt,
  message: MessageOf<'WILLMSG'>,
  turn: Turn,
): void {
  const denied = willRefusal(session, attempt.will?.topic, message.willMsg.length);
  if (denied) {
    attemptRefused(session, attempt, denied, turn); // I-118
    return;
  }
  if (attempt.will) {
    attempt.will = { ...attempt.will, message: message.willMsg };
  }
  finishDialogue(session, attempt, turn);
}

function finishDialogue(session: Session, attempt: ConnectAttempt, turn: Turn): void {
  turn.deadlines.clear(session, 'will');
  const full = endDialogue(session, turn);
  if (full) {
    attemptRefused(session, attempt, full, turn); // N-1
    return;
  }
  attempt.stage = 'upstream';
  reachBroker(session, attempt, turn);
}

/**
 * I-28: the client has not got CONNACK and repeats what ended its will dialogue (2.12): the same, with nothing else heard since. It gets
 * CONNACK again; true where it was that.
 */
export function answeredWillAgain(session: Session, message: MessageOf<'WILLTOPIC' | 'WILLMSG'>, turn: Turn): boolean {
  const { accepted: connect, state, will } = session;
  if (state !== 'active' || connect?.endedBy !== message.type || turn.now > connect.until) {
    return false;
  }
  const same = message.type === 'WILLTOPIC' ? message.will === undefined : sameOctets(will.message, message.willMsg);
  if (!same) {
    return false;
  }
  turn.send(session, { type: 'CONNACK', returnCode: accepted });
  turn.note({ type: 'duplicate-absorbed', ...where(session), message: message.type });
  return true;
}
