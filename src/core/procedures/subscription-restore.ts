/** Subscriptions of a session that the broker has lost (3.4), and UNSUBSCRIBEs that it could not be told (3.5 item 3). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { Session } from '../state/session.ts';
import { freePacketId, takePacketId } from '../steps/connection.ts';
import { subscribeReturnCode } from '../steps/return-codes.ts';
import { forgetSubscription, unsubscribeUpstream } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';

const { accepted } = RETURN_CODE;

/** 3.4: where the broker has lost the session it gets every subscription again. True where that is under way. */
export function restoreSubscriptions(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { subscriptions, restoring, unsubscribing, owed } = session.subscribing;
  for (const packetId of [...restoring.keys(), ...unsubscribing]) {
    freePacketId(session, packetId);
  }
  restoring.clear();
  unsubscribing.clear();
  if (sessionPresent) {
    for (const filter of owed) {
      unsubscribeUpstream(session, filter, turn);
    }
  }
  owed.clear();
  if (sessionPresent) {
    return false;
  }
  for (const { filter, qos } of subscriptions.values()) {
    const packetId = takePacketId(session);
    restoring.set(packetId, filter);
    turn.emit({ type: 'upstream-subscribe', connection: session.upstream.connection, packetId, filter, qos });
  }
  return restoring.size > 0;
}

/** SUBACK for one of them; one that the broker refuses now is gone. */
export function subscriptionRestored(session: Session, packetId: number, reasonCode: number, turn: Turn): void {
  const { restoring, subscriptions } = session.subscribing;
  const filter = restoring.get(packetId);
  restoring.delete(packetId);
  freePacketId(session, packetId);
  const former = filter === undefined ? undefined : subscriptions.get(filter);
  if (filter !== undefined && subscribeReturnCode(reasonCode) !== accepted) {
    forgetSubscription(session, filter, turn);
  } else if (former && (reasonCode === 0 || reasonCode === 1 || reasonCode === 2)) {
    subscriptions.set(former.filter, { ...former, qos: reasonCode });
  }
}
