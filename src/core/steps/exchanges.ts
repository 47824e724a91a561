/**
 * A client's QoS 1 and 2 publishes on their way to the broker (6.6, 3.3): in order, as many at a time as it takes, again where the
 * connection broke.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { publishSize } from './packet-size.ts';
import { forgetExchange, forgetExchanges, saveExchange } from './persistence.ts';
import { type Refusal, reject } from './rejection.ts';
import type { Turn } from './turn.ts';

const { notSupported } = RETURN_CODE;

/** MQTT 5 Maximum Packet Size. */
export const TOO_LONG: Refusal = { returnCode: notSupported, reason: 'it is too long for the broker' };

/** Publishes go to the broker in order, as many at a time as it takes (MQTT 5 Receive Maximum). */
export function forwardWaiting(session: Session, turn: Turn): void {
  const { connection, phase, receiveMaximum } = session.upstream;
  if (phase !== 'up') {
    return;
  }
  const { exchanges } = session.inbound;
  refuseTooLong(session, turn);
  let room = receiveMaximum;
  for (const exchange of exchanges) {
    if (exchange.sentOn === connection && exchange.packetId !== 0) {
      room--;
    }
  }
  for (const exchange of exchanges) {
    if (room <= 0) {
      return;
    }
    if (exchange.sentOn === connection || exchange.packetId === 0) {
      continue;
    }
    forward(session, exchange, turn);
    room--;
  }
}

/** What waited for the connection and turns out to be too long for this broker (MQTT 5): it would cut the connection. */
function refuseTooLong(session: Session, turn: Turn): void {
  const { connection, maximumPacketSize } = session.upstream;
  if (maximumPacketSize === Number.POSITIVE_INFINITY) {
    return;
  }
  for (const exchange of [...session.inbound.exchanges]) {
    if (
      exchange.sentOn === connection ||
      exchange.packetId === 0 ||
      publishSize(exchange, exchange.qos) <= maximumPacketSize
    ) {
      continue;
    }
    refusePublish(session, exchange, TOO_LONG, turn);
  }
}

/** The broker will not have it: the exchange ends, and the client is told where it waits for that. */
export function refusePublish(session: Session, exchange: Exchange, refusal: Refusal, turn: Turn): void {
  endExchange(session, exchange, turn);
  const { topicId, msgId, qos } = exchange;
  if (isAwaited(exchange)) {
    reject(session, { type: 'PUBLISH', topicId, msgId }, refusal, turn);
  } else {
    turn.note({ type: 'client-publish-dropped', ...where(session), qos, reason: refusal.reason });
  }
}

/** Whether the client would know what an answer with this MsgId is for (T-18, I-33). */
export function isAwaited({ role, awaited }: Exchange): boolean {
  return role === 'current' && awaited;
}

/** DUP where the broker has heard the PUBLISH before, in the same session of its own (3.3). */
export function forward(session: Session, exchange: Exchange, turn: Turn): void {
  const { packetId, topic, payload, qos, retain, sent: dup } = exchange;
  exchange.sent = true;
  exchange.sentOn = session.upstream.connection;
  turn.emit({
    type: 'upstream-publish',
    connection: session.upstream.connection,
    packetId,
    topic,
    payload,
    qos,
    retain,
    dup,
  });
}

/** PUBREL to the broker. */
export function release(session: Session, exchange: Exchange, turn: Turn): void {
  exchange.releaseSent = true;
  turn.emit({ type: 'upstream-release', connection: session.upstream.connection, packetId: exchange.packetId });
}

export function endExchange(session: Session, exchange: Exchange, turn: Turn): void {
  forgetExchange(session, exchange, turn);
  const { exchanges, byMsgId } = session.inbound;
  exchanges.delete(exchange);
  if (exchange.role === 'current') {
    byMsgId.delete(exchange.msgId);
  }
  session.upstream.freePacketId(exchange.packetId);
}

/** From now on the exchange is none of the client's, which has another message under this MsgId, or none (T-18). */
export function takeFromClient(session: Session, exchange: Exchange, role: 'superseded' | 'let-go', turn: Turn): void {
  session.inbound.byMsgId.delete(exchange.msgId);
  exchange.role = role;
  if (exchange.packetId === 0) {
    endExchange(session, exchange, turn); // the broker has given its last answer
  } else if (exchange.received && !exchange.released) {
    releaseUnasked(session, exchange, turn);
  } else {
    saveExchange(session, exchange, turn);
  }
}

/** The client does not say PUBREL any more, and the broker has the message: PUBREL all the same. On disk first, as the client's own. */
export function releaseUnasked(session: Session, exchange: Exchange, turn: Turn): void {
  exchange.released = true;
  saveExchange(session, exchange, turn);
  if (session.upstream.phase === 'up' && exchange.sentOn === session.upstream.connection) {
    release(session, exchange, turn);
  }
}

/** The client connects anew: it may have forgotten what it sent before, and count its MsgIds from 1 again (I-33). */
export function doubtAnswers(session: Session): void {
  for (const exchange of session.inbound.exchanges) {
    exchange.awaited = false;
  }
}

/**
 * The connection stands (again): every exchange goes on where it was (3.5 item 6). Where the broker still has the session, the same
 * packet id lets it recognise a repetition; where it has not, a message that it had received but not been told to release is gone there
 * and is published anew; PUBREL, once sent, is only ever repeated (interpretation I-6).
 */
export function resumeClientPublishes(session: Session, sessionPresent: boolean, turn: Turn): void {
  const { connection } = session.upstream;
  for (const exchange of session.inbound.exchanges) {
    if (exchange.packetId === 0) {
      continue;
    }
    if (exchange.received && (exchange.releaseSent || (exchange.released && sessionPresent))) {
      release(session, exchange, turn);
    } else if (!exchange.received || !sessionPresent) {
      if (!sessionPresent) {
        exchange.sent = false;
      }
      exchange.sentOn = 0;
      if (exchange.received) {
        exchange.received = false;
        saveExchange(session, exchange, turn);
      }
      continue;
    }
    exchange.sentOn = connection;
  }
  forwardWaiting(session, turn);
}

/** Ends every exchange without an answer: the session is gone (S-4). */
export function dropInflight(session: Session, turn: Turn): void {
  forgetExchanges(session, turn);
  const { exchanges, byMsgId, finished, letGo } = session.inbound;
  for (const exchange of exchanges) {
    session.upstream.freePacketId(exchange.packetId);
  }
  exchanges.clear();
  byMsgId.clear();
  finished.length = 0;
  letGo.length = 0;
}
