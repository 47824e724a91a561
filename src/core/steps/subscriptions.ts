/** The subscriptions of a client (6.9): which there are, and their end. */

import { overtake, unsubscribing } from '../state/overtaken.ts';
import { type Session, where } from '../state/session.ts';
import type { Restoring, Unsubscribing } from '../state/subscribe-state.ts';
import type { Subscription } from '../state/subscription-table.ts';
import { isOneTopic, matchesFilter, SHARED, utf8Octets } from '../topics/topic-name.ts';
import { subscribeAt, unsubscribeAt } from './broker-packets.ts';
import { dropWaiting, giveBack } from './delivery.ts';
import { save, saveLater } from './persistence.ts';
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
  const end = session.upstream.shared && filter.startsWith(SHARED) ? giveBack : dropWaiting;
  end(
    session,
    (delivery) => delivery !== started && delivery.msgId === 0 && unwanted(delivery.message.topic),
    'the client has unsubscribed',
    turn,
  );
}

/** The broker does not take a subscription again that the client has. `isThere`: it may have it from before (I-145). */
export function loseSubscription(
  session: Session,
  filter: string,
  { reason, isThere }: { readonly reason: string; readonly isThere: boolean },
  turn: Turn,
): void {
  turn.note({ type: 'subscription-refused', ...where(session), filter, reason });
  if (isThere) {
    dropSubscription(session, filter, turn);
  } else {
    forgetSubscription(session, filter, turn);
  }
}

/** What was answered about a filter is not so any more: a repetition of that request is a new one (U-11, I-54). */
export function forgetAnswers(session: Session, filter: string): void {
  const { subscribing } = session;
  subscribing.answered = subscribing.answered.filter((answer) => answer.filter !== filter);
}

/** It ends at the broker as well: the client refused the REGISTER of a topic that it had subscribed to (R-8, T-38), or the broker does not take it again. */
export function dropSubscription(session: Session, filter: string, turn: Turn): void {
  oweUnsubscribe(session, filter, turn);
  forgetSubscription(session, filter, turn);
}

/**
 * The broker is told now, or when it takes packets (3.5 item 3), until UNSUBACK. What it may only have from an earlier time is remembered within
 * the limits of a client.
 */
export function oweUnsubscribe(session: Session, filter: string, turn: Turn): void {
  const { owed, subscriptions } = session.subscribing;
  const { maxSubscriptions, maxNameOctets } = turn.settings.clients;
  const room = owed.size < maxSubscriptions && owed.octets + utf8Octets(filter) <= maxNameOctets;
  if (subscriptions.has(filter) || room) {
    owed.add(filter);
    saveLater(session, turn);
  }
  if (session.upstream.takes) {
    unsubscribeUpstream(session, { purpose: 'unsubscribing', filter }, turn);
  }
}

/** Tells the broker all that it is owed and has not been told on this connection. */
export function unsubscribeOwed(session: Session, turn: Turn): void {
  const { owed, requests } = session.subscribing;
  if (owed.size === 0) {
    return;
  }
  const { upstream } = session;
  const told = unsubscribing(upstream);
  const [first] = requests;
  for (const filter of owed.keys()) {
    const isAskedFor = first?.subscription.filter === filter && first.sentOn === upstream.connection; // it would undo that
    if (!told.has(filter) && !isAskedFor) {
      unsubscribeUpstream(session, { purpose: 'unsubscribing', filter }, turn);
    }
  }
}

/** UNSUBSCRIBE to the broker, for which no client waits. */
export function unsubscribeUpstream(session: Session, packet: Unsubscribing, turn: Turn): void {
  const { upstream } = session;
  const { filter } = packet;
  overtake(upstream, filter);
  packet.overtaken = false;
  const packetId = upstream.takePacketId(packet);
  upstream.packetSent(packetId);
  unsubscribeAt(upstream, { packetId, filter }, turn);
}

/** Asks the broker for a subscription again; nothing where the client has unsubscribed meanwhile. */
export function restoreOne(session: Session, restoring: Restoring, turn: Turn): void {
  const { upstream } = session;
  const subscription = session.subscribing.subscriptions.get(restoring.filter);
  if (subscription) {
    overtake(upstream, restoring.filter, true);
    askAgain(session, restoring, subscription, turn);
  }
}

/** SUBSCRIBE for a subscription that the broker may have lost; `restoring` is all that is out about its filter, or what was is overtaken. */
export function askAgain({ upstream }: Session, restoring: Restoring, { filter, qos }: Subscription, turn: Turn): void {
  restoring.overtaken = false;
  const packetId = upstream.takePacketId(restoring);
  upstream.packetSent(packetId);
  subscribeAt(upstream, { packetId, filter, qos, again: true }, turn);
}

/** SUBSCRIBE goes out. Where nobody hears SUBACK, for the gateway is killed, the broker that keeps the session has what the client has not (I-146). */
export function writeDown(session: Session, filter: string, turn: Turn): void {
  const { subscriptions, owed } = session.subscribing;
  const isForgotten = session.cleanSession || session.upstream.shared; // with the connection; the hub keeps its own books
  if (!isForgotten && !subscriptions.has(filter) && !owed.isKept(filter)) {
    owed.ask(filter);
    saveLater(session, turn);
    turn.syncs = true;
  }
}

/** It has its answer, or nobody waits for that: a kill leaves nothing there any more. */
export function noteAnswered(session: Session, turn: Turn): void {
  session.subscribing.requestOver();
  saveLater(session, turn);
}

/**
 * The client is gone, or begins anew: nobody waits for these answers. What the broker makes of a request that it has is not heard any more:
 * it is told what the client had before, on the next connection where this one is gone (I-53).
 */
export function dropRequests(session: Session, turn: Turn): void {
  const { upstream, subscribing } = session;
  for (const { packetId, subscription } of subscribing.requests.splice(0)) {
    if (packetId !== 0) {
      upstream.freePacketId(packetId);
      putBack(session, subscription.filter, turn);
    }
  }
  noteAnswered(session, turn);
  subscribing.answered = [];
}

function putBack(session: Session, filter: string, turn: Turn): void {
  const { upstream } = session;
  if (!session.subscribing.subscriptions.has(filter)) {
    oweUnsubscribe(session, filter, turn);
    return;
  }
  upstream.owesSubscriptions = true;
  if (upstream.takes) {
    restoreOne(session, { purpose: 'restoring', filter, isThere: true }, turn);
  } else if (upstream.suspicion.active) {
    upstream.suspicion.suspects.push({ purpose: 'restoring', filter, isThere: true });
  }
}

/** CleanSession: no subscriptions (S-4). */
export function clearSubscriptions(session: Session): void {
  const { subscriptions, owed, requests } = session.subscribing;
  for (const { packetId } of requests.splice(0)) {
    if (packetId !== 0) {
      session.upstream.freePacketId(packetId);
    }
  }
  session.subscribing.answered = [];
  session.upstream.freeAll('restoring', 'unsubscribing');
  subscriptions.clear();
  owed.clear();
  session.subscribing.asksAgain = false;
  session.upstream.owesSubscriptions = false;
}
