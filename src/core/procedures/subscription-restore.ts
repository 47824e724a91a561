/** Subscriptions that the broker has lost (3.4). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import { type Session, where } from '../state/session.ts';
import type { Restoring, Unsubscribing } from '../state/subscribe-state.ts';
import { filterProblem, isFilterTooLong } from '../steps/broker-limits.ts';
import { saveLater } from '../steps/persistence.ts';
import { renameSubscriptions } from '../steps/renamed-topics.ts';
import { PACKET_ID_IN_USE, PACKET_ID_TRIES, refusalReason, subscribeReturnCode } from '../steps/return-codes.ts';
import { askAgain, loseSubscription, restoreOne, unsubscribeOwed } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';

const { accepted, congestion } = RETURN_CODE;

/**
 * 3.4: where the broker has lost the session, or may have (I-52), it gets every subscription again, also where an earlier connection broke
 * before all were granted; those on which it may have broken come later, one at a time (I-42). True where that is under way.
 */
export function restoreSubscriptions(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { upstream } = session;
  const { suspects } = upstream.suspicion;
  const { subscriptions, owed } = session.subscribing;
  upstream.freeAll('restoring', 'unsubscribing');
  if (!sessionPresent) {
    owed.clear();
  }
  const isRenamed = renameSubscriptions(session, turn) !== undefined; // what was being given up when the name changed (I-113)
  upstream.owesSubscriptions ||=
    !sessionPresent || upstream.doubtedOn === upstream.connection || isRenamed || session.subscribing.asksAgain;
  session.subscribing.asksAgain = false;
  if (upstream.owesSubscriptions) {
    for (const subscription of [...subscriptions.values()]) {
      const { filter } = subscription;
      const problem = upstream.shared ? undefined : filterProblem(upstream, filter); // I-97: on the shared one it is kept
      if (problem) {
        const isThere = sessionPresent && !isFilterTooLong(upstream, filter);
        loseSubscription(session, filter, { reason: problem.reason, isThere }, turn); // I-44
      } else if (!suspects.some((suspect) => suspect.purpose === 'restoring' && suspect.filter === filter)) {
        askAgain(session, { purpose: 'restoring', filter }, subscription, turn); // nothing is out yet on this connection
      }
    }
  }
  subscriptionsReviewed(session, turn);
  return upstream.owesSubscriptions;
}

/** Whether all are back at the broker; the store need not doubt it any more. */
export function subscriptionsReviewed(session: Session, turn: Turn): void {
  const { upstream } = session;
  const { suspects } = upstream.suspicion;
  if (!upstream.isAnyFor('restoring') && !suspects.some(({ purpose }) => purpose === 'restoring')) {
    upstream.owesSubscriptions = false;
  }
  saveLater(session, turn);
}

/** SUBACK for one of them; one that the broker refuses now is gone, unless that may pass (I-132). */
export function subscriptionRestored(
  session: Session,
  restoring: Restoring,
  { packetId, reasonCode }: UpstreamSubscribed,
  turn: Turn,
): void {
  const { upstream } = session;
  const { filter, packetIdsRefused = 0, overtaken = false, isThere = upstream.sessionPresent } = restoring;
  const { subscriptions } = session.subscribing;
  upstream.freePacketId(packetId);
  if (reasonCode === PACKET_ID_IN_USE && packetIdsRefused < PACKET_ID_TRIES && !overtaken) {
    restoreOne(session, { ...restoring, packetIdsRefused: packetIdsRefused + 1 }, turn);
    return;
  }
  const former = overtaken ? undefined : subscriptions.get(filter);
  if (former && (reasonCode === PACKET_ID_IN_USE || subscribeReturnCode(reasonCode) === congestion)) {
    const reason = refusalReason(reasonCode);
    turn.note({ type: 'subscription-refused', ...where(session), filter, reason, kept: true });
    session.subscribing.asksAgain = true;
  } else if (former && subscribeReturnCode(reasonCode) !== accepted) {
    loseSubscription(session, filter, { reason: 'the broker refused it', isThere }, turn);
  } else if (former && (reasonCode === 0 || reasonCode === 1 || reasonCode === 2)) {
    subscriptions.set(former.filter, { ...former, qos: reasonCode });
  }
  subscriptionsReviewed(session, turn);
  if (upstream.takes && !upstream.isAnyFor('restoring')) {
    unsubscribeOwed(session, turn); // what they stand for now (I-113)
  }
}

/** UNSUBACK for a filter that was owed to the broker; it still is where the broker has been told something else behind that. */
export function unsubscribed(
  session: Session,
  { filter, overtaken = false }: Unsubscribing,
  packetId: number,
  turn: Turn,
): void {
  session.upstream.freePacketId(packetId);
  if (!overtaken) {
    session.subscribing.owed.delete(filter);
    saveLater(session, turn);
  }
}
