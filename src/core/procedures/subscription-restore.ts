/** Subscriptions of a session that the broker has lost (3.4), and UNSUBSCRIBEs that it could not be told (3.5 item 3). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import type { Session } from '../state/session.ts';
import type { Restoring, Unsubscribing } from '../state/subscribe-state.ts';
import { saveLater } from '../steps/persistence.ts';
import { subscribeReturnCode } from '../steps/return-codes.ts';
import { forgetSubscription, unsubscribeUpstream } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';

const { accepted } = RETURN_CODE;

/**
 * 3.4: where the broker has lost the session, or may have (I-52), it gets every subscription again, also where an earlier connection broke
 * before all were granted. True where that is under way.
 */
export function restoreSubscriptions(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { upstream } = session;
  const { subscriptions, owed } = session.subscribing;
  upstream.freeAll('restoring', 'unsubscribing');
  if (sessionPresent) {
    for (const filter of owed) {
      unsubscribeUpstream(session, filter, turn);
    }
  } else {
    owed.clear();
  }
  upstream.owesSubscriptions ||= !sessionPresent || upstream.doubted;
  if (upstream.owesSubscriptions) {
    for (const { filter, qos } of subscriptions.values()) {
      const packetId = upstream.takePacketId({ purpose: 'restoring', filter });
      const { connection } = upstream;
      turn.emit({ type: 'upstream-subscribe', connection, packetId, filter, qos, again: true });
    }
  }
  subscriptionsReviewed(session, turn);
  return upstream.owesSubscriptions;
}

/** Whether all are back at the broker; the store need not doubt it any more. */
function subscriptionsReviewed(session: Session, turn: Turn): void {
  if (!session.upstream.isAnyFor('restoring')) {
    session.upstream.owesSubscriptions = false;
    if (session.subscribing.subscriptions.size > 0) {
      saveLater(session, turn);
    }
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
  if (former && subscribeReturnCode(reasonCode) !== accepted) {
    forgetSubscription(session, filter, turn);
  } else if (former && (reasonCode === 0 || reasonCode === 1 || reasonCode === 2)) {
    subscriptions.set(former.filter, { ...former, qos: reasonCode });
  }
  subscriptionsReviewed(session, turn);
}

/** UNSUBACK for a filter that was owed to the broker. */
export function unsubscribed(session: Session, { filter }: Unsubscribing, packetId: number, turn: Turn): void {
  session.upstream.freePacketId(packetId);
  session.subscribing.owed.delete(filter);
  saveLater(session, turn);
}
