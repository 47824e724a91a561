/** Subscriptions of a session that the broker has lost (3.4), and UNSUBSCRIBEs that it could not be told (3.5 item 3). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import type { Session } from '../state/session.ts';
import type { Restoring } from '../state/subscribe-state.ts';
import { filterProblem } from '../steps/broker-limits.ts';
import { subscribeReturnCode } from '../steps/return-codes.ts';
import { forgetSubscription, unsubscribeUpstream } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';

const { accepted } = RETURN_CODE;

/**
 * 3.4: where the broker has lost the session it gets every subscription again, also where an earlier connection broke before all were
 * granted; those on which it may have broken come later, one at a time (I-42). True where that is under way.
 */
export function restoreSubscriptions(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { upstream } = session;
  const { suspects } = upstream.suspicion;
  const { subscriptions, owed } = session.subscribing;
  upstream.freeAll('restoring', 'unsubscribing');
  if (sessionPresent) {
    for (const filter of owed.keys()) {
      unsubscribeUpstream(session, filter, turn);
    }
  }
  owed.clear();
  upstream.owesSubscriptions ||= !sessionPresent;
  if (!upstream.owesSubscriptions) {
    return false;
  }
  for (const { filter } of [...subscriptions.values()]) {
    if (filterProblem(upstream.limits, filter)) {
      forgetSubscription(session, filter, turn); // I-44
    } else if (!suspects.some((suspect) => suspect.purpose === 'restoring' && suspect.filter === filter)) {
      restoreOne(session, { purpose: 'restoring', filter }, turn);
    }
  }
  subscriptionsReviewed(session);
  return upstream.owesSubscriptions;
}

/** Asks the broker for one of them again; nothing where the client has unsubscribed meanwhile. */
export function restoreOne(session: Session, restoring: Restoring, turn: Turn): void {
  const { upstream } = session;
  const subscription = session.subscribing.subscriptions.get(restoring.filter);
  if (subscription) {
    const { filter, qos } = subscription;
    const packetId = upstream.takePacketId(restoring);
    upstream.packetSent(packetId);
    turn.emit({ type: 'upstream-subscribe', connection: upstream.connection, packetId, filter, qos });
  }
}

/** Whether all are back at the broker. */
export function subscriptionsReviewed(session: Session): void {
  const { upstream } = session;
  const { suspects } = upstream.suspicion;
  if (!upstream.isAnyFor('restoring') && !suspects.some(({ purpose }) => purpose === 'restoring')) {
    upstream.owesSubscriptions = false;
  }
}

/** SUBACK for one of them; one that the broker refuses now is gone. */
export function subscriptionRestored(
  session: Session,
  { filter }: Restoring,
  { packetId, reasonCode }: UpstreamSubscribed,
  turn: Turn,
): void {
  const { subscriptions } = session.subscribing;
  session.upstream.freePacketId(packetId);
  const former = subscriptions.get(filter);
  if (subscribeReturnCode(reasonCode) !== accepted) {
    forgetSubscription(session, filter, turn);
  } else if (former && (reasonCode === 0 || reasonCode === 1 || reasonCode === 2)) {
    subscriptions.set(former.filter, { ...former, qos: reasonCode });
  }
  subscriptionsReviewed(session);
}
