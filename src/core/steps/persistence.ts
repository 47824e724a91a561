/**
 * What is written to the store, and when (3.3, 3.4). Procedures say what they have changed; at the end of the turn the records are made,
 * and the store effect comes before every other one, so that nothing is promised before it is on disk.
 */

import { type StoredRecord, type StoredSession, storeKey } from '../contract/stored-records.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import type { Delivery } from '../state/gateway-publish-state.ts';
import type { Session } from '../state/session.ts';
import type { Turn } from './turn.ts';

/** The session has changed in a way that an answer promises: on disk before the answer goes out. */
export function save(session: Session, turn: Turn): void {
  turn.touched.add(session);
  turn.durable = true;
}

/** The session has changed in a way that a crash may undo without breaking a promise. */
export function saveLater(session: Session, turn: Turn): void {
  turn.touched.add(session);
}

/** Whether the store has something of this session: persistent ones, and sleepers, which are served as asleep after a restart (S-1). */
export function isKept(session: Session): boolean {
  return !session.cleanSession || session.state === 'asleep' || session.state === 'awake';
}

/** A QoS 2 publish of a client is known by its packet id before the broker hears of it; and that PUBREL was said, before the broker does. */
export function saveExchange(session: Session, exchange: Exchange, turn: Turn): void {
  if (exchange.qos !== 2 || !isKept(session)) {
    return;
  }
  exchange.stored = true;
  const { clientId } = session;
  const { msgId, packetId, topicId, topic, payload, retain, released } = exchange;
  put(turn, storeKey('exchange', clientId, msgId), {
    kind: 'exchange',
    clientId,
    msgId,
    packetId,
    topicId,
    topic,
    payload,
    retain,
    released,
  });
  turn.durable = true;
}

/** The exchange is over. */
export function forgetExchange(session: Session, exchange: Exchange, turn: Turn): void {
  if (exchange.stored) {
    put(turn, storeKey('exchange', session.clientId, exchange.msgId), undefined);
  }
}

/** A QoS 2 message gets its MsgId: the client must see the same one after a crash (T-19). */
export function saveDelivery(session: Session, delivery: Delivery, turn: Turn): void {
  const { msgId } = delivery;
  const { packetId } = delivery.message;
  if (delivery.message.qos !== 2 || packetId === 0 || session.cleanSession) {
    return;
  }
  const { clientId } = session;
  put(turn, storeKey('delivery', clientId, packetId), { kind: 'delivery', clientId, packetId, msgId });
  turn.durable = true;
}

/** The delivery is over. */
export function forgetDelivery(session: Session, packetId: number, turn: Turn): void {
  if (packetId !== 0 && !session.cleanSession) {
    put(turn, storeKey('delivery', session.clientId, packetId), undefined);
  }
}

/** A client that connected clean falls asleep: what it has under way is kept over a restart from now on. */
export function saveExchanges(session: Session, turn: Turn): void {
  for (const exchange of session.inbound.exchanges.values()) {
    if (!exchange.stored) {
      saveExchange(session, exchange, turn);
    }
  }
}

/** Every exchange of the session: a clean start. */
export function forgetExchanges(session: Session, turn: Turn): void {
  for (const exchange of session.inbound.exchanges.values()) {
    forgetExchange(session, exchange, turn);
  }
}

/** Every delivery of the session: a clean start, or the broker has lost what they refer to. */
export function forgetDeliveries(session: Session, turn: Turn): void {
  if (!session.stored) {
    return;
  }
  const { unsettled, restored } = session.outbound.queue;
  for (const packetId of [...unsettled.keys(), ...restored.keys()]) {
    put(turn, storeKey('delivery', session.clientId, packetId), undefined);
  }
}

function put(turn: Turn, key: string, record: StoredRecord | undefined): void {
  turn.writes.push({ key, record });
}

/** At the end of a turn, and of each part of it that stands by itself: the records of the sessions that were touched. */
export function collectWrites(turn: Turn): void {
  if (turn.touched.size === 0) {
    return;
  }
  for (const session of turn.touched) {
    const known = turn.directory.byClientId(session.clientId);
    const kept = known === session && isKept(session);
    if (kept) {
      put(turn, storeKey('session', session.clientId), sessionRecord(session));
    } else if (session.stored && (known === session || known === undefined)) {
      put(turn, storeKey('session', session.clientId), undefined);
    }
    session.stored = kept;
  }
  turn.touched.clear();
}

/** One of several messages or deadlines of a turn is done: what it promised is written, also where a later one breaks an invariant. */
export function partDone(turn: Turn): void {
  collectWrites(turn);
  turn.stand();
}

function inDoubt({ upstream }: Session): boolean {
  return upstream.owesSubscriptions || upstream.asked > 0;
}

function sessionRecord(session: Session): StoredSession {
  const { clientId, path, state, cleanSession, keepAlive, sleep, lastHeard, topics, subscribing, will } = session;
  return {
    kind: 'session',
    clientId,
    protocolVersion: session.dialect.version,
    link: path.link,
    transport: path.transport,
    host: path.host,
    nodeId: path.nodeId,
    state,
    cleanSession,
    keepAlive,
    sleepDuration: sleep?.duration,
    lastHeard,
    nextTopicId: topics.nextId,
    topics: topics.entries(),
    subscriptions: [...subscribing.subscriptions.values()].map(({ filter, qos, predefinedId, short }) => ({
      filter,
      qos,
      predefinedId,
      short,
    })),
    willTopic: will.topic,
    willMessage: will.message,
    subscriptionsDoubted: (subscribing.subscriptions.size > 0 && inDoubt(session)) || undefined,
    unsubscribesOwed: subscribing.owed.size > 0 ? [...subscribing.owed] : undefined,
  };
}
