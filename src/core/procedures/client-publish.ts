/**
 * PUBLISH from a client (6.6). Nothing is acknowledged before the broker has acknowledged it, and a repeated PUBLISH never becomes a
 * second one at the broker (3.3, T-18): each exchange is known by its MsgId until it ends, and for a while after that.
 */

import { type MessageOf, type Publish, type Qos, RETURN_CODE } from '../../codec/message.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { hostKey } from '../state/path.ts';
import { samePayload } from '../state/payload-digest.ts';
import { type Session, where } from '../state/session.ts';
import { publishRefusal } from '../steps/access.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { publishTo } from '../steps/broker-packets.ts';
import {
  addExchange,
  forwardWaiting,
  isReleaseOut,
  isSafe,
  release,
  takeFromClient,
  takesReleases,
} from '../steps/exchanges.ts';
import { isCondemned, isNamedAlike, letGoIsOver, repeatsFinished, takeBack } from '../steps/finished-publishes.ts';
import { saveExchange } from '../steps/persistence.ts';
import { publishRoomRefusal } from '../steps/publish-room.ts';
import { reject } from '../steps/rejection.ts';
import { showMessage } from '../steps/show-message.ts';
import { topicUsed } from '../steps/topic-use.ts';
import type { Turn } from '../steps/turn.ts';
import { noteOverflow } from '../steps/waiting-publishes.ts';
import { resolvePublish } from '../topics/topic-resolution.ts';
import { endWithClient } from './client-publish-answers.ts';
import { publishByGateway } from './gateway-connection.ts';
import { GIVEN_UP } from './poison.ts';

const { accepted } = RETURN_CODE;

/** PUBLISH with QoS 0, 1 or 2. */
export function receivePublish(session: Session, message: Publish, turn: Turn): void {
  const { names } = turn.settings.clients;
  const resolution = resolvePublish(message, session.clientId, session.topics, turn.shared.predefined, names);
  if ('returnCode' in resolution) {
    if (!repeatsOpen(session, message, turn)) {
      reject(session, message, resolution, turn); // P-2: whatever the QoS
    }
    return;
  }
  const { topic } = resolution;
  const qos = message.qos === -1 ? 0 : message.qos;
  if (qos > 0 && (isRepetition(session, message, topic, turn) || repeatsCondemned(session, message, topic, turn))) {
    return;
  }
  const { retain, data: payload } = message;
  if (session.access !== undefined) {
    const denied = publishRefusal(session.access, { topic, qos, retain, octets: payload.length }, turn);
    if (denied) {
      reject(session, message, denied, turn); // I-118, I-120
      return;
    }
  }
  if (message.topicIdType !== 'normal') {
    topicUsed(message, topic, session.clientId, session.path.key, turn);
  }
  const problem = publishProblem(session.upstream, { topic, payload, retain }, qos);
  if (problem) {
    reject(session, message, { topic, ...problem }, turn); // I-44
    return;
  }
  if (message.qos === 1 || message.qos === 2) {
    startExchange(session, message, message.qos, topic, turn);
  } else {
    publishOnce(session, message, topic, turn);
  }
}

/** P-10: a QoS 0 PUBLISH is never acknowledged; while the broker is away, or takes no more, it waits in a bounded queue (3.5 item 3). */
function publishOnce(session: Session, message: Publish, topic: string, turn: Turn): void {
  session.counters.published++;
  const { upstream, clientId } = session;
  const { data: payload, retain } = message;
  session.lastTopic = topic;
  session.lastOctets = payload.length;
  turn.note({ type: 'client-published', clientId, link: session.path.key, qos: 0 });
  if (turn.shared.watched.messages) {
    showMessage('up', where(session), { topic, payload, qos: 0, retain }, turn);
  }
  if (upstream.takesQos0 && !upstream.shared) {
    upstream.unproven.wrote({ topic, octets: payload.length });
    publishTo(upstream, { packetId: 0, topic, payload, qos: 0, retain, dup: false }, turn);
    return;
  }
  const { path } = session;
  const waiting = { topic, payload, retain, clientId, link: path.key, host: hostKey(path), qos: 0 as const };
  if (upstream.shared) {
    publishByGateway({ ...waiting, mount: upstream.mount }, turn); // one on which the broker closes costs nobody's QoS 1 and 2 (I-72)
    return;
  }
  for (const dropped of turn.shared.offline.push(session, waiting)) {
    noteOverflow(dropped, turn);
  }
}

function startExchange(session: Session, message: Publish, qos: Exclude<Qos, 0>, topic: string, turn: Turn): void {
  const { inbound, clientId } = session;
  const full = publishRoomRefusal(session, message.data.length, turn);
  if (full) {
    reject(session, message, { topic, ...full }, turn); // T-36, P-3
    return;
  }
  const { msgId, topicId, data: payload, retain } = message;
  const exchange: Exchange = {
    purpose: 'exchange',
    number: ++inbound.lastNumber,
    msgId,
    qos,
    topicId,
    predefinedId: message.topicIdType === 'predefined' ? topicId : undefined,
    packetId: 0,
    packetIdsRefused: 0,
    topic,
    payload,
    retain,
    begunAt: turn.now,
    from: session.path,
    isCounted: false,
    role: 'current',
    awaited: true,
    sent: false,
    sentOn: 0,
    received: false,
    receivedAt: undefined,
    told: false,
    askedAgain: false,
    releaseFalls: 0,
    stored: false,
    restored: false,
    released: false,
    releaseSent: false,
    releasedOn: 0,
  };
  if (inbound.letGo.length > 0) {
    letGoIsOver(session, msgId, turn); // the client has gone on
  }
  addExchange(session, exchange, turn);
  inbound.byMsgId.set(msgId, exchange);
  exchange.packetId = session.upstream.takePacketId(exchange);
  session.counters.published++;
  session.lastTopic = topic;
  session.lastOctets = payload.length;
  saveExchange(session, exchange, turn);
  turn.note({ type: 'client-published', clientId, link: session.path.key, qos });
  if (turn.shared.watched.messages) {
    showMessage('up', where(session), exchange, turn);
  }
  forwardWaiting(session, turn); // while the broker is away nothing goes out (3.5 item 6)
}

/** I-42: the PUBLISH that was given up comes again, for its answer was lost: it gets the same one, and the broker is left alone. */
function repeatsCondemned(session: Session, message: Publish, topic: string, turn: Turn): boolean {
  const condemned = isCondemned(session, message, topic, turn);
  if (condemned) {
    reject(session, message, { topic, ...GIVEN_UP }, turn);
  }
  return condemned;
}

/**
 * T-18: a repetition has the MsgId and the content of an open exchange, whatever DUP says, or of a finished one, with DUP. Other content under an
 * open MsgId is another message: the client counts anew, and what it had sent goes on without it.
 */
function isRepetition(session: Session, message: Publish, topic: string, turn: Turn): boolean {
  const open = session.inbound.byMsgId.get(message.msgId);
  if (open && isSame(open, message, topic)) {
    answerAgain(session, open, turn);
  } else if (!isCopyOfSuperseded(session, message, topic)) {
    if (!message.dup || !repeatsFinished(session, message, topic, turn)) {
      if (open) {
        takeFromClient(session, open, 'superseded', turn);
      }
      return false;
    }
    if (!open && isFinishedSafely(session, message.msgId)) {
      answerFinished(session, message, turn); // else it would be taken for the answer to the open one (I-32)
    }
  }
  turn.note({ type: 'duplicate-absorbed', ...where(session), message: 'PUBLISH' });
  return true;
}

/** A pre-defined id that was taken away: what the client has begun with it comes to its end (I-114). */
function repeatsOpen(session: Session, message: Publish, turn: Turn): boolean {
  const open = message.topicIdType === 'predefined' ? session.inbound.byMsgId.get(message.msgId) : undefined;
  if (open === undefined || !isSame(open, message, undefined)) {
    return false;
  }
  answerAgain(session, open, turn);
  turn.note({ type: 'duplicate-absorbed', ...where(session), message: 'PUBLISH' });
  return true;
}

/** A late copy of a message that the client has left for another one: absorbed, and nobody is answered (I-32). */
function isCopyOfSuperseded({ inbound }: Session, message: Publish, topic: string): boolean {
  if (inbound.exchanges.size === inbound.byMsgId.size) {
    return false;
  }
  for (const exchange of inbound.exchanges) {
    if (exchange.role === 'superseded' && isSame(exchange, message, topic)) {
      return true;
    }
  }
  return false;
}

function isSame(exchange: Exchange, message: Publish, topic: string | undefined): boolean {
  const { msgId, qos, retain, data } = message;
  return (
    exchange.msgId === msgId &&
    exchange.qos === qos &&
    exchange.retain === retain &&
    (exchange.topic === topic || isNamedAlike(exchange, message)) &&
    samePayload(exchange.payload, data)
  );
}

/** Before PUBREC the repetition is absorbed, after it PUBREC goes out again, at once or with the broker's new one. */
function answerAgain(session: Session, exchange: Exchange, turn: Turn): void {
  exchange.awaited = true;
  if (!exchange.told && !exchange.received) {
    return;
  }
  exchange.told = true;
  if (isSafe(session, exchange)) {
    turn.send(session, { type: 'PUBREC', msgId: exchange.msgId });
  } else {
    exchange.askedAgain = true;
  }
}

/** False where it was let go, and is on its way to the broker once more. */
function isFinishedSafely(session: Session, msgId: number): boolean {
  const { exchanges, byMsgId } = session.inbound;
  if (exchanges.size === byMsgId.size) {
    return true;
  }
  for (const exchange of exchanges) {
    if (exchange.role === 'let-go' && exchange.msgId === msgId && !isSafe(session, exchange)) {
      return false;
    }
  }
  return true;
}

function answerFinished(session: Session, { qos, topicId, msgId }: Publish, turn: Turn): void {
  if (qos === 1) {
    turn.send(session, { type: 'PUBACK', topicId, msgId, returnCode: accepted });
  } else {
    turn.send(session, { type: 'PUBREC', msgId });
  }
}

/** PUBREL from a client. It goes on to the broker, and PUBCOMP comes back when the broker's has come (3.3). */
export function receivePubRel(session: Session, message: MessageOf<'PUBREL'>, turn: Turn): void {
  const exchange = session.inbound.byMsgId.get(message.msgId) ?? takeBack(session, message.msgId, turn);
  if (exchange === undefined) {
    letGoIsOver(session, message.msgId, turn);
    turn.send(session, { type: 'PUBCOMP', msgId: message.msgId }); // P-8
    return;
  }
  if (exchange.qos !== 2 || !(exchange.told || exchange.restored)) {
    return; // out of step
  }
  exchange.awaited = true;
  exchange.askedAgain = false;
  if (exchange.released) {
    return; // repeated: PUBCOMP is on its way
  }
  exchange.told = true;
  exchange.released = true;
  if (exchange.packetId === 0) {
    endWithClient(session, exchange, turn); // I-35
    return;
  }
  if (!exchange.received) {
    return;
  }
  if (isReleaseOut(session, exchange)) {
    return; // I-80: PUBCOMP is on its way
  }
  if (takesReleases(session)) {
    release(session, exchange, turn);
  } else {
    exchange.sentOn = 0; // PUBREL goes out when the connection takes it
  }
}
