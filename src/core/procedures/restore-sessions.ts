/**
 * After a start: the sessions of the store are back, with their topic ids, subscriptions, wills and open exchanges (3.3, 3.4).
 * Active and sleeping clients get their connections to the broker again, one after the other; sleepers wake as if nothing had happened.
 */

import type { StoredDelivery, StoredExchange, StoredRecord, StoredSession } from '../contract/stored-records.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { nextState } from '../state/client-state.ts';
import { directPath, forwardedPath } from '../state/path.ts';
import { Session } from '../state/session.ts';
import { openUpstream } from '../steps/connection.ts';
import { keepAbsent } from '../steps/endings.ts';
import { save } from '../steps/persistence.ts';
import { resumeSleep } from '../steps/sleep.ts';
import { superviseActive, supervisionLimit } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';

/** The records of the store, in any order. */
export function restoreSessions(records: readonly StoredRecord[], turn: Turn): void {
  for (const record of records) {
    if (record.kind === 'session') {
      restoreSession(record, turn);
    }
  }
  for (const record of records) {
    const session = turn.directory.byClientId(record.clientId);
    if (session === undefined || record.kind === 'session') {
      continue;
    }
    if (record.kind === 'exchange') {
      restoreExchange(session, record);
    } else {
      restoreDelivery(session, record);
    }
  }
  for (const session of [...turn.directory.all()]) {
    resume(session, turn);
  }
  if (turn.directory.size > 0) {
    turn.note({ type: 'sessions-restored', sessions: turn.directory.size });
  }
}

function restoreSession(record: StoredSession, turn: Turn): void {
  const { clientId, nodeId, willTopic, willMessage, sleepDuration } = record;
  const direct = directPath(record.link, record);
  const path = nodeId === undefined ? direct : forwardedPath(direct, nodeId);
  const session = new Session(clientId, path, turn.settings.clients.maxTopics, 0);
  session.stored = true;
  session.isNew = false;
  session.outbound.msgIds.startAnywhere(turn.shared.random); // the MsgIds of QoS 1 are not stored
  session.upstream.downSince = turn.now; // the grace time begins with the gateway (3.5)
  session.cleanSession = record.cleanSession;
  session.keepAlive = record.keepAlive;
  session.lastHeard = Math.min(record.lastHeard, turn.now);
  session.topics.restore(record.topics, record.nextTopicId);
  for (const subscription of record.subscriptions) {
    session.subscribing.subscriptions.set(subscription.filter, { ...subscription });
  }
  for (const filter of record.unsubscribesOwed ?? []) {
    session.subscribing.owed.add(filter);
  }
  session.upstream.owesSubscriptions = record.subscriptionsDoubted ?? false;
  session.will = { topic: willTopic, message: willMessage, changed: false };
  session.enter(record.state === 'awake' ? nextState('awake', 'rested') : record.state, turn.now);
  if (session.state === 'asleep' && sleepDuration !== undefined) {
    session.sleep = { duration: sleepDuration, delivered: 0, barrier: 'none', over: false };
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
