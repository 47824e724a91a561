/** After a start the sessions of the store are back (3.3, 3.4), with topic ids, subscriptions, wills, open exchanges, and connections to the broker. */

import { type RestoredRecord, type StoredLeftover, type StoredSession, storeKey } from '../contract/stored-records.ts';
import { nextState } from '../state/client-state.ts';
import { DIALECTS } from '../state/dialect.ts';
import { ModeChange } from '../state/mode-change.ts';
import { directPath, forwardedPath } from '../state/path.ts';
import { Session } from '../state/session.ts';
import { newSleepState } from '../state/sleep-state.ts';
import { writtenOf } from '../state/stored-state.ts';
import { accessOf, dismissalReason } from '../steps/access.ts';
import { openUpstream } from '../steps/connection.ts';
import { dismiss, keepAbsent } from '../steps/endings.ts';
import { uncountExchanges } from '../steps/exchanges.ts';
import { mayGiveWay } from '../steps/giving-way.ts';
import { leaveGroups } from '../steps/groups.ts';
import { addLeftover, attemptLeftover, forgetLeftover, leaveBehind } from '../steps/leftovers.ts';
import { makeOwnSession } from '../steps/own-session.ts';
import { inParts, PAUSE } from '../steps/parts.ts';
import { erase, forgetDeliveries, forgetExchanges, isKept, saveLater } from '../steps/persistence.ts';
import { followRenamed } from '../steps/renamed-topics.ts';
import { isToShare, sharedBefore, sharesConnection } from '../steps/sharing.ts';
import { superviseActive, superviseSleep } from '../steps/supervision.ts';
import type { Part, Turn } from '../steps/turn.ts';
import { superviseUnreleased } from '../steps/unreleased-publishes.ts';
import { mountPoint } from '../topics/mount-point.ts';
import { SHARED } from '../topics/topic-name.ts';
import { openGatewayConnection } from './gateway-connection.ts';
import { dropOrphan, isPart, type PartRecord, placeOf, restorePart } from './restore-parts.ts';

/** Sessions that are back before others are heard. */
const AT_A_TIME = 64;

/** The records of the store, in any order. One that breaks an invariant costs its own session alone. */
export function restoreSessions(records: readonly RestoredRecord[], turn: Turn): void {
  inParts(partsOf(records, turn), turn);
}

/**
 * Session by session, each with all that it has: what is made and what is asked of the broker for it follows at once. Those of groups go on when all are back:
 * what waits for one that leaves its group is for another one, whichever may have it (I-139).
 */
function* partsOf(records: readonly RestoredRecord[], turn: Turn): Generator<Part, void> {
  const belongings = belongingsOf(records);
  const change = new ModeChange();
  const ofGroups: Session[] = [];
  const room: Session[] = [];
  const goesOn = (session: Session): Part => ({ session, run: () => goOn(session, change, room, turn) });
  let back = 0;
  for (const record of records) {
    if (record.kind !== 'session') {
      continue;
    }
    const { clientId } = record;
    yield { session: undefined, run: () => restoreSession(record, turn) };
    const session = turn.directory.byClientId(clientId);
    if (session === undefined) {
      yield { session: undefined, run: () => dropBroken(record, turn) };
    }
    yield* restoreBelongings(belongings.get(clientId), session, turn);
    belongings.delete(clientId);
    if (session !== undefined && isBack(session, turn)) {
      yield isOfGroup(session) ? { session, run: () => ofGroups.push(session) } : goesOn(session);
    }
    if (++back % AT_A_TIME === 0) {
      yield PAUSE;
    }
  }
  for (const others of belongings.values()) {
    yield* restoreBelongings(others, undefined, turn);
  }
  for (const session of ofGroups) {
    if (isBack(session, turn)) {
      yield goesOn(session);
    }
    if (++back % AT_A_TIME === 0) {
      yield PAUSE;
    }
  }
  yield { session: undefined, run: () => allResumed(change, room, turn) };
  yield { session: undefined, run: openGatewayConnection }; // the broker is tried without any sensor
}

/** No invariant has broken that would have ended it. */
function isBack(session: Session, { directory }: Turn): boolean {
  return directory.byClientId(session.clientId) === session;
}

/** Whether its client is, or was, in a group among the clients of the shared connection. */
function isOfGroup({ upstream, subscribing: { subscriptions, owed } }: Session): boolean {
  return upstream.shared && [...subscriptions.keys(), ...owed.keys()].some((filter) => filter.startsWith(SHARED));
}

/** What there is of one client beside the record of its session. */
interface Belongings {
  readonly parts: PartRecord[];
  leftover: StoredLeftover | undefined;
}

function belongingsOf(records: readonly RestoredRecord[]): Map<string, Belongings> {
  const byClient = new Map<string, Belongings>();
  for (const record of records) {
    if (record.kind !== 'leftover' && !isPart(record)) {
      continue;
    }
    let belongings = byClient.get(record.clientId);
    if (belongings === undefined) {
      belongings = { parts: [], leftover: undefined };
      byClient.set(record.clientId, belongings);
    }
    if (record.kind === 'leftover') {
      belongings.leftover = record;
    } else {
      belongings.parts.push(record);
    }
  }
  return byClient;
}

/** The leftover comes before whoever waits for it. */
function* restoreBelongings(
  { parts, leftover }: Belongings = { parts: [], leftover: undefined },
  session: Session | undefined,
  turn: Turn,
): Generator<Part, void> {
  for (const record of parts.sort((one, other) => placeOf(one) - placeOf(other))) {
    const isThere = session && isBack(session, turn);
    yield { session, run: () => (isThere ? restorePart(session, record, turn) : dropOrphan(record, turn)) };
  }
  if (leftover) {
    yield { session: undefined, run: () => restoreLeftover(leftover, turn) };
  }
}

/** Those that may give way are known as room for others, the one that has been gone longest first (I-22). */
function allResumed(change: ModeChange, room: Session[], turn: Turn): void {
  for (const session of room.sort((one, other) => one.since - other.since)) {
    turn.directory.offer(session);
  }
  const sessions = turn.directory.size;
  if (sessions > 0) {
    turn.note({ type: 'sessions-restored', sessions });
  }
  for (const note of change.notes(turn.settings.upstream)) {
    turn.note(note);
  }
}

function restoreSession(record: StoredSession, turn: Turn): void {
  const { clientId, nodeId, sleepDuration, link, transport, host, address = host, identity } = record;
  const direct = directPath(link, { transport, host, address, ...(identity !== undefined && { identity }) });
  const path = nodeId === undefined ? direct : forwardedPath(direct, nodeId);
  const session = new Session(clientId, path, turn.settings.clients.maxTopics, 0, DIALECTS[record.protocolVersion]);
  session.stored.session = writtenOf(record, path.key);
  session.upstream.shared = sharesConnection(clientId, turn);
  session.isNew = false;
  if (record.msgIdsTo === undefined) {
    session.msgIds.startAnywhere(turn.shared.random); // I-55: of an older store
  } else {
    session.msgIds.startBehindReserved(record.msgIdsTo);
  }
  session.upstream.downSince = turn.now; // the grace time begins with the gateway (3.5)
  session.cleanSession = record.cleanSession;
  session.keepAlive = record.keepAlive;
  session.lastHeard = Math.min(record.lastHeard, turn.now);
  session.topics.restore(record.nextTopicId, record.epoch);
  session.upstream.owesSubscriptions = record.subscriptionsDoubted === true || sharedBefore(session); // the broker may have a session of before that
  session.upstream.mount = record.mount ?? '';
  session.upstream.prefix = record.prefix ?? '';
  turn.directory.notePrefix(session.upstream.prefix);
  const state = record.state === 'awake' ? nextState('awake', 'rested') : record.state;
  const goneSince = Math.min(record.goneSince ?? record.lastHeard, turn.now);
  session.enter(state, state === 'disconnected' || state === 'lost' ? goneSince : turn.now);
  if (session.state === 'asleep' && sleepDuration !== undefined) {
    session.sleep = newSleepState(sleepDuration);
  }
  restoreOwn(session, record, turn);
  turn.directory.add(session);
  turn.directory.grant(session, accessOf(path, clientId, turn));
}

/** What the broker has of a client that changes between a connection of its own and the shared one (I-158, I-159). */
function restoreOwn(
  session: Session,
  { shared, cleanSession, ownSince, owesSession, bridged }: StoredSession,
  turn: Turn,
): void {
  const { upstream } = session;
  const leavesOwn = upstream.shared && shared !== true && !cleanSession;
  upstream.ownSince = ownSince ?? (leavesOwn && !wasNeverMade(session) ? turn.now : undefined);
  upstream.owesSession = !upstream.shared && !cleanSession && (owesSession === true || shared === true);
  upstream.bridged = upstream.owesSession || (!upstream.shared && bridged === true);
}

/** It got a connection of its own for a while, and the broker has not granted all of its subscriptions there: its session there has nothing that did not come by the shared one (I-159). */
function wasNeverMade({ upstream, stored }: Session): boolean {
  const { shared, owesSession, ownSince } = stored.session ?? {};
  return upstream.shared && shared !== true && owesSession === true && ownSince === undefined;
}

/** It has broken an invariant, and its parts go as orphans: it has ended, in the hub as well. */
function dropBroken({ clientId }: StoredSession, turn: Turn): void {
  turn.writes.push({ key: storeKey('session', clientId), record: undefined });
  if (sharesConnection(clientId, turn)) {
    turn.emit({ type: 'upstream-forget', connection: 0, clientId });
  }
}

/** A session that was forgotten, or left, is to end at the broker; not where its client has another one there since (I-103, I-158). */
function restoreLeftover(record: StoredLeftover, turn: Turn): void {
  const leftover = addLeftover({ ...record, since: Math.min(record.since, turn.now) }, turn);
  const session = turn.directory.byClientId(record.clientId);
  const hasOther = session && isKept(session) && !session.upstream.shared && !sharedBefore(session);
  if (hasOther && record.replaced !== true) {
    forgetLeftover(leftover, turn);
  } else {
    attemptLeftover(leftover, turn);
  }
}

/** Whoever shares the connection and did not, or the other way round, is so in the store from now on: told once (restore-parts.ts needs it as well). `room`: who may give way. */
function goOn(session: Session, change: ModeChange, room: Session[], turn: Turn): void {
  const { stored, upstream, subscribing } = session;
  if ((stored.session?.shared === true) !== upstream.shared && isKept(session)) {
    saveLater(session, turn);
    if (subscribing.subscriptions.size > 0) {
      change.add(session.clientId, upstream.shared);
    }
  }
  if (isKept(session) && turn.shared.keepsOwn(session.clientId) && isToShare(session.clientId, turn)) {
    change.addWaiting(session.clientId);
  }
  const point = mountPoint(turn.settings.upstream.topicPrefix, session.clientId);
  if (point !== upstream.mount && isKept(session) && subscribing.subscriptions.size > 0) {
    saveLater(session, turn);
    change.addRenamed(session.clientId);
  }
  if (wasNeverMade(session)) {
    leaveBehind(session, turn, true);
  }
  resume(session, turn);
  if (mayGiveWay(session)) {
    room.push(session); // it is seen now, and not unfolded for it when all are back
  }
}

function resume(session: Session, turn: Turn): void {
  if (!isKept(session)) {
    forgetExchanges(session, turn); // clean, and awake for good when the process ended (T-26)
    forgetDeliveries(session, turn);
    uncountExchanges(session, turn);
    turn.directory.remove(session);
    erase(session, turn);
    if (session.upstream.shared) {
      turn.emit({ type: 'upstream-forget', connection: 0, clientId: session.clientId });
    }
    return;
  }
  const dismissal = dismissalReason(session, turn);
  if (dismissal !== undefined && (session.state === 'asleep' || session.state === 'active')) {
    dismiss(session, dismissal, turn); // I-122
    return;
  }
  superviseUnreleased(session, turn);
  followRenamed(session, turn); // I-113
  leaveGroups(session, turn); // I-135
  if (session.state === 'asleep') {
    resumeSleeper(session, turn);
  } else if (session.state === 'active') {
    resumeActive(session, turn);
  }
  if (session.state === 'disconnected' || session.state === 'lost') {
    keepAbsent(session, session.since, turn);
    makeOwnSession(session, turn); // I-159
  }
}

/** Nobody knows how long the gateway was down: the sleep is supervised anew, for its whole duration (SL-3, I-20). */
function resumeSleeper(session: Session, turn: Turn): void {
  if (!turn.directory.byPath(session.path.key)) {
    turn.directory.bind(session, session.path); // T-08: it wakes from any address
  }
  if (session.sleep) {
    superviseSleep(session, session.sleep, turn.now, turn);
  }
  openUpstream(session, turn);
}

/** Nobody knows how much of the keep-alive has passed: it starts anew (K-3, I-21). */
function resumeActive(session: Session, turn: Turn): void {
  if (turn.directory.byPath(session.path.key)) {
    session.become('disconnected', turn.now); // two records with one address: neither is believed
    return;
  }
  turn.directory.bind(session, session.path);
  superviseActive(session, turn);
  openUpstream(session, turn);
}
