/** Which absent sessions make room for others where the table of sessions is full (S-7, I-22): those of which nothing would be missed. */

import type { Session } from '../state/session.ts';
import type { Turn } from './turn.ts';

/**
 * Whether a session may be forgotten: its client is gone, and it has no subscription, no message and no QoS 2 exchange that is open, or that the
 * client has left open (T-18): by what is remembered of it a repetition is known. A subscription that the broker may have and the client has given up
 * counts as one: with the session the UNSUBSCRIBE would be forgotten that UNSUBACK has promised (3.5 item 3).
 */
export function mayGiveWay(session: Session): boolean {
  const { bound, attempt, farewell, state } = session;
  if (bound || attempt || farewell || (state !== 'disconnected' && state !== 'lost')) {
    return false;
  }
  const { queue } = session.outbound;
  if (
    session.subscribing.subscriptions.size > 0 ||
    session.subscribing.owesAny ||
    session.inbound.letGo.length > 0 ||
    queue.waiting.length + queue.unsettled.size + queue.restored.size > 0
  ) {
    return false;
  }
  for (const { qos } of session.inbound.exchanges) {
    if (qos === 2) {
      return false;
    }
  }
  return true;
}

/** A client is gone and its session is kept: it gives way behind those that went before. */
export function offerRoom(session: Session, turn: Turn): void {
  if (mayGiveWay(session)) {
    turn.directory.offer(session);
  }
}
