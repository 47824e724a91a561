/**
 * After a start: the sessions of the store are back, with their topic ids, subscriptions, wills and open exchanges (3.3, 3.4).
 * Active and sleeping clients get their connections to the broker again, one after the other; sleepers wake as if nothing had happened.
 */

import {
  type StoredDelivery,
  type StoredExchange,
  type StoredRecord,
  type StoredSession,
  storeKey,
} from '../contract/stored-records.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { nextState } from '../state/client-state.ts';
import { DIALECTS } from '../state/dialect.ts';
import { directPath, forwardedPath } from '../state/path.ts';
import { Session } from '../state/session.ts';
import { openUpstream } from '../steps/connection.ts';
import { keepAbsent } from '../steps/endings.ts';
import { offerRoom } from '../steps/giving-way.ts';
import { inParts } from '../steps/parts.ts';
import { save } from '../steps/persistence.ts';
import { resumeSleep } from '../steps/sleep.ts';
import { superviseActive, supervisionLimit } from '../steps/supervision.ts';
import type { Part, Turn } from '../steps/turn.ts';

/** The records of the store, in any order. One that breaks an invariant costs its own session alone. */
export function restoreSessions(records: readonly StoredRecord[], turn: Turn): void {
  inParts(partsOf(records, turn), turn);
}

function* partsOf(records: readonly StoredRecord[], turn: Turn): Generator<Part, void> {
  for (const record of records) {
    if (record.kind === 'session') {
      yield { session: undefined, run: () => restoreSession(record, turn) };
    }
  }
  for (const record of records) {
    if (record.kind !== 'session' && record.kind !== 'gateway') {
      const session = turn.directory.byClientId(record.clientId);
      yield { session, run: () => restoreUnderWay(session, record, turn) };
    }
  }
  for (const session of [...turn.directory.all()]) {
    yield { session, run: () => resume(session, turn) };
  }
  yield { session: undefined, run: () => allResumed(turn) };
}

/** The absent ones are known as room for others, by their age (I-22). */
function allResumed(turn: Turn): void {
  for (const session of absentByAge(turn)) {
    offerRoom(session, turn);
  }
  const sessions = turn.directory.size;
  if (sessions > 0) {
    turn.note({ type: 'sessions-restored', sessions });
  }
}

/** What was under way. Without its session nobody would ever end it: it is deleted. */
function restoreUnderWay(session: Session | undefined, record: StoredExchange | StoredDelivery, turn: Turn): void {
  const isExchange = record.kind === 'exchange';
  if (session === undefined) {
    const key = storeKey(record.kind, record.clientId, isExchange ? record.msgId : record.packetId);
    turn.writes.push({ key, record: undefined });
  } else if (isExchange) {
    restoreExchange(session, record);
  } else {
    restoreDelivery(session, record);
  }
}

/** Those whose client is gone, the one that was heard longest ago first: so they make room (I-22). */
function absentByAge(turn: Turn): Session[] {
  return [...turn.directory.all()].filter(({ bound }) => !bound).sort((one, other) => one.lastHeard - other.lastHeard);
}

function restoreSession(record: StoredSession, turn: Turn): void {
  const { clientId, nodeId, willTopic, willMessage, sleepDuration } = record;
  const direct = directPath(record.link, { ...record, address: record.host });
  const path = nodeId === undefined ? direct : forwardedPath(direct, nodeId);
  const session = new Session(clientId, path, turn.settings.clients.maxTopics, 0, DIALECTS[record.protocolVersion]);
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
    session.sleep = { duration: sleepDuration, until: 0, delivered: 0, barrier: 'none', silences: 0, over: false };
  }
  turn.directory.add(session);
}

function restoreExchange(session: Session, record: StoredExchange): void {
  const { msgId, packetId, topicId, topic, payload, retain, released } = record;
  // The PUBLISH may have gone out, and PUBREC may have come: it is repeated under its packet id, so that the broker recognises it.
  const progress = {
    packetIdsRefused: 0,
    sent: true,
    sentOn: 0,
    received: released,
    told: released,
    stored: true,
    restored: true,
    released,
  };
  const exchange: Exchange = {
    purpose: 'exchange',
    msgId,
    qos: 2,
    topicId,
    packetId,
    topic,
    payload,
    retain,
    ...progress,
  };
  session.inbound.exchanges.set(msgId, exchange);
  session.upstream.keepPacketId(packetId, exchange);
}

function restoreDelivery(session: Session, record: StoredDelivery): void {
  session.outbound.queue.restored.set(record.packetId, {
    msgId: record.msgId,
    received: false,
    over: undefined,
  });
}

function resume(session: Session, turn: Turn): void {
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
