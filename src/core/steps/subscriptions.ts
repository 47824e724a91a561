/** The subscriptions of a client (6.9): which there are, and their end. */

import { type Session, where } from '../state/session.ts';
import { isOneTopic, matchesFilter, utf8Octets } from '../topics/topic-name.ts';
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

/** The client refused the REGISTER of a topic that it had subscribed to: unsubscribed (R-8, T-38). */
export function dropSubscription(session: Session, filter: string, turn: Turn): void {
  if (session.upstream.takes) {
    unsubscribeUpstream(session, filter, turn);
  } else {
    oweUnsubscribe(session, filter, turn);
  }
  forgetSubscription(session, filter, turn);
}

/** The broker is away: it is told later (3.5 item 3). What it may only have from an earlier time is remembered within the limits of a client. */
export function oweUnsubscribe(session: Session, filter: string, turn: Turn): void {
  const { owed, subscriptions } = session.subscribing;
  const { maxSubscriptions, maxNameOctets } = turn.settings.clients;
  const room = owed.size < maxSubscriptions && owed.octets + utf8Octets(filter) <= maxNameOctets;
  if (subscriptions.has(filter) || room) {
    owed.set(filter, filter);
  }
}

export function unsubscribeUpstream(session: Session, filter: string, turn: Turn): void {
  const packetId = session.upstream.takePacketId({ purpose: 'unsubscribing' });
  turn.emit({ type: 'upstream-unsubscribe', connection: session.upstream.connection, packetId, filter });
}

/** The client is gone: nobody waits for these answers. */
export function dropRequests(session: Session): void {
  const { requests, answered } = session.subscribing;
  for (const request of requests) {
    if (request.packetId !== 0) {
      session.upstream.freePacketId(request.packetId);
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
}
