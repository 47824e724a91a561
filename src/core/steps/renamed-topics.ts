/**
 * Pre-defined topic ids that mean another topic than before: since a change of the settings, or since the last start with other files. What a
 * client has subscribed to by such an id moves with it (I-113).
 */

import { type Session, where } from '../state/session.ts';
import type { Request, Restoring } from '../state/subscribe-state.ts';
import { idsOf, joined, knownBy, type Subscription } from '../state/subscription-table.ts';
import { filterProblem, isFilterTooLong } from './broker-limits.ts';
import { saveLater } from './persistence.ts';
import { forgetAnswers, loseSubscription, restoreOne, unsubscribeOwed } from './subscriptions.ts';
import type { Turn } from './turn.ts';

/** One pre-defined id of a subscription, which goes to another name. */
interface Move {
  readonly from: Subscription;
  readonly topicId: number;
  readonly to: string;
}

/**
 * Subscriptions by pre-defined ids are for what these mean now: SUBSCRIBE, and when that is granted UNSUBSCRIBE for what they meant before; both
 * when the connection stands, where it does not.
 */
export function followRenamed(session: Session, turn: Turn): void {
  const { upstream } = session;
  const filters = renameSubscriptions(session, turn);
  if (filters === undefined) {
    return;
  }
  for (const [filter, isThere] of filters) {
    askFor(session, filter, isThere, turn);
  }
  if (upstream.takes && !upstream.isAnyFor('restoring')) {
    unsubscribeOwed(session, turn);
  }
}

function askFor(session: Session, filter: string, isThere: boolean, turn: Turn): void {
  const { upstream } = session;
  const restoring: Restoring = { purpose: 'restoring', filter, ...(isThere && { isThere }) };
  if (!upstream.takes) {
    upstream.owesSubscriptions = true;
    if (upstream.suspicion.active) {
      upstream.suspicion.suspects.push(restoring);
    }
    return;
  }
  const problem = filterProblem(upstream, filter);
  if (problem) {
    const mayEnd = isThere && !isFilterTooLong(upstream, filter);
    loseSubscription(session, filter, { reason: problem.reason, isThere: mayEnd }, turn); // I-44
  } else {
    upstream.owesSubscriptions = true;
    restoreOne(session, restoring, turn);
  }
}

/**
 * Only here, and in the store: the filters that the broker has to be asked for now, and whether it may have them; what it has to end is owed to it.
 * Undefined: nothing has another name.
 */
export function renameSubscriptions(session: Session, turn: Turn): ReadonlyMap<string, boolean> | undefined {
  renameRequests(session, turn);
  const { subscriptions, owed } = session.subscribing;
  const moved: Move[] = [];
  for (const subscription of subscriptions.values()) {
    for (const topicId of isLeaving(session, subscription) ? [] : idsOf(subscription)) {
      const to = newNameOf(session, subscription.filter, topicId, turn);
      if (to !== undefined) {
        moved.push({ from: subscription, topicId, to });
      }
    }
  }
  if (moved.length === 0) {
    return undefined;
  }
  const before = new Map(moved.map(({ from }) => [from.filter, from]));
  for (const { from, topicId } of moved) {
    leaveName(session, from.filter, topicId);
  }
  const wanted = new Map<string, boolean>();
  for (const { from, topicId, to } of moved) {
    const isThere = wanted.get(to) ?? (subscriptions.has(to) || before.has(to) || owed.has(to));
    if (takeName(session, { ...from, predefinedId: topicId }, to, before.get(to))) {
      wanted.set(to, isThere);
    }
    owed.delete(to);
    turn.note({
      type: 'subscription-moved',
      ...where(session),
      topicId,
      from: from.filter,
      to,
    });
  }
  for (const { from } of moved) {
    if (!subscriptions.has(from.filter)) {
      owed.add(from.filter);
    }
  }
  saveLater(session, turn);
  return wanted;
}

/** What a pre-defined id of a subscription means now; undefined: the same, or nothing, for then it stays what it was. */
function newNameOf(session: Session, filter: string, predefinedId: number | undefined, turn: Turn): string | undefined {
  const { predefined } = turn.shared;
  const name = predefinedId === undefined ? undefined : predefined.nameOf(session.clientId, predefinedId);
  return name === undefined || name === filter || predefined.isRefused(name) ? undefined : name;
}

/** It is being given up: the broker has UNSUBSCRIBE. */
function isLeaving({ subscribing: { requests } }: Session, { filter }: Subscription): boolean {
  const [first] = requests;
  return first?.type === 'UNSUBSCRIBE' && first.packetId !== 0 && first.subscription.filter === filter;
}

/** Requests that the broker has not heard of are for the new name. */
function renameRequests(session: Session, turn: Turn): void {
  const { requests } = session.subscribing;
  for (const [at, request] of requests.entries()) {
    const { filter: former, predefinedId } = request.subscription;
    const filter = request.packetId === 0 ? newNameOf(session, former, predefinedId, turn) : undefined;
    if (filter !== undefined) {
      const renamed: Request = { ...request, subscription: { ...request.subscription, filter } };
      requests[at] = renamed;
    }
  }
}

/** By its name, long or short, or another id, the client may have asked for it as well. */
function leaveName({ subscribing }: Session, filter: string, topicId: number): void {
  const { subscriptions } = subscribing;
  const subscription = subscriptions.get(filter);
  if (subscription === undefined) {
    return;
  }
  const { short, named } = subscription;
  const ids = idsOf(subscription).filter((id) => id !== topicId);
  if (short || named || ids.length > 0) {
    subscriptions.set(filter, knownBy(subscription, ids, named === true));
  } else {
    subscriptions.delete(filter);
  }
}

/**
 * `before`: what another id had there until now; that has got another name as well. What the client has there by other means keeps the higher QoS.
 * True where the broker has to be asked.
 */
function takeName(session: Session, from: Subscription, to: string, before: Subscription | undefined): boolean {
  const { subscriptions } = session.subscribing;
  const { qos, predefinedId } = from; // one of its ids, the one that moves
  const there = subscriptions.get(to);
  const highest = there !== undefined && there.qos > qos ? there.qos : qos;
  subscriptions.set(to, joined(there, { filter: to, qos: highest, predefinedId, short: false }));
  forgetAnswers(session, from.filter);
  forgetAnswers(session, to);
  const known = there ?? before;
  return known?.qos !== highest;
}
