/**
 * PUBLISH to a client (6.10): one queue in strict order, at most one REGISTER or QoS 1/2 PUBLISH outstanding (R-7, G-6), REGISTER
 * first where the client does not know the topic id. `pump` sends whatever may be sent now; everything else leads to it.
 */

import { shortTopicId } from '../../codec/short-topic.ts';
import type { UpstreamMessage } from '../contract/input.ts';
import { isBeside } from '../state/beside.ts';
import type { Delivery, Sendable } from '../state/gateway-publish-state.ts';
import { LONGEST_PAYLOAD, TOO_LONG_PAYLOAD } from '../state/longest-payload.ts';
import type { Session } from '../state/session.ts';
import type { Subscription } from '../state/subscription-table.ts';
import { waitedTooLong } from '../state/waited-too-long.ts';
import { isUnreadable, unreadableReason } from '../steps/access.ts';
import { noteDelivered } from '../steps/delivered.ts';
import { drop, enqueue, isRestored, takeOut } from '../steps/delivery.ts';
import { decline, declineForeign } from '../steps/delivery-outcome.ts';
import { isAbsent, mediumHasRoom } from '../steps/medium.ts';
import { topicFor } from '../steps/name-limits.ts';
import { awaitAnswer, awaitRelease, sendPublish } from '../steps/outstanding.ts';
import { isKept, save, saveDelivery, saveLater } from '../steps/persistence.ts';
import { breakOffAwake, countDelivery, cycleMayGoOn, endAwake } from '../steps/sleep.ts';
import { awaitsSubAck } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { unmountedTopic } from '../topics/mount-point.ts';
import { utf8Octets } from '../topics/topic-name.ts';
import type { RegisteredTopic } from '../topics/topic-registry.ts';

/** PUBLISH of the broker. */
export function receiveUpstreamMessage(session: Session, message: UpstreamMessage, turn: Turn): void {
  const topic = unmountedTopic(session.upstream.mount, message.topic);
  if (topic === undefined) {
    declineForeign(session, message, turn);
    return;
  }
  if (isUnreadable(session, topic) && !isKnown(session, message)) {
    decline(session, topic, message, unreadableReason(session), turn); // I-119: nor does it take a place in a queue
    return;
  }
  if (message.payload.length > LONGEST_PAYLOAD) {
    decline(session, topic, message, TOO_LONG_PAYLOAD, turn); // G-5: a sleeper's queue would hold it until it wakes
    return;
  }
  const own = topic === message.topic ? message : { ...message, topic };
  if (enqueue(session, own, turn)) {
    pump(session, turn);
  }
}

/** A repetition of what waits already, or of what the client has heard of. */
function isKnown(session: Session, message: UpstreamMessage): boolean {
  const { qos, packetId } = message;
  return (qos > 0 && session.outbound.queue.unsettled.has(packetId)) || isRestored(session, message);
}

/** Sends what may be sent: up to the first message that has to wait for the client. */
export function pump(session: Session, turn: Turn): void {
  const { outbound } = session;
  for (;;) {
    const isThere = session.bound && (session.state === 'active' || session.state === 'awake');
    if (!isThere || outbound.outstanding || session.attempt) {
      return;
    }
    const next = outbound.queue.waiting[0];
    if (next === undefined || !cycleMayGoOn(session, turn)) {
      endAwake(session, turn); // SL-5, SL-6: PINGRESP comes last
      return;
    }
    if (session.held) {
      return; // I-38
    }
    if (awaitsSubAck(session, next.message.topic)) {
      return; // T-39
    }
    if (!mediumHasRoom(session, turn)) {
      if (session.state === 'awake' && isAbsent(session.path, turn)) {
        breakOffAwake(session, turn); // T-r7: nothing reaches it now
      }
      return;
    }
    sendHead(session, next, turn);
  }
}

/** How a message goes to its client (G-8), or why it cannot. */
export type Address = Sendable | { readonly refusal: string };

/** How a message on this topic goes to the client now; a topic without an id gets one. */
export function addressOf(session: Session, topic: string, turn: Turn): Address {
  const subscription = session.subscribing.subscriptions.get(topic);
  const topicId = subscription && predefinedIdFor(session, subscription, turn);
  if (topicId !== undefined) {
    return { topicIdType: 'predefined', topicId };
  }
  if (subscription === undefined || subscription.short) {
    const shortId = shortTopicId(topic); // G-8 (2): by short name, or two octets reached through a wildcard
    if (shortId !== undefined) {
      return { topicIdType: 'short', topicId: shortId };
    }
  }
  const isNew = session.topics.byName(topic) === undefined;
  const room = turn.room(session.path);
  if (isNew && frameSize(REGISTER_FIELDS + utf8Octets(topic)) > room) {
    return { refusal: `its topic name does not fit into a frame of ${room} octets` }; // G-5: nor does it take an id
  }
  const registered = topicFor(session, topic, turn);
  if ('returnCode' in registered) {
    return { refusal: registered.reason };
  }
  if (isNew) {
    save(session, turn); // the id is the name's from now on
  }
  if (registered.refused) {
    return { refusal: 'the client refused its topic' }; // T-38
  }
  return { topicIdType: 'normal', topicId: registered.topicId, topic: registered };
}

/** The last of its pre-defined ids, but for one that means another topic (I-144). */
function predefinedIdFor(session: Session, subscription: Subscription, turn: Turn): number | undefined {
  const { filter, predefinedId, otherIds } = subscription;
  if (predefinedId === undefined || stillMeans(session, predefinedId, filter, turn)) {
    return predefinedId;
  }
  return otherIds?.findLast((id) => stillMeans(session, id, filter, turn));
}

/** Where the id means another topic by now, and the subscription cannot move or is being given up, it is not for this one (I-113); an id that was taken away is. */
function stillMeans({ clientId }: Session, topicId: number, topic: string, turn: Turn): boolean {
  const name = turn.shared.predefined.nameOf(clientId, topicId);
  return name === undefined || name === topic;
}

/** What an aggregating gateway hands over has no more time than messages are kept. */
function whyExpired({ upstream }: Session, { message, at }: Delivery, { settings }: Turn): string {
  const { age } = settings.sessions.queue;
  const isOfHub = upstream.shared || isBeside(message.packetId);
  return isOfHub && (message.expiresAt ?? 0) > at + age ? waitedTooLong(age) : 'it has expired';
}

function sendHead(session: Session, delivery: Delivery, turn: Turn): void {
  if (delivery.received) {
    awaitRelease(session, delivery, turn); // QoS 2: the client had it before it left or slept
    return;
  }
  if (delivery.message.expiresAt !== undefined && delivery.message.expiresAt <= turn.now && delivery.msgId === 0) {
    drop(session, delivery, whyExpired(session, delivery, turn), 0, turn); // 3.1, MQTT 5 Message Expiry Interval
    return;
  }
  if (delivery.msgId === 0 && isUnreadable(session, delivery.message.topic)) {
    drop(session, delivery, unreadableReason(session), 0, turn); // I-119: the rules are others since it came
    return;
  }
  const room = turn.room(session.path);
  if (frameSize(PUBLISH_FIELDS + delivery.message.payload.length) > room) {
    drop(session, delivery, `its payload does not fit into a frame of ${room} octets`, 0, turn); // G-5, T-43: nor does its topic take an id
    return;
  }
  const address = addressOf(session, delivery.message.topic, turn);
  if ('refusal' in address) {
    drop(session, delivery, address.refusal, 0, turn);
    return;
  }
  if (address.topicIdType === 'normal' && !address.topic.known) {
    if (frameSize(REGISTER_FIELDS + utf8Octets(delivery.message.topic)) > room) {
      drop(session, delivery, `its topic name does not fit into a frame of ${room} octets`, 0, turn); // G-5
      return;
    }
    register(session, delivery, address.topic, turn);
    return;
  }
  if (delivery.message.qos === 0) {
    takeOut(session, delivery, turn);
    sendPublish(session, delivery, address, turn);
    noteDelivered(session, delivery, turn);
    countDelivery(session);
    return;
  }
  const repeated = delivery.msgId !== 0;
  if (!repeated) {
    delivery.msgId = nextMsgId(session, turn);
    session.outbound.queue.sent.set(delivery.msgId, delivery);
    saveDelivery(session, delivery, turn);
  }
  const topic = 'topic' in address ? address.topic : undefined;
  session.outbound.outstanding = {
    step: 'publishing',
    delivery,
    msgId: delivery.msgId,
    topic,
    address,
    retries: 0,
    heard: session.heard,
  };
  sendPublish(session, delivery, address, turn, repeated);
  awaitAnswer(session, turn);
}

/** Octets of TopicId and so on beside the variable field (1.6, capacity). */
const PUBLISH_FIELDS = 5;

const REGISTER_FIELDS = 4;

/** Octets of a frame with a variable part of `n` (1.1). */
function frameSize(n: number): number {
  return n + 2 <= 255 ? n + 2 : n + 4;
}

function nextMsgId(session: Session, turn: Turn): number {
  const msgId = session.msgIds.next(session.outbound.queue); // G-7
  if (msgId === undefined) {
    throw new Error('no message id is free');
  }
  if (session.msgIds.reserve() && isKept(session)) {
    saveLater(session, turn); // I-55: with QoS 2 it is waited for, together with the delivery
  }
  return msgId;
}

/** REGISTER for the head of the queue. Where one went out for this very message, it is repeated, so that the answer to either counts. */
function register(session: Session, delivery: Delivery, topic: RegisteredTopic, turn: Turn): void {
  const { outbound } = session;
  const unanswered = topic.unanswered ?? { msgId: 0, givenUp: 0 };
  if (unanswered.msgId === 0 || unanswered.msgId !== delivery.registerMsgId || outbound.queue.has(unanswered.msgId)) {
    unanswered.msgId = nextMsgId(session, turn);
  }
  const { msgId } = unanswered;
  topic.unanswered = unanswered;
  delivery.registerMsgId = msgId;
  outbound.registering = topic;
  outbound.outstanding = {
    step: 'registering',
    delivery,
    msgId,
    topic,
    address: undefined,
    retries: unanswered.givenUp > 0 ? turn.settings.timing.retryCount : 0, // T-r6, I-29: one T_retry until one is answered
    heard: session.heard,
  };
  turn.send(session, { type: 'REGISTER', topicId: topic.topicId, msgId, topicName: topic.topicName });
  awaitAnswer(session, turn);
}
