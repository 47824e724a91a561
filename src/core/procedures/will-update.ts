/** Will updates of a connected client (6.4, T-24). */

import { type MessageOf, RETURN_CODE, type ReturnCode, type WillTopicFields } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import type { Session } from '../state/session.ts';
import { isUntold, NO_WILL, type PendingWillUpdate, type WillResponse, type WillState } from '../state/will.ts';
import { willRefusal } from '../steps/access.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { closeForAnother, openUpstream } from '../steps/connection.ts';
import { save, saveExchanges } from '../steps/persistence.ts';
import { type Refusal, reject } from '../steps/rejection.ts';
import type { Turn } from '../steps/turn.ts';
import { CLOSED_LIMIT, closedOnConnect } from '../steps/witness.ts';
import { type NameRule, topicNameProblem } from '../topics/topic-name.ts';

const { accepted, notSupported } = RETURN_CODE;
const INVALID: Refusal = { returnCode: notSupported, reason: 'the will topic or will QoS is not valid' };
const EMPTY = new Uint8Array(0);
const SWITCHED_OFF: Refusal = { returnCode: notSupported, reason: 'will updates are switched off' };

/** W-6: topic of WILLTOPIC or WILLTOPICUPD; undefined: the empty form, which deletes the will (5.4.7, 5.4.22). */
export function willTopicOf(fields: WillTopicFields | undefined, names: NameRule): WillState['topic'] | 'invalid' {
  if (fields === undefined) {
    return undefined;
  }
  const { willTopic, qos, retain } = fields;
  if (qos === -1 || typeof willTopic !== 'string' || topicNameProblem(willTopic, names) !== undefined) {
    return 'invalid';
  }
  return { topic: willTopic, qos, retain };
}

/** WILLTOPICUPD (W-1 to W-3, W-7). */
export function receiveWillTopicUpd(session: Session, message: MessageOf<'WILLTOPICUPD'>, turn: Turn): void {
  const topic = willTopicOf(message.will, turn.settings.clients.names);
  if (turn.settings.clients.willUpdate === 'reject' || topic === 'invalid') {
    reject(session, message, topic === 'invalid' ? INVALID : SWITCHED_OFF, turn);
    return;
  }
  const problem = topic && willProblem(session, topic, session.will.message);
  if (problem) {
    reject(session, message, problem, turn); // I-44
    return;
  }
  const former = session.will;
  save(session, turn);
  session.will = topic === undefined ? NO_WILL : { ...former, topic };
  if (session.upstream.shared && former.topic === undefined && topic !== undefined) {
    saveExchanges(session, turn); // 3.7 item 5: it goes on after a restart from now on
  }
  if (!updateUpstream(session, former, 'WILLTOPICRESP', turn)) {
    turn.send(session, { type: 'WILLTOPICRESP', returnCode: accepted });
  }
}

/** Why the client may not have the new will (I-118), or the gateway could not publish it itself (T-24). */
function willProblem(
  session: Session,
  { topic, qos, retain }: NonNullable<WillState['topic']>,
  message: Uint8Array = EMPTY,
): Refusal | undefined {
  const refusal =
    willRefusal(session, { topic, qos, retain }, message.length) ??
    publishProblem(session.upstream, { topic, retain, payload: message }, qos);
  return refusal && { topic, ...refusal };
}

/** WILLMSGUPD (W-1, W-2, W-4, W-7); without a topic it is kept for one (T-24). */
export function receiveWillMsgUpd(session: Session, message: MessageOf<'WILLMSGUPD'>, turn: Turn): void {
  if (turn.settings.clients.willUpdate === 'reject') {
    reject(session, message, SWITCHED_OFF, turn);
    return;
  }
  const problem = session.will.topic && willProblem(session, session.will.topic, message.willMsg);
  if (problem) {
    reject(session, message, problem, turn); // I-44
    return;
  }
  const former = session.will;
  session.will = { ...former, message: message.willMsg };
  save(session, turn);
  if (!updateUpstream(session, former, 'WILLMSGRESP', turn)) {
    turn.send(session, { type: 'WILLMSGRESP', returnCode: accepted });
  }
}

export function sameOctets(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && one.length === other.length && one.every((octet, index) => octet === other[index]);
}

/** T-24, `willUpdate: reconnect`: for sessions that outlive the connection. */
export function reconnectsForWill(session: Session, turn: Turn): boolean {
  return turn.settings.clients.willUpdate === 'reconnect' && !session.cleanSession && !session.upstream.shared;
}

/**
 * T-24, `willUpdate: reconnect`: a persistent session tells the broker at once, by connecting anew with the new will; the answer
 * comes when the broker has it. False where the new will is only kept here, or the broker has it already.
 */
function updateUpstream(session: Session, former: WillState, response: WillResponse, turn: Turn): boolean {
  if (!reconnectsForWill(session, turn)) {
    return false;
  }
  if (!isUntold(session) && session.willUpdate === undefined) {
    return false;
  }
  session.willUpdate ??= { answers: new Set(), former, closed: 0 };
  session.willUpdate.answers.add(response);
  session.willUpdate.closed = 0;
  if (session.upstream.phase === 'up') {
    reconnectWithWill(session, turn); // else it goes with the next CONNECT
  }
  return true;
}

function reconnectWithWill(session: Session, turn: Turn): void {
  closeForAnother(session, turn); // T-52: the old will must not fire
  openUpstream(session, turn);
}

/** The broker has accepted a CONNECT. True where the will has changed once more since, and another one is under way (T-24). */
export function willUpdateAccepted(session: Session, turn: Turn): boolean {
  if (session.willUpdate === undefined) {
    return false;
  }
  if (isUntold(session)) {
    reconnectWithWill(session, turn);
    return true;
  }
  answerWillUpdate(session, session.willUpdate, accepted, turn);
  return false;
}

/**
 * The broker has closed the connection on a CONNECT. Where it does so again the new will must be the reason (I-43): the former one counts again, for
 * with the new one the client could not be connected any more.
 */
export function willUpdateClosed(session: Session, lost: UpstreamLost, turn: Turn): void {
  const { willUpdate, upstream } = session;
  if (willUpdate === undefined || !closedOnConnect(lost, upstream.begunAt, turn)) {
    return;
  }
  willUpdate.closed++;
  if (willUpdate.closed >= CLOSED_LIMIT) {
    willUpdateRefused(session, turn);
  }
}

/** The broker has refused a CONNECT, which may be for its will: the former one counts again (T-24). True where there was a new one. */
export function willUpdateRefused(session: Session, turn: Turn): boolean {
  const update = withdrawWillUpdate(session, turn);
  if (update !== undefined) {
    answerWillUpdate(session, update, notSupported, turn);
  }
  return update !== undefined;
}

/** An update that the broker has not accepted is none, and the former will counts again: also where a CONNECT is refused meanwhile, which may be for it. */
export function withdrawWillUpdate(session: Session, turn: Turn): PendingWillUpdate | undefined {
  const { willUpdate } = session;
  if (willUpdate !== undefined) {
    session.willUpdate = undefined;
    session.will = willUpdate.former;
    save(session, turn); // else the refused one would be back after a crash
  }
  return willUpdate;
}

function answerWillUpdate(session: Session, update: PendingWillUpdate, returnCode: ReturnCode, turn: Turn): void {
  session.willUpdate = undefined;
  for (const type of update.answers) {
    turn.send(session, { type, returnCode });
  }
}
