/** From what a client's message says of a topic to the topic name (6.7; P-2, P-4, P-5, T-16, T-17). */

import { type Publish, RETURN_CODE, type ReturnCode } from '../../codec/message.ts';
import { shortTopicName } from '../../codec/short-topic.ts';
import type { PredefinedTopics } from './predefined-topics.ts';
import { hasWildcard } from './topic-name.ts';
import { markKnown, type TopicRegistry } from './topic-registry.ts';

const { invalidTopicId, notSupported } = RETURN_CODE;

/** A topic name, or why there is none, with the return code for the client. */
export type Resolution = { readonly topic: string } | { readonly returnCode: ReturnCode; readonly reason: string };

const UNKNOWN_PREDEFINED: Resolution = { returnCode: invalidTopicId, reason: 'pre-defined topic id is not configured' }; // P-4

const UNKNOWN_NORMAL: Resolution = { returnCode: invalidTopicId, reason: 'topic id is not registered' }; // P-2

const BAD_SHORT: Resolution = { returnCode: notSupported, reason: 'short topic name is not valid' }; // T-17

const RESERVED: Resolution = { returnCode: notSupported, reason: 'TopicIdType 11 is reserved' }; // T-20

/** The topic of a PUBLISH. `topics` undefined: no session, so no normal ids; `clientId` undefined: only the common pre-defined ids (T-12 d). */
export function resolvePublish(
  message: Publish,
  clientId: string | undefined,
  topics: TopicRegistry | undefined,
  predefined: PredefinedTopics,
): Resolution {
  switch (message.topicIdType) {
    case 'normal': {
      const registered = topics?.byId(message.topicId);
      if (registered === undefined) {
        return UNKNOWN_NORMAL;
      }
      markKnown(registered);
      return { topic: registered.topicName };
    }
    case 'predefined':
      return resolvePredefined(message.topicId, clientId, predefined);
    case 'short':
      return resolveShort(shortTopicName(message.topicId));
    case 'reserved':
      return RESERVED;
  }
}

/** A pre-defined id; unknown ones can't be cured by registering (P-4). */
export function resolvePredefined(
  topicId: number,
  clientId: string | undefined,
  predefined: PredefinedTopics,
): Resolution {
  const topic = predefined.nameOf(clientId, topicId);
  return topic === undefined ? UNKNOWN_PREDEFINED : { topic };
}

/** A short name: two octets of UTF-8 without NUL, and no wildcards in it (P-5, T-17). */
export function resolveShort(name: string | undefined): Resolution {
  return name === undefined || hasWildcard(name) ? BAD_SHORT : { topic: name };
}
