/**
 * A client's QoS 1 and 2 publishes on their way to the broker (6.6, 3.3): in order, as many at a time as it takes, again where the
 * connection broke.
 */

import type { Exchange } from '../state/client-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { publishProblem } from './broker-limits.ts';
import { publishTo } from './broker-packets.ts';
import { forgetExchange, forgetExchanges, saveExchange } from './persistence.ts';
import { type Refusal, reject } from './rejection.ts';
import type { Turn } from './turn.ts';

/** Publishes go to the broker in order, as many at a time as it takes (MQTT 5 Receive Maximum), behind what is suspected (I-42). */
export function forwardWaiting(session: Session, turn: Turn): void {
  const { connection, takes } = session.upstream;
  if (!takes) {
    return;
  }
  refuseUnfit(session, turn);
  let room = roomAtBroker(session);
  for (const exchange of session.inbound.exchanges) {
    if (room <= 0) {
      return;
    }
    if (exchange.sentOn === connection || exchange.received || exchange.packetId === 0) {
      continue;
    }
    forward(session, exchange, turn);
    room--;
  }
}

/** How many more publishes the broker takes before it has answered others (MQTT 5 Receive Maximum). */
export function roomAtBroker({ upstream, inbound }: Session): number {
  const { connection, limits } = upstream;
  let room = limits.receiveMaximum;
  for (const { sentOn, received, packetId } of inbound.exchanges) {
    room -= (sentOn === connection || received) && packetId !== 0 ? 1 : 0;
  }
  return room;
}

/** What waited for the connection and turns out to be nothing for this broker (MQTT 5): it would cut the connection. */
export function refuseUnfit(session: Session, turn: Turn): void {
  const { connection, limits } = session.upstream;
  if (!limits.restricts) {
    return;
  }
  let unfit: Exchange[] | undefined;
  for (const exchange of session.inbound.exchanges) {
    const isToGo = exchange.sentOn !== connection && exchange.packetId !== 0 && !exchange.received;
    if (isToGo && publishProblem(session.upstream, exchange, exchange.qos)) {
      unfit ??= [];
      unfit.push(exchange);
    }
  }
  for (const exchange of unfit ?? []) {
    const problem = publishProblem(session.upstream, exchange, exchange.qos);
    if (problem) {
      refusePublish(session, exchange, problem, turn);
    }
  }
}

/** The broker will not have it: the exchange ends, and the client is told where it waits for that. */
export function refusePublish(session: Session, exchange: Exchange, refusal: Refusal, turn: Turn): void {
  endExchange(session, exchange, turn);
  const { topic, topicId, msgId, qos } = exchange;
  if (isAwaited(exchange)) {
    reject(session, { type: 'PUBLISH', topicId, msgId }, { topic, ...refusal }, turn);
  } else {
    turn.note({ type: 'client-publish-dropped', ...where(session), qos, reason: refusal.reason, topic });
  }
}

/** Whether the client would know what an answer with this MsgId is for (T-18, I-33). */
export function isAwaited({ role, awaited }: Exchange): boolean {
  return role === 'current' && awaited;
}

/**
 * Whether PUBREC may be said: the broker has the message on a connection that stands, or it is on disk. That of a session without a record is
 * gone at the broker with the connection, and only here until it is published anew (I-61).
 */
export function isSafe({ upstream }: Session, { stored, received, packetId }: Exchange): boolean {
  return stored || (received && (upstream.phase === 'up' || packetId === 0));
}

/** DUP where the broker has heard the PUBLISH before, in the same session of its own (3.3). */
export function forward(session: Session, exchange: Exchange, turn: Turn): void {
  const { packetId, topic, payload, qos, retain, sent: dup } = exchange;
  exchange.sent = true;
  exchange.sentOn = session.upstream.connection;
  session.upstream.packetSent(packetId);
  publishTo(session.upstream, { packetId, topic, payload, qos, retain, dup }, turn);
}

/** Whether PUBREL goes out at once. Where the client waits for the disk it would wait as well, and perhaps for a connection that is over by then. */
export function takesReleases({ upstream, held }: Session): boolean {
  return upstream.takes && !held;
}

/** Whether PUBREL has gone out on the connection that stands: the broker's PUBCOMP is still to come. */
export function isReleaseOut({ upstream }: Session, { releaseSent, sentOn }: Exchange): boolean {
  return releaseSent && sentOn === upstream.connection;
}

/**
 * PUBREL to the broker. The first one is on disk before: from then on only PUBREL is repeated (I-6), and none that has not gone out. On the shared
 * connection PUBREL has gone out, and is on disk, since PUBREC (aggregate/relay-traffic.ts): that the client has said it need not wait.
 */
export function release(session: Session, exchange: Exchange, turn: Turn): void {
  if (!exchange.releaseSent) {
    exchange.releaseSent = true;
    exchange.releasedOn = session.upstream.connection;
    const { durable } = turn;
    saveExchange(session, exchange, turn);
    turn.durable = session.upstream.shared ? durable : turn.durable;
  }
  session.upstream.releaseSent(exchange.packetId);
  turn.emit({ type: 'upstream-release', connection: session.upstream.connection, packetId: exchange.packetId });
}

/** The connection broke while these packets still waited for the disk (I-38): a PUBREL among them that was the first one has not gone out (I-6). */
export function takeBackReleases(session: Session, kept: ReadonlySet<number>, turn: Turn): void {
  const { upstream } = session;
  for (const exchange of session.inbound.exchanges) {
    const { packetId, releaseSent, releasedOn } = exchange;
    if (releaseSent && releasedOn === upstream.connection && kept.has(packetId)) {
      exchange.releaseSent = false;
      saveExchange(session, exchange, turn);
    }
  }
}

/** An exchange begins, or goes on after a restart. */
export function addExchange({ inbound }: Session, exchange: Exchange, turn: Turn): void {
  exchange.isCounted = turn.shared.openPublishes.add(exchange.from, exchange.payload.length);
  inbound.exchanges.add(exchange);
}

/** All of them go with their session: they take no room any more. */
export function uncountExchanges({ inbound }: Session, turn: Turn): void {
  for (const { from, payload, isCounted } of inbound.exchanges) {
    turn.shared.openPublishes.remove(from, payload.length, isCounted);
  }
}

export function endExchange(session: Session, exchange: Exchange, turn: Turn): void {
  forgetExchange(session, exchange, turn);
  const { exchanges, byMsgId } = session.inbound;
  if (exchanges.delete(exchange)) {
    const { from, payload, isCounted } = exchange;
    turn.shared.openPublishes.remove(from, payload.length, isCounted);
  }
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

/** The client does not say PUBREL any more, and the broker has the message: PUBREL all the same, when the connection takes it. */
export function releaseUnasked(session: Session, exchange: Exchange, turn: Turn): void {
  exchange.released = true;
  if (isReleaseOut(session, exchange)) {
    saveExchange(session, exchange, turn); // I-80
  } else if (takesReleases(session) && exchange.sentOn === session.upstream.connection) {
    release(session, exchange, turn);
  } else {
    exchange.sentOn = 0;
    saveExchange(session, exchange, turn); // that it is none of the client's
  }
}

/** The client connects anew: it may have forgotten what it sent before, and count its MsgIds from 1 again (I-33). */
export function doubtAnswers(session: Session): void {
  for (const exchange of session.inbound.exchanges) {
    exchange.awaited = false;
    exchange.askedAgain = false;
  }
}

/**
 * The connection stands (again): how far every exchange is on it (3.5 item 6). Where the broker still has the session, the same packet id
 * lets it recognise a repetition; where it has not, a message that it had received but not been told to release is gone there and is
 * published anew, and so it is under its packet id where the broker may have lost it unheard (I-52): a session that is the same one takes that
 * for a repetition. PUBREL, once sent, is only ever repeated (interpretation I-6). Nothing goes out yet.
 */
export function reviewClientPublishes(session: Session, sessionPresent: boolean, turn: Turn): void {
  const { connection, doubtedOn } = session.upstream;
  const isSame = sessionPresent && doubtedOn !== connection;
  for (const exchange of session.inbound.exchanges) {
    if (exchange.packetId === 0) {
      continue;
    }
    if (exchange.received && (exchange.releaseSent || (exchange.released && isSame))) {
      exchange.sentOn = 0; // PUBREL is to go out again
      continue;
    }
    if (exchange.received && isSame) {
      exchange.sentOn = connection;
      continue;
    }
    if (exchange.received) {
      exchange.received = false;
      saveExchange(session, exchange, turn);
    }
    if (!sessionPresent) {
      exchange.sent = false;
    }
    exchange.sentOn = 0;
  }
}

/** Every exchange goes on where it is: PUBREL again, then PUBLISH. */
export function resumeClientPublishes(session: Session, turn: Turn): void {
  const { connection } = session.upstream;
  for (const exchange of session.inbound.exchanges) {
    const isToRelease = exchange.packetId !== 0 && exchange.received && (exchange.released || exchange.releaseSent);
    if (isToRelease && exchange.sentOn !== connection && takesReleases(session)) {
      exchange.sentOn = connection;
      release(session, exchange, turn);
    }
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
  uncountExchanges(session, turn);
  exchanges.clear();
  byMsgId.clear();
  finished.length = 0;
  letGo.length = 0;
}
