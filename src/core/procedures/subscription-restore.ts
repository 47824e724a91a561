/** Subscriptions of a session that the broker has lost (3.4), and UNSUBSCRIBEs that it could not be told (3.5 item 3). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamSubscribed } from '../contract/input.ts';
import type { Session } from '../state/session.ts';
import type { Restoring } from '../state/subscribe-state.ts';
import { subscribeReturnCode } from '../steps/return-codes.ts';
import { forgetSubscription, unsubscribeUpstream } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';

const { accepted } = RETURN_CODE;

/** 3.4: where the broker has lost the session it gets every subscription again. True where that is under way. */
export function restoreSubscriptions(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { upstream } = session;
  const { subscriptions, owed } = session.subscribing;
  upstream.freeAll('restoring', 'unsubscribing');
  if (sessionPresent) {
    for (const filter of owed.keys()) {
      unsubscribeUpstream(session, filter, turn);
    }
  }
  owed.clear();
  if (sessionPresent) {
    return false;
  }
  for (const { filter, qos } of subscriptions.values()) {
    const packetId = upstream.takePacketId({ purpose: 'restoring', filter });
    turn.emit({ type: 'upstream-subscribe', connection: upstream.connection, packetId, filter, qos });
  }
  return subscriptions.size > 0;
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
}
