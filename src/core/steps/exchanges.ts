/**
 * A client's QoS 1 and 2 publishes on their way to the broker (6.6, 3.3): in order, as many at a time as it takes, again where the
 * connection broke.
 */

import type { Exchange } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import { publishProblem } from './broker-limits.ts';
import { forgetExchange, forgetExchanges } from './persistence.ts';
import { reject } from './rejection.ts';
import type { Turn } from './turn.ts';

/** Publishes go to the broker in order, as many at a time as it takes (MQTT 5 Receive Maximum), behind what is suspected (I-42). */
export function forwardWaiting(session: Session, turn: Turn): void {
  const { connection, takes, limits } = session.upstream;
  if (!takes) {
    return;
  }
  const { exchanges } = session.inbound;
  refuseUnfit(session, turn);
  let room = limits.receiveMaximum;
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

/** What waited for the connection and turns out to be nothing for this broker (MQTT 5): it would cut the connection. */
export function refuseUnfit(session: Session, turn: Turn): void {
  const { connection, limits } = session.upstream;
  if (!limits.restricts) {
    return;
  }
  let unfit: Exchange[] | undefined;
  for (const exchange of session.inbound.exchanges.values()) {
    if (exchange.sentOn !== connection && !exchange.received && publishProblem(limits, exchange, exchange.qos)) {
      unfit ??= [];
      unfit.push(exchange);
    }
  }
  for (const exchange of unfit ?? []) {
    const problem = publishProblem(limits, exchange, exchange.qos);
    const { topicId, msgId } = exchange;
    endExchange(session, exchange, turn);
    if (problem) {
      reject(session, { type: 'PUBLISH', topicId, msgId }, problem, turn);
    }
  }
}

/** DUP where the broker has heard the PUBLISH before, in the same session of its own (3.3). */
export function forward(session: Session, exchange: Exchange, turn: Turn): void {
  const { packetId, topic, payload, qos, retain, sent: dup } = exchange;
  exchange.sent = true;
  exchange.sentOn = session.upstream.connection;
  session.upstream.packetSent(packetId);
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
 * The connection stands (again): how far every exchange is on it (3.5 item 6). Where the broker still has the session, the same packet id
 * lets it recognise a repetition; where it has not, a message that it had received but not been told to release is gone there and is
 * published anew; PUBREL, once sent, is only ever repeated (interpretation I-6). Nothing goes out yet.
 */
export function reviewClientPublishes(session: Session, sessionPresent: boolean): void {
  const { connection } = session.upstream;
  for (const exchange of session.inbound.exchanges.values()) {
    if (exchange.received && (exchange.released || sessionPresent)) {
      exchange.sentOn = exchange.released ? 0 : connection;
      continue;
    }
    exchange.received = false;
    if (!sessionPresent) {
      exchange.sent = false;
    }
    exchange.sentOn = 0;
  }
}

/** Every exchange goes on where it is: PUBREL again, then PUBLISH. */
export function resumeClientPublishes(session: Session, turn: Turn): void {
  const { connection } = session.upstream;
  for (const exchange of session.inbound.exchanges.values()) {
    if (exchange.received && exchange.released && exchange.sentOn !== connection) {
      exchange.sentOn = connection;
      release(session, exchange, turn);
    }
  }
  forwardWaiting(session, turn);
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
