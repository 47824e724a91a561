/**
 * A client's QoS 1 and 2 publishes on their way to the broker (6.6, 3.3): in order, as many at a time as it takes, again where the
 * connection broke.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import { publishSize } from './packet-size.ts';
import { forgetExchange, forgetExchanges } from './persistence.ts';
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
  for (const exchange of exchanges.values()) {
    if (exchange.sentOn === connection) {
      room--;
    }
  }
  for (const exchange of exchanges.values()) {
    if (room <= 0) {
      return;
    }
    if (exchange.sentOn === connection) {
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
  for (const exchange of [...session.inbound.exchanges.values()]) {
    if (exchange.sentOn === connection || publishSize(exchange, exchange.qos) <= maximumPacketSize) {
      continue;
    }
    endExchange(session, exchange, turn);
    const { topicId, msgId } = exchange;
    reject(session, { type: 'PUBLISH', topicId, msgId }, TOO_LONG, turn);
  }
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

export function release(session: Session, exchange: Exchange, turn: Turn): void {
  turn.emit({ type: 'upstream-release', connection: session.upstream.connection, packetId: exchange.packetId });
}

export function endExchange(session: Session, exchange: Exchange, turn: Turn): void {
  forgetExchange(session, exchange, turn);
  session.inbound.exchanges.delete(exchange.msgId);
  session.upstream.freePacketId(exchange.packetId);
}

/**
 * The connection stands (again): every exchange goes on where it was (3.5 item 6). Where the broker still has the session, the same
 * packet id lets it recognise a repetition; where it has not, a message that it had received but not been told to release is gone there
 * and is published anew; PUBREL, once sent, is only ever repeated (interpretation I-6).
 */
export function resumeClientPublishes(session: Session, sessionPresent: boolean, turn: Turn): void {
  const { connection } = session.upstream;
  for (const exchange of session.inbound.exchanges.values()) {
    if (exchange.received && exchange.released) {
      release(session, exchange, turn);
    } else if (!exchange.received || !sessionPresent) {
      exchange.received = false;
      if (!sessionPresent) {
        exchange.sent = false;
      }
      exchange.sentOn = 0;
      continue;
    }
    exchange.sentOn = connection;
  }
  forwardWaiting(session, turn);
}

/**
 * The broker may have lost the session unheard (I-52): what it had received, but not been told to release, is published again under its packet
 * id. A session that is the same one takes it for a repetition.
 */
export function doubtReceived(session: Session): void {
  for (const exchange of session.inbound.exchanges.values()) {
    exchange.received &&= exchange.released;
  }
}

/** Ends every exchange without an answer: the session is gone (S-4). */
export function dropInflight(session: Session, turn: Turn): void {
  forgetExchanges(session, turn);
  const { exchanges, finished } = session.inbound;
  for (const exchange of exchanges.values()) {
    session.upstream.freePacketId(exchange.packetId);
  }
  exchanges.clear();
  finished.length = 0;
}
