/** Will data: the dialogue of the connection set-up (6.2), updates while connected (6.4), and the will of a lost client (T-24). */

import { type MessageOf, RETURN_CODE, type ReturnCode, type WillTopicFields } from '../codec/message.ts';
import { attemptRefused, willMessageGiven, willTopicGiven } from './connect-procedure.ts';
import type { UpstreamAcknowledged } from './input.ts';
import { type Session, where } from './state/session.ts';
import { noWill, type PendingWillUpdate, type WillResponse, type WillState } from './state/will.ts';
import { closeUpstream, openUpstream } from './steps/connection.ts';
import { endFarewell } from './steps/farewell.ts';
import { save } from './steps/persistence.ts';
import type { Turn } from './steps/turn.ts';
import { topicNameProblem } from './topic-name.ts';

const { accepted, notSupported } = RETURN_CODE;

/** WILLTOPIC in the connection set-up; anywhere else it is ignored (C-9). */
export function receiveWillTopic(session: Session, message: MessageOf<'WILLTOPIC'>, turn: Turn): void {
  const { attempt } = session;
  if (attempt?.stage !== 'will-topic') {
    turn.note({ type: 'message-ignored', ...where(session), message: 'WILLTOPIC', reason: 'nobody asked for it' });
    return;
  }
  const topic = willTopicOf(message.will);
  if (topic === 'invalid') {
    attemptRefused(session, attempt, notSupported, 'its will topic or will QoS is not valid', turn); // W-6
  } else {
    willTopicGiven(session, attempt, { topic, message: undefined, changed: false }, turn);
  }
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

/** W-6: topic of WILLTOPIC or WILLTOPICUPD; undefined: the empty form, which deletes the will (5.4.7, 5.4.22). */
function willTopicOf(fields: WillTopicFields | undefined): WillState['topic'] | 'invalid' {
  if (fields === undefined) {
    return undefined;
  }
  const { willTopic, qos, retain } = fields;
  if (qos === -1 || typeof willTopic !== 'string' || topicNameProblem(willTopic) !== undefined) {
    return 'invalid';
  }
  return { topic: willTopic, qos, retain };
}

/** WILLTOPICUPD (W-1 to W-3, W-7). */
export function receiveWillTopicUpd(session: Session, message: MessageOf<'WILLTOPICUPD'>, turn: Turn): void {
  const topic = willTopicOf(message.will);
  const answer = (returnCode: ReturnCode): void => turn.send(session, { type: 'WILLTOPICRESP', returnCode });
  if (turn.settings.willUpdate === 'reject' || topic === 'invalid') {
    const reason = topic === 'invalid' ? 'the will topic or will QoS is not valid' : 'will updates are switched off';
    turn.note({
      type: 'request-rejected',
      ...where(session),
      message: 'WILLTOPICUPD',
      returnCode: notSupported,
      reason,
    });
    answer(notSupported);
    return;
  }
  const former = session.will;
  const same = sameTopic(former.topic, topic);
  save(session, turn);
  session.will =
    topic === undefined
      ? { ...noWill(), changed: former.changed || !same }
      : { ...former, topic, changed: former.changed || !same };
  if (!updateUpstream(session, former, 'WILLTOPICRESP', turn)) {
    answer(accepted);
  }
}

function sameTopic(one: WillState['topic'], other: WillState['topic']): boolean {
  return one?.topic === other?.topic && one?.qos === other?.qos && one?.retain === other?.retain;
}

/** WILLMSGUPD (W-1, W-2, W-4, W-7); without a topic it is kept for one (T-24). */
export function receiveWillMsgUpd(session: Session, message: MessageOf<'WILLMSGUPD'>, turn: Turn): void {
  if (turn.settings.willUpdate === 'reject') {
    const reason = 'will updates are switched off';
    turn.note({ type: 'request-rejected', ...where(session), message: 'WILLMSGUPD', returnCode: notSupported, reason });
    turn.send(session, { type: 'WILLMSGRESP', returnCode: notSupported });
    return;
  }
  const former = session.will;
  const changed = former.changed || (former.topic !== undefined && !sameOctets(former.message, message.willMsg));
  session.will = { ...former, message: message.willMsg, changed };
  save(session, turn);
  if (!updateUpstream(session, former, 'WILLMSGRESP', turn)) {
    turn.send(session, { type: 'WILLMSGRESP', returnCode: accepted });
  }
}

function sameOctets(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && one.length === other.length && one.every((octet, index) => octet === other[index]);
}

/** T-24, `willUpdate: reconnect`: for sessions that outlive the connection. */
export function reconnectsForWill(session: Session, turn: Turn): boolean {
  return turn.settings.willUpdate === 'reconnect' && !session.cleanSession;
}

/**
 * T-24, `willUpdate: reconnect`: a persistent session tells the broker at once, by connecting anew with the new will; the answer
 * comes when the broker has it. False where the new will is only kept here, or the broker has it already.
 */
function updateUpstream(session: Session, former: WillState, response: WillResponse, turn: Turn): boolean {
  if (!reconnectsForWill(session, turn)) {
    return false;
  }
  if (!session.will.changed && session.willUpdate === undefined) {
    return false;
  }
  session.willUpdate ??= { answers: new Set(), former };
  session.willUpdate.answers.add(response);
  if (session.upstream.phase === 'up') {
    reconnectWithWill(session, turn); // else it goes with the next CONNECT
  }
  return true;
}

function reconnectWithWill(session: Session, turn: Turn): void {
  closeUpstream(session, true, turn); // T-52: DISCONNECT first, the old will must not fire
  openUpstream(session, false, turn);
}

/** The broker has accepted a CONNECT. True where the will has changed once more since, and another one is under way (T-24). */
export function willUpdateAccepted(session: Session, turn: Turn): boolean {
  if (session.willUpdate === undefined) {
    return false;
  }
  if (session.will.changed) {
    reconnectWithWill(session, turn);
    return true;
  }
  answerWillUpdate(session, session.willUpdate, accepted, turn);
  return false;
}

/** The broker has refused a CONNECT, which may be for its will: the former one counts again (T-24). True where there was a new one. */
export function willUpdateRefused(session: Session, turn: Turn): boolean {
  if (session.willUpdate === undefined) {
    return false;
  }
  session.will = session.willUpdate.former;
  answerWillUpdate(session, session.willUpdate, notSupported, turn);
  return true;
}

function answerWillUpdate(session: Session, update: PendingWillUpdate, returnCode: ReturnCode, turn: Turn): void {
  session.willUpdate = undefined;
  for (const type of update.answers) {
    turn.send(session, { type, returnCode });
  }
}

/** The broker's answer to the will; true where it was that. PUBREL is sent at once: the client has nothing to say to it. */
export function farewellAcknowledged(session: Session, input: UpstreamAcknowledged, turn: Turn): boolean {
  if (session.farewell?.packetId !== input.packetId) {
    return false;
  }
  if (input.packet === 'PUBREC' && input.reasonCode < 0x80) {
    turn.emit({ type: 'upstream-release', connection: input.connection, packetId: input.packetId });
  } else {
    endFarewell(session, turn);
  }
  return true;
}
