/** The subscriptions of a client (6.9): which there are, and their end. */

import { type Session, where } from '../state/session.ts';
import { isOneTopic, matchesFilter } from '../topics/topic-name.ts';
import { dropWaiting } from './delivery.ts';
import { save } from './persistence.ts';
import type { Turn } from './turn.ts';

function isSubscribed(session: Session, topic: string): boolean {
  for (const filter of session.subscribing.subscriptions.keys()) {
    if (matchesFilter(filter, topic)) {
      return true;
    }
  }
  return false;
}

/** T-39: a message whose SUBACK is still to come waits for it, so that the client knows the topic id. */
export function awaitsSubAck(session: Session, topic: string): boolean {
  const first = session.subscribing.requests[0];
  if (first?.type !== 'SUBSCRIBE' || first.packetId === 0) {
    return false;
  }
  return (
    matchesFilter(first.subscription.filter, topic) &&
    (!isSubscribed(session, topic) || isOneTopic(first.subscription.filter))
  );
}

/** U-10: the topic id stays. T-40: what waits for this filter alone is dropped, save what the client has heard of: as in MQTT, that is finished. */
export function forgetSubscription(session: Session, filter: string, turn: Turn): void {
  const { subscriptions } = session.subscribing;
  subscriptions.delete(filter);
  forgetAnswers(session, filter);
  save(session, turn);
  turn.note({ type: 'unsubscribed', ...where(session), filter });
  const started = session.outbound.outstanding?.delivery;
  const unwanted = (topic: string): boolean => matchesFilter(filter, topic) && !isSubscribed(session, topic);
  dropWaiting(
    session,
    (delivery) => delivery !== started && delivery.msgId === 0 && unwanted(delivery.message.topic),
    'the client has unsubscribed',
    turn,
  );
}

/** What was answered about a filter is not so any more: a repetition of that request is a new one (U-11, I-54). */
export function forgetAnswers(session: Session, filter: string): void {
  const { answered } = session.subscribing;
  const others = answered.filter((answer) => answer.filter !== filter);
  answered.splice(0, answered.length, ...others);
}

/** The client refused the REGISTER of a topic that it had subscribed to: unsubscribed (R-8, T-38). */
export function dropSubscription(session: Session, filter: string, turn: Turn): void {
  session.subscribing.owed.add(filter);
  if (session.upstream.phase === 'up') {
    unsubscribeUpstream(session, filter, turn);
  }
  forgetSubscription(session, filter, turn);
}

export function unsubscribeUpstream(session: Session, filter: string, turn: Turn): void {
  const packetId = session.upstream.takePacketId({ purpose: 'unsubscribing', filter });
  turn.emit({ type: 'upstream-unsubscribe', connection: session.upstream.connection, packetId, filter });
}

/**
 * The client is gone, or begins anew: nobody waits for these answers. What the broker makes of a request that it has is not heard any more:
 * on the next connection it is told what the client had before (I-53).
 */
export function dropRequests(session: Session): void {
  const { requests, answered, subscriptions, owed } = session.subscribing;
  const { upstream } = session;
  for (const { packetId, subscription } of requests) {
    if (packetId === 0) {
      continue;
    }
    upstream.freePacketId(packetId);
    if (subscriptions.has(subscription.filter)) {
      upstream.owesSubscriptions = true;
    } else {
      owed.add(subscription.filter);
    }
  }
  requests.length = 0;
  answered.length = 0;
}

/** CleanSession: no subscriptions (S-4). */
export function clearSubscriptions(session: Session): void {
  const { subscriptions, owed } = session.subscribing;
  dropRequests(session);
  session.upstream.freeAll('restoring', 'unsubscribing');
  subscriptions.clear();
  owed.clear();
  session.upstream.owesSubscriptions = false;
}
