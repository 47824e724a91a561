/** From what a client's message says of a topic to the topic name (6.7; P-2, P-4, P-5, T-16, T-17). */

import { type Publish, RETURN_CODE, type ReturnCode } from '../../codec/message.ts';
import { shortTopicName } from '../../codec/short-topic.ts';
import type { PredefinedTopics } from './predefined-topics.ts';
import { forbiddenCharacter, hasWildcard, type NameRule } from './topic-name.ts';
import { markKnown, type TopicRegistry } from './topic-registry.ts';

const { invalidTopicId, notSupported } = RETURN_CODE;

/** A topic name, or why there is none, with the return code for the client. */
export type Resolution = { readonly topic: string } | Unresolved;

export interface Unresolved {
  readonly returnCode: ReturnCode;
  readonly reason: string;
  /** The pre-defined id that is not configured, which only an operator can mend. */
  readonly predefinedId?: number;
}

const NOT_FOR_THIS_CLIENT = 'pre-defined topic id is not configured, neither for this client nor under "*"';

const NOT_FOR_EVERYBODY =
  'pre-defined topic id is not configured: a message without a client has only the entries under "*"';

const UNKNOWN_NORMAL: Resolution = { returnCode: invalidTopicId, reason: 'topic id is not registered' }; // P-2

const BAD_PREDEFINED: Resolution = { returnCode: notSupported, reason: 'its pre-defined topic name is not valid' }; // T-48

const BAD_SHORT: Resolution = { returnCode: notSupported, reason: 'short topic name is not valid' }; // T-17

const RESERVED: Resolution = { returnCode: notSupported, reason: 'TopicIdType 11 is reserved' }; // T-20

/** The topic of a PUBLISH. `topics` undefined: no session, so no normal ids; `clientId` undefined: only the common pre-defined ids (T-12 d). */
export function resolvePublish(
  message: Publish,
  clientId: string | undefined,
  topics: TopicRegistry | undefined,
  predefined: PredefinedTopics,
  names: NameRule,
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
      return resolveShort(shortTopicName(message.topicId), names);
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
  if (topic === undefined) {
    const reason = clientId === undefined ? NOT_FOR_EVERYBODY : NOT_FOR_THIS_CLIENT;
    return { returnCode: invalidTopicId, reason, predefinedId: topicId }; // P-4
  }
  return predefined.isRefused(topic) ? BAD_PREDEFINED : { topic };
}

/** A short name: two octets of UTF-8, no wildcards in it, and no character that the rule forbids (P-5, T-17, T-48). */
export function resolveShort(name: string | undefined, names: NameRule): Resolution {
  const bad = name === undefined || hasWildcard(name) || forbiddenCharacter(name, names) !== undefined;
  return bad ? BAD_SHORT : { topic: name };
}
