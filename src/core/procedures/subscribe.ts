/**
 * SUBSCRIBE and UNSUBSCRIBE (6.9). One of them is at the broker at a time, further ones wait (U-7, T-36); a repeated one is answered
 * as before and never goes to the broker twice (U-11). Subscriptions are restored where the broker has lost them (3.4).
 */

import { type MessageOf, RETURN_CODE, type SubAck, type TopicReference, type UnsubAck } from '../../codec/message.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import { overtake } from '../state/overtaken.ts';
import { type Session, where } from '../state/session.ts';
import type { Request } from '../state/subscribe-state.ts';
import { joined } from '../state/subscription-table.ts';
import { subscribeRefusal } from '../steps/access.ts';
import { filterProblem } from '../steps/broker-limits.ts';
import { subscribeAt, unsubscribeAt } from '../steps/broker-packets.ts';
import { groupRefusal } from '../steps/groups.ts';
import { save } from '../steps/persistence.ts';
import { type Refusal, reject } from '../steps/rejection.ts';
import { followRenamed } from '../steps/renamed-topics.ts';
import { restLater } from '../steps/rest.ts';
import { PACKET_ID_IN_USE, PACKET_ID_TRIES, subscribeReturnCode } from '../steps/return-codes.ts';
import { forgetAnswers, forgetSubscription, noteAnswered, oweUnsubscribe, writeDown } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { refusedBy } from '../steps/witness.ts';
import { markKnown } from '../topics/topic-registry.ts';
import { pump } from './gateway-publish.ts';
import { resolveFilter, resolveSubscribed } from './subscribe-topic.ts';

const { accepted, congestion } = RETURN_CODE;

/** Requests of a client that wait, and what the broker has not answered of those that it has left (I-53). */
const MAX_REQUESTS = 16;

const REMEMBERED = 4;

/** SUBSCRIBE from a client. */
export function receiveSubscribe(session: Session, message: MessageOf<'SUBSCRIBE'>, turn: Turn): void {
  const { msgId, qos } = message;
  const reference = `${qos} ${referenceOf(message.topic)}`;
  if (isRepetition(session, 'SUBSCRIBE', msgId, reference, turn)) {
    return;
  }
  const resolved = resolveFilter(session, message, turn);
  if ('returnCode' in resolved) {
    refuse(session, { msgId, reference }, resolved, turn);
  } else if (session.subscribing.requests.length >= MAX_REQUESTS) {
    const reason = 'too many requests are waiting';
    refuse(session, { msgId, reference, ...resolved }, { returnCode: congestion, reason }, turn);
  } else {
    session.subscribing.requests.push({
      purpose: 'request',
      type: 'SUBSCRIBE',
      msgId,
      reference,
      ...resolved,
      packetId: 0,
      packetIdsRefused: 0,
    });
    startRequest(session, turn);
  }
}

/** UNSUBSCRIBE from a client; it is always answered (U-9). */
export function receiveUnsubscribe(session: Session, message: MessageOf<'UNSUBSCRIBE'>, turn: Turn): void {
  const { msgId } = message;
  const reference = referenceOf(message.topic);
  if (isRepetition(session, 'UNSUBSCRIBE', msgId, reference, turn)) {
    return;
  }
  const { subscribing } = session;
  const named = resolveFilter(session, { ...message, qos: 0 }, turn);
  const resolved = 'returnCode' in named ? (resolveSubscribed(session, message.topic) ?? named) : named;
  if ('returnCode' in resolved || subscribing.requests.length >= MAX_REQUESTS) {
    answer(session, { reference, filter: undefined }, { type: 'UNSUBACK', msgId }, turn); // U-9: there is no code to refuse
    return;
  }
  subscribing.requests.push({
    purpose: 'request',
    type: 'UNSUBSCRIBE',
    msgId,
    reference,
    ...resolved,
    packetId: 0,
    packetIdsRefused: 0,
  });
  startRequest(session, turn);
}

function referenceOf(topic: TopicReference): string {
  if (topic.topicIdType === 'predefined') {
    return `predefined ${topic.topicId}`;
  }
  return topic.topicIdType === 'reserved' ? 'reserved' : `${topic.topicIdType} ${topic.topicName}`;
}

/** U-11: pending requests absorb their repetition, answered ones give the same answer again. */
function isRepetition(session: Session, type: Request['type'], msgId: number, reference: string, turn: Turn): boolean {
  const { requests, answered } = session.subscribing;
  const pending = requests.some((r) => r.type === type && r.msgId === msgId && r.reference === reference);
  const ack = type === 'SUBSCRIBE' ? 'SUBACK' : 'UNSUBACK';
  const known = answered.find(
    (a) => a.answer.type === ack && a.answer.msgId === msgId && a.reference === reference && turn.now <= a.until,
  );
  if (!pending && known === undefined) {
    return false;
  }
  if (!pending && known) {
    turn.send(session, known.answer);
  }
  turn.note({ type: 'duplicate-absorbed', ...where(session), message: type });
  return true;
}

/** What an answer is about: the request that may come again, and the filter. */
interface Subject {
  readonly reference: string;
  readonly filter: string | undefined;
}

function answer(session: Session, subject: Subject, message: SubAck | UnsubAck, turn: Turn): void {
  remember(session, subject, message, turn);
  turn.send(session, message);
}

function remember(session: Session, { reference, filter }: Subject, message: SubAck | UnsubAck, turn: Turn): void {
  const { subscribing } = session;
  if (filter !== undefined) {
    forgetAnswers(session, filter);
  }
  const until = turn.now + turn.retryWindow(session.path);
  const latest = { reference, filter, answer: message, until };
  subscribing.answered = subscribing.answered.slice(1 - REMEMBERED).concat(latest);
  restLater(session, until, turn);
}

/** U-5. A congested client tries again, so that answer is not remembered. */
function refuse(
  session: Session,
  { msgId, reference, subscription }: Pick<Request, 'msgId' | 'reference'> & Partial<Request>,
  refusal: Refusal,
  turn: Turn,
): void {
  const { returnCode } = refusal;
  if (returnCode !== congestion) {
    const subAck: SubAck = { type: 'SUBACK', qos: 0, topicId: 0, msgId, returnCode };
    remember(session, { reference, filter: undefined }, subAck, turn);
  }
  const about = subscription && { topic: subscription.filter };
  reject(session, { type: 'SUBSCRIBE', msgId }, { ...about, ...refusal }, turn);
}

/** Brings the first request to the broker. While the broker is away a SUBSCRIBE waits, an UNSUBSCRIBE is answered here (3.5 item 3). */
function startRequest(session: Session, turn: Turn): void {
  const { requests, subscriptions } = session.subscribing;
  const { upstream } = session;
  for (;;) {
    const first = requests[0];
    if (first === undefined || first.packetId !== 0) {
      return;
    }
    const { filter } = first.subscription;
    if (first.type === 'SUBSCRIBE') {
      if (!upstream.takes || isBusy(session)) {
        return;
      }
      const problem = subscribeRefusal(session, filter) ?? filterProblem(upstream, filter);
      if (problem) {
        requests.shift();
        refuse(session, first, problem, turn); // I-44, I-122
        continue;
      }
      first.packetId = upstream.takePacketId(first);
      sendRequest(session, first, turn);
      return;
    }
    const brokerMayHaveIt = subscriptions.has(filter) || !session.cleanSession; // its sessions outlive this process
    if (brokerMayHaveIt && upstream.takes) {
      if (isBusy(session)) {
        return;
      }
      first.packetId = upstream.takePacketId(first);
      sendRequest(session, first, turn);
      return;
    }
    if (brokerMayHaveIt) {
      oweUnsubscribe(session, filter, turn);
      save(session, turn); // UNSUBACK says that it is done
    }
    finishUnsubscribe(session, first, turn);
  }
}

/** A client that asks and leaves again and again, on a connection that goes on, has no more out on it than others (I-53). */
function isBusy({ upstream }: Session): boolean {
  return upstream.countFor('restoring', 'unsubscribing') >= MAX_REQUESTS;
}

/** Sends it to the broker (again). */
export function sendRequest(session: Session, request: Request, turn: Turn): void {
  const { packetId } = request;
  const { upstream } = session;
  request.sentOn = upstream.connection;
  upstream.packetSent(packetId);
  const { filter, qos } = request.subscription;
  overtake(upstream, filter);
  request.overtaken = false;
  if (request.type === 'SUBSCRIBE') {
    writeDown(session, filter, turn);
    subscribeAt(upstream, { packetId, filter, qos }, turn);
  } else {
    unsubscribeAt(upstream, { packetId, filter, ...(upstream.shared && { drops: true }) }, turn);
  }
}

/** SUBACK of the broker for a client's SUBSCRIBE. */
export function subscribeAcknowledged(session: Session, request: Request, said: UpstreamSubscribed, turn: Turn): void {
  const { reasonCode, unreachable } = said;
  const { subscriptions, requests } = session.subscribing;
  const { subscription, msgId, reference, topicId } = request;
  const { filter } = subscription;
  if (reasonCode === PACKET_ID_IN_USE && request.packetIdsRefused++ < PACKET_ID_TRIES) {
    const refused = request.packetId;
    request.packetId = session.upstream.takePacketId(request); // 3.6, 0x91
    session.upstream.freePacketId(refused);
    sendRequest(session, request, turn);
    return;
  }
  requests.shift();
  session.upstream.freePacketId(request.packetId);
  noteAnswered(session, turn);
  const topic = session.topics.byName(filter);
  const returnCode = subscribeReturnCode(reasonCode);
  const denied = returnCode === accepted ? groupRefusal(session, filter) : undefined;
  if (denied) {
    if (!request.overtaken) {
      oweUnsubscribe(session, filter, turn); // I-135: the rules have changed since it was asked, and it has not been told
    }
    refuse(session, request, denied, turn);
  } else if (returnCode === accepted && (reasonCode === 0 || reasonCode === 1 || reasonCode === 2)) {
    subscriptions.set(filter, joined(subscriptions.get(filter), { ...subscription, qos: reasonCode })); // U-12, T-16
    session.subscribing.owed.delete(filter);
    save(session, turn);
    if (topic && topic.topicId === topicId && subscription.predefinedId === undefined) {
      markKnown(topic);
    }
    answer(session, { reference, filter }, { type: 'SUBACK', qos: reasonCode, topicId, msgId, returnCode }, turn);
    turn.note({ type: 'subscribed', ...where(session), filter, qos: reasonCode });
    followRenamed(session, turn); // while it was asked for (I-113)
  } else {
    if (topic && subscription.predefinedId === undefined) {
      topic.known = false; // 3.6
    }
    refuse(session, request, { returnCode, reason: refusedBy(unreachable) }, turn);
  }
  startRequest(session, turn);
  pump(session, turn); // T-39
}

/** The broker closes the connection on it (I-42): SUBACK 0x03, or UNSUBACK, for which there is no other answer. */
export function giveUpRequest(session: Session, request: Request, refusal: Refusal, turn: Turn): void {
  session.upstream.freePacketId(request.packetId);
  noteAnswered(session, turn);
  if (request.type === 'UNSUBSCRIBE') {
    finishUnsubscribe(session, request, turn);
    return;
  }
  session.subscribing.requests.shift();
  refuse(session, request, refusal, turn);
}

/** UNSUBACK of the broker for a client's UNSUBSCRIBE. */
export function unsubscribeAcknowledged(session: Session, request: Request, turn: Turn): void {
  if (!request.overtaken) {
    session.subscribing.owed.delete(request.subscription.filter);
  }
  session.upstream.freePacketId(request.packetId);
  finishUnsubscribe(session, request, turn);
  startRequest(session, turn);
  pump(session, turn);
}

function finishUnsubscribe(session: Session, request: Request, turn: Turn): void {
  const { filter } = request.subscription;
  session.subscribing.requests.shift();
  if (session.subscribing.subscriptions.has(filter) && !request.overtaken) {
    forgetSubscription(session, filter, turn);
  }
  answer(session, { reference: request.reference, filter }, { type: 'UNSUBACK', msgId: request.msgId }, turn);
}

/** The connection stands (again): the request that was at the broker goes there once more, then the others. */
export function resumeRequests(session: Session, turn: Turn): void {
  const { requests } = session.subscribing;
  const first = requests[0];
  if (first === undefined || first.packetId === 0) {
    startRequest(session, turn);
  } else if (first.sentOn !== session.upstream.connection) {
    sendRequest(session, first, turn);
  }
}
