/**
 * PUBLISH from a client (6.6). Nothing is acknowledged before the broker has acknowledged it, and a repeated PUBLISH never becomes a
 * second one at the broker (3.3, T-18): each exchange is known by its MsgId until it ends, and for a while after that.
 */

import { type MessageOf, type Publish, type Qos, RETURN_CODE, type ReturnCode } from '../../codec/message.ts';
import type { UpstreamAcknowledged } from '../contract/input.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { endExchange, forward, forwardWaiting, release } from '../steps/exchanges.ts';
import { saveExchange } from '../steps/persistence.ts';
import { reject } from '../steps/rejection.ts';
import { PACKET_ID_IN_USE, PACKET_ID_TRIES, publishReturnCode } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { noteOverflow } from '../steps/waiting-publishes.ts';
import { resolvePublish } from '../topics/topic-resolution.ts';
import { GIVEN_UP } from './poison.ts';
import { sameOctets } from './will-update.ts';

const { accepted, congestion } = RETURN_CODE;

/** Finished exchanges that are remembered for each client (3.3). */
const REMEMBERED = 16;

/** PUBLISH with QoS 0, 1 or 2. */
export function receivePublish(session: Session, message: Publish, turn: Turn): void {
  if (message.qos > 0 && isRepetition(session, message, turn)) {
    return;
  }
  const { names } = turn.settings.clients;
  const resolution = resolvePublish(message, session.clientId, session.topics, turn.shared.predefined, names);
  if ('returnCode' in resolution) {
    reject(session, message, resolution, turn); // P-2: whatever the QoS
    return;
  }
  const { topic } = resolution;
  const qos = message.qos === -1 ? 0 : message.qos;
  const { retain, data: payload } = message;
  const problem = publishProblem(session.upstream.limits, { topic, payload, retain }, qos);
  if (problem) {
    reject(session, message, problem, turn); // I-44
    return;
  }
  if (isCondemned(session, message, topic, turn)) {
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
  turn.note({ type: 'client-published', clientId, link: session.path.key, qos: 0 });
  if (upstream.takesQos0) {
    upstream.qos0Sent();
    turn.emit({
      type: 'upstream-publish',
      connection: upstream.connection,
      packetId: 0,
      topic,
      payload,
      qos: 0,
      retain,
      dup: false,
    });
    return;
  }
  const waiting = { topic, payload, retain, clientId, link: session.path.key, qos: 0 as const };
  for (const dropped of turn.shared.offline.push(session, waiting)) {
    noteOverflow(dropped, turn);
  }
}

function startExchange(session: Session, message: Publish, qos: Exclude<Qos, 0>, topic: string, turn: Turn): void {
  const { inbound, clientId } = session;
  if (inbound.exchanges.size >= turn.settings.clients.maxInflight) {
    const reason = 'too many publishes are under way';
    reject(session, message, { returnCode: congestion, reason }, turn); // T-36, P-3
    return;
  }
  const { msgId, topicId, data: payload, retain } = message;
  const state = {
    packetIdsRefused: 0,
    sent: false,
    sentOn: 0,
    received: false,
    told: false,
    stored: false,
    restored: false,
    released: false,
  };
  const exchange: Exchange = {
    purpose: 'exchange',
    msgId,
    qos,
    topicId,
    packetId: 0,
    topic,
    payload,
    retain,
    ...state,
  };
  inbound.exchanges.set(msgId, exchange);
  exchange.packetId = session.upstream.takePacketId(exchange);
  session.counters.published++;
  saveExchange(session, exchange, turn);
  turn.note({ type: 'client-published', clientId, link: session.path.key, qos });
  forwardWaiting(session, turn); // while the broker is away nothing goes out (3.5 item 6)
}

/** I-42: the PUBLISH that was given up comes again, for its answer was lost: it gets the same one, and the broker is left alone. */
function isCondemned(session: Session, message: Publish, topic: string, turn: Turn): boolean {
  const { condemned } = session.upstream.suspicion;
  if (condemned === undefined || message.qos <= 0 || turn.now > condemned.until) {
    return false;
  }
  const { msgId, qos, retain, payload, topic: former } = condemned.exchange;
  const same = message.msgId === msgId && message.qos === qos && message.retain === retain && topic === former;
  if (!same || !sameOctets(payload, message.data)) {
    return false;
  }
  reject(session, message, GIVEN_UP, turn);
  return true;
}

/** T-18, 3.3: the MsgId decides, whatever DUP says; only for finished exchanges DUP has to be set. */
function isRepetition(session: Session, message: Publish, turn: Turn): boolean {
  const exchange = session.inbound.exchanges.get(message.msgId);
  if (exchange) {
    // before PUBREC the repetition is absorbed, after it PUBREC goes out again
    if (exchange.told) {
      turn.send(session, { type: 'PUBREC', msgId: exchange.msgId });
    }
  } else {
    const { msgId, qos, topicId, dup } = message;
    const finished =
      dup &&
      session.inbound.finished.find(
        (f) => f.msgId === msgId && f.qos === qos && f.topicId === topicId && turn.now <= f.until,
      );
    if (!finished) {
      return false;
    }
    if (qos === 1) {
      turn.send(session, { type: 'PUBACK', topicId, msgId, returnCode: accepted });
    } else {
      turn.send(session, { type: 'PUBREC', msgId });
    }
  }
  turn.note({ type: 'duplicate-absorbed', ...where(session), message: 'PUBLISH' });
  return true;
}

/** PUBREL from a client. It goes on to the broker, and PUBCOMP comes back when the broker's has come (3.3). */
export function receivePubRel(session: Session, message: MessageOf<'PUBREL'>, turn: Turn): void {
  const exchange = session.inbound.exchanges.get(message.msgId);
  if (exchange === undefined) {
    turn.send(session, { type: 'PUBCOMP', msgId: message.msgId }); // P-8
    return;
  }
  if (exchange.qos !== 2 || !(exchange.told || exchange.restored) || exchange.released) {
    return; // out of step, or repeated: PUBCOMP is on its way
  }
  exchange.told = true;
  exchange.released = true;
  saveExchange(session, exchange, turn);
  if (!exchange.received) {
    return;
  }
  if (session.upstream.takes) {
    release(session, exchange, turn);
  } else {
    exchange.sentOn = 0; // PUBREL goes out when the connection takes it
  }
}

/** PUBACK, PUBREC or PUBCOMP of the broker for a client's PUBLISH. */
export function clientPublishAcknowledged(
  session: Session,
  exchange: Exchange,
  input: UpstreamAcknowledged,
  turn: Turn,
): void {
  if (input.reasonCode === PACKET_ID_IN_USE && exchange.packetIdsRefused < PACKET_ID_TRIES) {
    changePacketId(session, exchange, turn);
    return;
  }
  if (input.packet === 'PUBREC' && exchange.qos === 2) {
    brokerReceived(session, exchange, input.reasonCode, turn);
    return;
  }
  if (input.packet !== (exchange.qos === 1 ? 'PUBACK' : 'PUBCOMP')) {
    return;
  }
  if (exchange.qos === 1) {
    answerPublish(session, exchange, publishReturnCode(input.reasonCode), turn); // P-7
    return;
  }
  finish(session, exchange, turn);
  remember(session, exchange, turn);
  turn.send(session, { type: 'PUBCOMP', msgId: exchange.msgId });
}

/** 3.6, 0x91: the same message under the next packet id. */
function changePacketId(session: Session, exchange: Exchange, turn: Turn): void {
  const refused = exchange.packetId;
  exchange.packetId = session.upstream.takePacketId(exchange);
  session.upstream.freePacketId(refused);
  exchange.packetIdsRefused++;
  exchange.sent = false;
  saveExchange(session, exchange, turn);
  forward(session, exchange, turn);
}

function brokerReceived(session: Session, exchange: Exchange, reasonCode: number, turn: Turn): void {
  const returnCode = publishReturnCode(reasonCode);
  if (returnCode !== accepted) {
    answerPublish(session, exchange, returnCode, turn); // 3.6: PUBREC has no code here, PUBACK has
    return;
  }
  exchange.received = true;
  if (!exchange.told) {
    exchange.told = true;
    turn.send(session, { type: 'PUBREC', msgId: exchange.msgId });
  }
  if (exchange.released) {
    release(session, exchange, turn);
  }
}

/** PUBACK ends the exchange; a rejected one may be tried again with the same MsgId. */
function answerPublish(session: Session, exchange: Exchange, returnCode: ReturnCode, turn: Turn): void {
  const { topicId, msgId } = exchange;
  finish(session, exchange, turn);
  if (returnCode !== accepted) {
    reject(session, { type: 'PUBLISH', topicId, msgId }, { returnCode, reason: 'the broker refused it' }, turn);
    return;
  }
  remember(session, exchange, turn);
  turn.send(session, { type: 'PUBACK', topicId, msgId, returnCode });
}

function finish(session: Session, exchange: Exchange, turn: Turn): void {
  endExchange(session, exchange, turn);
  forwardWaiting(session, turn);
}

function remember(session: Session, exchange: Exchange, turn: Turn): void {
  const { finished } = session.inbound;
  if (finished.length >= REMEMBERED) {
    finished.shift();
  }
  finished.push({
    msgId: exchange.msgId,
    qos: exchange.qos,
    topicId: exchange.topicId,
    until: turn.now + turn.retryWindow(session.path),
  });
}
