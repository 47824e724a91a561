/** What SUBSCRIBE and UNSUBSCRIBE name, checked before a broker sees it (U-1 to U-4, U-8, T-20): a broker would cut the connection. */

import { type Qos, type QosFlag, RETURN_CODE, type TopicReference } from '../../codec/message.ts';
import { shortTopicId } from '../../codec/short-topic.ts';
import type { Session } from '../state/session.ts';
import { idsOf, type Subscription } from '../state/subscription-table.ts';
import { subscribeRefusal } from '../steps/access.ts';
import { subscriptionRefusal, topicFor } from '../steps/name-limits.ts';
import type { Refusal } from '../steps/rejection.ts';
import { topicUsed } from '../steps/topic-use.ts';
import type { Turn } from '../steps/turn.ts';
import { isOneTopic, topicFilterProblem } from '../topics/topic-name.ts';
import { resolvePredefined, resolveShort } from '../topics/topic-resolution.ts';

const { notSupported } = RETURN_CODE;

/** The subscription that is asked for, and the TopicId for SUBACK; or why not. */
export type ResolvedFilter = { readonly subscription: Subscription; readonly topicId: number } | Refusal;

/**
 * Resolves a topic reference. The name of one topic gets its normal id here, before the broker is asked (T-39); an UNSUBSCRIBE
 * assigns none.
 */
export function resolveFilter(
  session: Session,
  message: { readonly type: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly qos: QosFlag; readonly topic: TopicReference },
  turn: Turn,
): ResolvedFilter {
  const { topic } = message;
  if (message.qos === -1) {
    return { returnCode: notSupported, reason: 'QoS bits 11' }; // U-8
  }
  const qos = Math.min(message.qos, session.access?.grants.maxQos ?? 2) as Qos; // I-118: SUBACK says so
  switch (topic.topicIdType) {
    case 'predefined': {
      const resolution = resolvePredefined(topic.topicId, session.clientId, turn.shared.predefined);
      if ('returnCode' in resolution) {
        return resolution; // U-3
      }
      const refusal = refusalOf(session, message.type, resolution.topic, false, turn);
      if (refusal) {
        return refusal;
      }
      topicUsed(topic, resolution.topic, session.clientId, session.path.key, turn);
      return {
        subscription: { filter: resolution.topic, qos, predefinedId: topic.topicId, short: false },
        topicId: topic.topicId,
      };
    }
    case 'short': {
      const { topicName } = topic;
      const valid = typeof topicName === 'string' && shortTopicId(topicName) !== undefined;
      const resolution = resolveShort(valid ? topicName : undefined, turn.settings.clients.names);
      if ('returnCode' in resolution) {
        return resolution; // T-17, T-20
      }
      const refusal = refusalOf(session, message.type, resolution.topic, false, turn);
      if (refusal) {
        return refusal;
      }
      turn.shared.shortTopics.used(shortTopicId(resolution.topic) ?? 0, resolution.topic, session.clientId, turn.now);
      return { subscription: { filter: resolution.topic, qos, predefinedId: undefined, short: true }, topicId: 0 }; // U-4
    }
    case 'normal': {
      const filter = topic.topicName;
      if (typeof filter !== 'string') {
        return { returnCode: notSupported, reason: 'the topic name is not valid UTF-8' };
      }
      const problem = topicFilterProblem(filter, turn.settings.clients.names);
      if (problem !== undefined) {
        return { returnCode: notSupported, reason: problem, topic: filter };
      }
      const subscription: Subscription = { filter, qos, predefinedId: undefined, short: false };
      const refusal = refusalOf(session, message.type, filter, isOneTopic(filter), turn);
      if (refusal) {
        return refusal;
      }
      if (!isOneTopic(filter) || message.type === 'UNSUBSCRIBE') {
        return { subscription, topicId: 0 }; // U-2
      }
      const registered = topicFor(session, filter, turn); // U-1
      return 'returnCode' in registered ? registered : { subscription, topicId: registered.topicId };
    }
    case 'reserved':
      return { returnCode: notSupported, reason: 'TopicIdType 11 is reserved' };
  }
}

/** What a client has subscribed to by a pre-defined id that is not configured any more (I-113); undefined: nothing. */
export function resolveSubscribed(session: Session, topic: TopicReference): ResolvedFilter | undefined {
  if (topic.topicIdType !== 'predefined') {
    return undefined;
  }
  const { topicId } = topic;
  for (const subscription of session.subscribing.subscriptions.values()) {
    if (idsOf(subscription).includes(topicId)) {
      return { subscription, topicId };
    }
  }
  return undefined;
}

/** What the access rules refuse, and the limits of I-48; an UNSUBSCRIBE adds nothing. */
function refusalOf(
  session: Session,
  type: 'SUBSCRIBE' | 'UNSUBSCRIBE',
  filter: string,
  named: boolean,
  turn: Turn,
): Refusal | undefined {
  return type === 'SUBSCRIBE'
    ? (subscribeRefusal(session, filter) ?? subscriptionRefusal(session, filter, named, turn))
    : undefined;
}
