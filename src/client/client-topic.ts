import type { TopicIdType, TopicReference } from '../codec/message.ts';
import { shortTopicId } from '../codec/short-topic.ts';

/** What a PUBLISH, SUBSCRIBE or UNSUBSCRIBE names: a topic name (or filter), a pre-defined topic id, a short name of two octets. */
export type ClientTopic = { readonly name: string } | { readonly topicId: number } | { readonly short: string };

/** Where a PUBLISH goes, as it stands on the wire. */
export interface WireTopic {
  readonly topicIdType: TopicIdType;
  readonly topicId: number;
}

/** A topic that needs no registration, as a PUBLISH names it. Throws `TypeError` where the short name does not have two octets. */
export function fixedTopic(topic: Exclude<ClientTopic, { readonly name: string }>): WireTopic {
  if ('topicId' in topic) {
    return { topicIdType: 'predefined', topicId: topic.topicId };
  }
  const topicId = shortTopicId(topic.short);
  if (topicId === undefined) {
    throw new TypeError(`a short topic name has two octets, "${topic.short}" has not`);
  }
  return { topicIdType: 'short', topicId };
}

/** A topic as SUBSCRIBE and UNSUBSCRIBE name it. */
export function topicReference(topic: ClientTopic): TopicReference {
  if ('name' in topic) {
    return { topicIdType: 'normal', topicName: topic.name };
  }
  return 'topicId' in topic
    ? { topicIdType: 'predefined', topicId: topic.topicId }
    : { topicIdType: 'short', topicName: topic.short };
}
