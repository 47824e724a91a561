import type { MessageOf } from '../../src/codec/message.ts';
import { shortTopicId } from '../../src/codec/short-topic.ts';
import { PREDEFINED } from './topics.ts';

/** How a client names a topic: by its id where it knows one, and short where it is. */
export function referenceOf(
  name: string,
  predefined: boolean,
): Exclude<MessageOf<'SUBSCRIBE'>['topic'], { topicIdType: 'reserved' }> {
  for (const [topicId, known] of predefined ? PREDEFINED : []) {
    if (known === name) {
      return { topicIdType: 'predefined', topicId };
    }
  }
  return shortTopicId(name) === undefined || /[+#]/.test(name)
    ? { topicIdType: 'normal', topicName: name }
    : { topicIdType: 'short', topicName: name };
}
