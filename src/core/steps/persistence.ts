/**
 * What is written to the store, and when (3.3, 3.4). Procedures say what they have changed; at the end of the turn the records are made,
 * of what is another than the store has (session-records.ts), and the store effect comes before every other one, so that nothing is
 * promised before it is on disk.
 */

import { storeKey } from '../contract/stored-records.ts';
import { isBeside } from '../state/beside.ts';
import type { Exchange, FinishedPublish } from '../state/client-publish-state.ts';
import { awaitsBroker, type Delivery, type RestoredDelivery } from '../state/gateway-publish-state.ts';
import { digestOfMessage } from '../state/payload-digest.ts';
import type { Session } from '../state/session.ts';
import { putRecord, sessionRecord, writeSession } from './session-records.ts';
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

/** Nothing of the session is kept: it is gone, or starts anew (S-4, S-5). */
export function erase(session: Session, turn: Turn): void {
  session.stored.erase = true;
  turn.touched.add(session);
}

/**
 * Whether the session is kept over a restart: persistent ones, sleepers, which are served as asleep after a restart (S-1), and those whose will
 * nobody else would publish (3.7 item 5).
 */
export function isKept(session: Session): boolean {
  const sleeps = session.state === 'asleep' || session.state === 'awake';
  return !session.cleanSession || sleeps || (session.upstream.shared && session.will.topic !== undefined);
}

/**
 * A QoS 2 publish of a client is known by its packet id before the broker hears of it, and that PUBREL goes out before it does. PUBREL of the
 * client alone is not kept: where it has not reached the broker, a broker without the session needs the PUBLISH anew.
 */
export function saveExchange(session: Session, exchange: Exchange, turn: Turn): void {
  if (exchange.qos !== 2 || !(isKept(session) || exchange.stored)) {
    return;
  }
  exchange.stored = true;
  const { clientId } = session;
  const { number, msgId, packetId, role, topicId, predefinedId, topic, payload, retain } = exchange;
  putRecord(turn, session, storeKey('exchange', clientId, number), {
    kind: 'exchange',
    clientId,
    number,
    msgId,
    packetId,
    role,
    topicId,
    ...(predefinedId !== undefined && { predefinedId }),
    topic,
    payload,
    retain,
    released: exchange.releaseSent,
  });
  turn.durable = true;
}

/** The exchange is over. */
export function forgetExchange(session: Session, exchange: Exchange, turn: Turn): void {
  if (exchange.stored) {
    putRecord(turn, session, storeKey('exchange', session.clientId, exchange.number), undefined);
  }
}

/**
 * A QoS 2 publish was let go without the client's PUBREL: a repetition is known also after a crash (T-18). `isOver`: the broker has no part in it any more, so
 * that nothing goes out that would have to wait for this; a loss of power brings the exchange back, and it is let go once more.
 */
export function saveLetGo(session: Session, finished: FinishedPublish, turn: Turn, isOver = false): void {
  if (!isKept(session)) {
    return;
  }
  finished.stored = true;
  const { clientId } = session;
  const { number, msgId, predefinedId, topic, retain } = finished;
  const { octets, hash, check } = finished.digest;
  putRecord(turn, session, storeKey('finished', clientId, number), {
    kind: 'finished',
    clientId,
    number,
    msgId,
    ...(predefinedId !== undefined && { predefinedId }),
    topic,
    retain,
    octets,
    hash,
    check,
  });
  turn.durable ||= !isOver;
}

/** Nobody will ask for it any more. */
export function forgetLetGo(session: Session, finished: FinishedPublish, turn: Turn): void {
  if (finished.stored) {
    finished.stored = false;
    putRecord(turn, session, storeKey('finished', session.clientId, finished.number), undefined);
  }
}

/** Whether somebody repeats messages to the client after a crash: the broker that has its session, or the hub, which has that of whoever is kept. */
function isRepeatedTo(session: Session): boolean {
  return !session.cleanSession || (session.upstream.shared && isKept(session));
}

/** The same, or it was so, and the store may know of deliveries. */
function wasRepeatedTo({ cleanSession, upstream, stored }: Session): boolean {
  return !cleanSession || (upstream.shared && stored.session !== undefined);
}

/** A QoS 2 message gets its MsgId: the client must see the same one after a crash (T-19). */
export function saveDelivery(session: Session, delivery: Delivery, turn: Turn): void {
  const { msgId } = delivery;
  const { packetId } = delivery.message;
  if (delivery.message.qos !== 2) {
    return;
  }
  if (!awaitsBroker(delivery) || !isRepeatedTo(session)) {
    saveMsgIds(session, turn);
    return;
  }
  const { clientId } = session;
  putRecord(turn, session, storeKey('delivery', clientId, packetId), {
    kind: 'delivery',
    clientId,
    packetId,
    msgId,
    ...digestOfMessage(delivery.message),
  });
  turn.durable = true;
}

/** I-55: how far the MsgIds went is on the disk before the client may remember one. */
function saveMsgIds(session: Session, turn: Turn): void {
  if (isKept(session)) {
    save(session, turn);
  }
}

/**
 * The client has ended the exchange of a QoS 2 message, or is told that it may forget it, before the broker has released it: until then the
 * broker may send it again, after a crash too.
 */
export function saveOver(
  session: Session,
  ended: Pick<RestoredDelivery, 'packetId' | 'msgId' | 'digest'>,
  over: number,
  turn: Turn,
): void {
  if (!wasRepeatedTo(session)) {
    return;
  }
  const { clientId } = session;
  const { packetId, msgId, digest } = ended;
  const key = storeKey('delivery', clientId, packetId);
  putRecord(turn, session, key, { kind: 'delivery', clientId, packetId, msgId, ...digest, over });
}

/** The same of a message that is here still. */
export function saveDeliveryOver(session: Session, { message, msgId }: Delivery, over: number, turn: Turn): void {
  if (wasRepeatedTo(session)) {
    saveOver(session, { packetId: message.packetId, msgId, digest: digestOfMessage(message) }, over, turn);
  }
}

/** Nothing of the delivery has to be known any more. */
export function forgetDelivery(session: Session, packetId: number, turn: Turn): void {
  if (packetId !== 0 && (wasRepeatedTo(session) || isBeside(packetId))) {
    putRecord(turn, session, storeKey('delivery', session.clientId, packetId), undefined);
  }
}

/** A client that connected clean falls asleep, or has a will now (3.7 item 5): what it has under way is kept over a restart from now on. */
export function saveExchanges(session: Session, turn: Turn): void {
  if (session.cleanSession && session.upstream.shared) {
    for (const delivery of session.outbound.queue.sent.values()) {
      saveDelivery(session, delivery, turn);
    }
  }
  for (const exchange of session.inbound.exchanges) {
    if (!exchange.stored) {
      saveExchange(session, exchange, turn);
    }
  }
  for (const finished of session.inbound.letGo) {
    if (!finished.stored) {
      saveLetGo(session, finished, turn);
    }
  }
}

/** Every exchange of the session: a clean start. */
export function forgetExchanges(session: Session, turn: Turn): void {
  for (const exchange of session.inbound.exchanges) {
    forgetExchange(session, exchange, turn);
  }
  for (const finished of session.inbound.letGo) {
    forgetLetGo(session, finished, turn);
  }
}

/** Every delivery of the session that there is: a clean start; or of those `which` the broker has lost what they refer to. */
export function forgetDeliveries(
  session: Session,
  turn: Turn,
  which: (packetId: number) => boolean = () => true,
): void {
  if (session.stored.session === undefined) {
    return;
  }
  const { unsettled, restored } = session.outbound.queue;
  for (const packetId of [...unsettled.keys(), ...restored.keys()].filter(which)) {
    putRecord(turn, session, storeKey('delivery', session.clientId, packetId), undefined);
  }
}

/** At the end of a turn, and of each part of it that stands by itself: the records of the sessions that were touched. */
export function collectWrites(turn: Turn): void {
  if (turn.touched.size === 0) {
    return;
  }
  // All records first: where one cannot be made, nothing counts as stored that is not.
  const written = [...turn.touched].map((session) => {
    turn.current = session; // for the driver, where a record cannot be made
    const kept = turn.directory.byClientId(session.clientId) === session && isKept(session);
    return { session, kept, record: sessionRecord(session) };
  });
  for (const { session, kept, record } of written) {
    writeSession(session, kept, record, turn);
    session.rest(turn.now);
    session.lookAgain();
  }
  turn.touched.clear();
}
