/**
 * After a start: the sessions of the store are back, with their topic ids, subscriptions, wills and open exchanges (3.3, 3.4).
 * Active and sleeping clients get their connections to the broker again, one after the other; sleepers wake as if nothing had happened.
 */

import type {
  StoredDelivery,
  StoredExchange,
  StoredFinishedPublish,
  StoredRecord,
  StoredSession,
} from '../contract/stored-records.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { nextState } from '../state/client-state.ts';
import { directPath, forwardedPath } from '../state/path.ts';
import { Session } from '../state/session.ts';
import { openUpstream } from '../steps/connection.ts';
import { keepAbsent } from '../steps/endings.ts';
import { forgetPart, save } from '../steps/persistence.ts';
import { resumeSleep } from '../steps/sleep.ts';
import { superviseActive, supervisionLimit } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';
import { superviseUnreleased } from '../steps/unreleased-publishes.ts';

/** The records of the store, in any order. */
export function restoreSessions(records: readonly StoredRecord[], turn: Turn): void {
  for (const record of records) {
    if (record.kind === 'session') {
      restoreSession(record, turn);
    }
  }
  const parts = records.filter((record) => record.kind !== 'session');
  for (const record of parts.sort((a, b) => placeOf(a) - placeOf(b))) {
    const session = turn.directory.byClientId(record.clientId);
    if (session) {
      restorePart(session, record, turn);
    } else {
      forgetPart(record, turn);
    }
  }
  for (const session of [...turn.directory.all()]) {
    resume(session, turn);
  }
  if (turn.directory.size > 0) {
    turn.note({ type: 'sessions-restored', sessions: turn.directory.size });
  }
}

/** Publishes of a client go to the broker again in their order, whatever the order of the store. */
function placeOf(part: Exclude<StoredRecord, StoredSession>): number {
  return part.kind === 'delivery' ? 0 : part.number;
}

function restorePart(session: Session, record: Exclude<StoredRecord, StoredSession>, turn: Turn): void {
  switch (record.kind) {
    case 'exchange':
      restoreExchange(session, record, turn);
      return;
    case 'finished':
      restoreFinished(session, record);
      return;
    case 'delivery':
      restoreDelivery(session, record);
  }
}

function restoreSession(record: StoredSession, turn: Turn): void {
  const { clientId, nodeId, willTopic, willMessage, sleepDuration } = record;
  const direct = directPath(record.link, record);
  const path = nodeId === undefined ? direct : forwardedPath(direct, nodeId);
  const session = new Session(clientId, path, turn.settings.clients.maxTopics, 0);
  session.stored = true;
  session.outbound.msgIds.startAfter(Math.floor(turn.shared.random() * 0xffff)); // the MsgIds of QoS 1 are not stored
  session.upstream.downSince = turn.now; // the grace time begins with the gateway (3.5)
  session.cleanSession = record.cleanSession;
  session.keepAlive = record.keepAlive;
  session.lastHeard = Math.min(record.lastHeard, turn.now);
  session.topics.restore(record.topics, record.nextTopicId);
  for (const subscription of record.subscriptions) {
    session.subscribing.subscriptions.set(subscription.filter, { ...subscription });
  }
  session.will = { topic: willTopic, message: willMessage, changed: false };
  session.enter(record.state === 'awake' ? nextState('awake', 'rested') : record.state, turn.now);
  if (session.state === 'asleep' && sleepDuration !== undefined) {
    session.sleep = { duration: sleepDuration, delivered: 0, barrier: 'none', over: false };
  }
  turn.directory.add(session);
}

function restoreExchange(session: Session, record: StoredExchange, turn: Turn): void {
  const { number, msgId, packetId, role, topicId, topic, payload, retain, released } = record;
  const settled = packetId === 0;
  // The PUBLISH may have gone out, and PUBREC may have come: it is repeated under its packet id, so that the broker recognises it.
  const exchange: Exchange = {
    purpose: 'exchange',
    number,
    msgId,
    qos: 2,
    topicId,
    packetId,
    packetIdsRefused: 0,
    topic,
    payload,
    retain,
    role,
    awaited: false, // I-33: nobody knows whether it has connected anew since
    sent: true,
    sentOn: 0,
    received: released || settled,
    receivedAt: released || settled ? turn.now : undefined,
    told: released || settled,
    stored: true,
    restored: true,
    released,
    releaseSent: released,
  };
  const { inbound, upstream } = session;
  inbound.lastNumber = Math.max(inbound.lastNumber, number);
  inbound.exchanges.add(exchange);
  if (role === 'current') {
    inbound.byMsgId.set(msgId, exchange);
  }
  if (!settled) {
    upstream.keepPacketId(packetId, exchange);
  }
}

function restoreFinished(session: Session, record: StoredFinishedPublish): void {
  const { number, msgId, topic, retain, octets, hash, check } = record;
  const digest = { octets, hash, check };
  const { inbound } = session;
  inbound.lastNumber = Math.max(inbound.lastNumber, number);
  inbound.letGo.push({ number, msgId, qos: 2, topic, retain, digest, until: Number.POSITIVE_INFINITY, stored: true });
}

function restoreDelivery(session: Session, record: StoredDelivery): void {
  session.outbound.queue.restored.set(record.packetId, { msgId: record.msgId, received: false });
}

function resume(session: Session, turn: Turn): void {
  superviseUnreleased(session, turn);
  if (session.state === 'asleep') {
    resumeSleeper(session, turn);
  } else if (session.state === 'active') {
    resumeActive(session, turn);
  }
  if (session.state === 'disconnected' || session.state === 'lost') {
    keepAbsent(session, session.lastHeard, turn);
  }
}

/** A sleeper whose time ran out meanwhile is lost: the broker has published its will when the process ended (SL-3, T-52). */
function resumeSleeper(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (!sleep || session.lastHeard + supervisionLimit(sleep.duration) <= turn.now) {
    session.become('fell-silent', turn.now);
    session.sleep = undefined;
    turn.note({
      type: 'client-lost',
      clientId: session.clientId,
      link: session.path.key,
      reason: 'its sleep ended while the gateway was down',
      will: false,
    });
    if (session.cleanSession) {
      turn.directory.remove(session);
    }
    save(session, turn);
    return;
  }
  if (!turn.directory.byPath(session.path.key)) {
    turn.directory.bind(session, session.path); // T-08: it wakes from any address
  }
  resumeSleep(session, turn);
  openUpstream(session, session.cleanSession, turn);
}

/** Nobody knows how much of the keep-alive has passed: it starts anew. */
function resumeActive(session: Session, turn: Turn): void {
  if (turn.directory.byPath(session.path.key)) {
    session.become('disconnected', turn.now); // two records with one address: neither is believed
    return;
  }
  session.lastHeard = turn.now;
  turn.directory.bind(session, session.path);
  superviseActive(session, turn);
  openUpstream(session, session.cleanSession, turn);
}
