/**
 * A session in the store: one small record of itself, one of its will, and one for each topic id, each subscription and each UNSUBSCRIBE
 * that is owed. Only what is another than the store has is written, so that the cost of a request does not depend on what the client has.
 */

import type { Millis } from '../contract/link.ts';
import { type StoredRecord, type StoredSession, storeKey } from '../contract/stored-records.ts';
import { nodeIdOf } from '../state/path.ts';
import type { Session } from '../state/session.ts';
import { type WrittenSession, writtenOf } from '../state/stored-state.ts';
import type { Tracked } from '../topics/tracked.ts';
import type { Turn } from './turn.ts';

/** How often at most the time of the last message is written of a client that is there. */
const HEARD_INTERVAL: Millis = 3_600_000;
/** Where there are more sessions it is not written at a stop. */
const MOST_AT_STOP = 5_000;

/** The record that a key has from now on; undefined: none. */
export function putRecord(turn: Turn, session: Session, key: string, record: StoredRecord | undefined): void {
  turn.writes.push({ key, record });
  turn.owners.add(session.clientId);
}

/**
 * Writes the differences. `record`: of the session as it is now. `kept`: whether it outlives the process. A clean session that has slept and is active again is not, but stays
 * in the store as what it is, for it may sleep again: a restart drops it.
 */
export function writeSession(session: Session, kept: boolean, record: StoredSession, turn: Turn): void {
  const { stored } = session;
  const before = turn.writes.length;
  if (stored.erase) {
    eraseSession(session, turn);
  }
  if (!kept && stored.session === undefined) {
    return;
  }
  if (stored.session === undefined || !isSame(stored.session, record, session.path.key)) {
    putSession(session, record, turn);
  }
  if (kept) {
    writeParts(session, turn);
  } else if (session.will.topic === undefined) {
    writeWill(session, turn); // by what is left of one a restart would take it for a session that outlives the process
  }
  if (turn.writes.length > before) {
    stored.unsynced = !turn.durable;
  } else if (stored.unsynced && turn.durable) {
    putSession(session, record, turn); // an answer promises what nobody has waited for
    stored.unsynced = false;
  }
}

function putSession(session: Session, record: StoredSession, turn: Turn): void {
  putRecord(turn, session, storeKey('session', session.clientId), record);
  session.stored.session = writtenOf(record, session.path.key);
}

/** The gateway stops, and somebody will ask when the client was heard last (I-170). A stop must not take long for that. */
export function writeLastHeard(session: Session, turn: Turn): void {
  const { stored, lastHeard } = session;
  if (turn.directory.size <= MOST_AT_STOP && stored.session && stored.session.lastHeard !== lastHeard) {
    putSession(session, sessionRecord(session), turn);
  }
}

function writeWill(session: Session, turn: Turn): void {
  const { clientId, stored, will } = session;
  if (will.topic !== stored.will?.topic || will.message !== stored.will?.message) {
    const { topic, message } = will;
    const record: StoredRecord | undefined =
      topic === undefined && message === undefined ? undefined : { kind: 'will', clientId, topic, message };
    putRecord(turn, session, storeKey('will', clientId), record);
    stored.will = record && { topic, message };
  }
}

function writeParts(session: Session, turn: Turn): void {
  const { clientId, topics, subscribing } = session;
  writeWill(session, turn);
  writeChanged(session, 'topic', topics.tracked, turn, (topicId) => {
    const entry = topics.entry(topicId);
    return entry && { kind: 'topic', clientId, topicId, topicName: entry.topicName, knownIn: entry.knownIn };
  });
  writeChanged(session, 'subscription', subscribing.subscriptions.tracked, turn, (filter) => {
    const subscription = subscribing.subscriptions.get(filter);
    if (subscription) {
      return { kind: 'subscription', clientId, ...subscription };
    }
    return undefined;
  });
  writeChanged(session, 'unsubscribe', subscribing.owed.tracked, turn, (filter) =>
    subscribing.owed.isKept(filter) ? { kind: 'unsubscribe', clientId, filter } : undefined,
  );
}

function writeChanged<Key extends string | number>(
  session: Session,
  kind: 'topic' | 'subscription' | 'unsubscribe',
  tracked: Tracked<Key>,
  turn: Turn,
  recordOf: (key: Key) => StoredRecord | undefined,
): void {
  for (const key of tracked.changes) {
    putRecord(turn, session, storeKey(kind, session.clientId, key), recordOf(key));
  }
  tracked.settle();
}

/** The store forgets all that it has; what is there now is as good as new. */
export function eraseSession(session: Session, turn: Turn): void {
  const { clientId, stored, topics } = session;
  const { subscriptions, owed } = session.subscribing;
  stored.erase = false;
  if (stored.session) {
    putRecord(turn, session, storeKey('session', clientId), undefined);
  }
  if (stored.will) {
    putRecord(turn, session, storeKey('will', clientId), undefined);
  }
  stored.session = undefined;
  stored.will = undefined;
  eraseParts(session, 'topic', topics.tracked, topics.ids(), turn);
  eraseParts(session, 'subscription', subscriptions.tracked, subscriptions.keys(), turn);
  eraseParts(session, 'unsubscribe', owed.tracked, owed.kept, turn);
}

function eraseParts<Key extends string | number>(
  session: Session,
  kind: 'topic' | 'subscription' | 'unsubscribe',
  tracked: Tracked<Key>,
  present: Iterable<Key>,
  turn: Turn,
): void {
  for (const key of tracked.inStore(present)) {
    putRecord(turn, session, storeKey(kind, session.clientId, key), undefined);
  }
  tracked.renew(present);
}

/** The record of a session as it is now. A CONNECT that is being worked on does not outlive the process: the client is as it was before. */
export function sessionRecord(session: Session): StoredSession {
  const { clientId, path, cleanSession, keepAlive, lastHeard, topics, msgIds, subscribing, upstream, stored } = session;
  const before = session.attempt && !stored.erase ? stored.session : undefined;
  const { state, sleepDuration } = before ?? { state: session.state, sleepDuration: session.sleep?.duration };
  const isGone = state === 'disconnected' || state === 'lost';
  return {
    kind: 'session',
    clientId,
    protocolVersion: session.dialect.version,
    link: path.link,
    transport: path.transport,
    host: path.host,
    ...(path.address !== path.host && { address: path.address }),
    ...(session.owner !== undefined && { identity: session.owner }),
    nodeId: nodeIdOf(path),
    state: state === 'awake' ? 'asleep' : state, // an awake period does not outlive the process
    cleanSession,
    keepAlive,
    sleepDuration,
    lastHeard,
    ...(isGone && session.since > lastHeard && { goneSince: session.since }),
    nextTopicId: topics.nextId,
    ...(msgIds.reserved !== undefined && { msgIdsTo: msgIds.reserved }),
    epoch: topics.epoch,
    mount: upstream.mount || undefined,
    ...(upstream.prefix && { prefix: upstream.prefix }),
    subscriptionsDoubted: (subscribing.subscriptions.size > 0 && inDoubt(session)) || undefined,
    shared: upstream.shared || undefined,
    ...(upstream.ownSince !== undefined && { ownSince: upstream.ownSince }),
    ...(upstream.owesSession && { owesSession: true }),
    ...(upstream.bridged && { bridged: true }),
  };
}

/** Whether the broker may have lost subscriptions (I-52). */
function inDoubt({ upstream, subscribing }: Session): boolean {
  return upstream.owesSubscriptions || subscribing.asksAgain || (upstream.asked > 0 && !upstream.shared);
}

/** Whether the store has it already: ids are stored with topics, and the time of the last message counts of a client that is there by the hour (I-170). */
function isSame(one: WrittenSession, other: StoredSession, pathKey: string): boolean {
  const gone = other.state === 'disconnected' || other.state === 'lost';
  return (
    one.state === other.state &&
    one.pathKey === pathKey &&
    one.cleanSession === other.cleanSession &&
    one.keepAlive === other.keepAlive &&
    one.sleepDuration === other.sleepDuration &&
    one.epoch === other.epoch &&
    one.msgIdsTo === other.msgIdsTo &&
    one.mount === other.mount &&
    one.prefix === other.prefix &&
    one.subscriptionsDoubted === other.subscriptionsDoubted &&
    one.shared === other.shared &&
    one.ownSince === other.ownSince &&
    one.owesSession === other.owesSession &&
    one.bridged === other.bridged &&
    one.identity === other.identity &&
    (gone ? one.lastHeard === other.lastHeard : other.lastHeard - one.lastHeard < HEARD_INTERVAL)
  );
}
