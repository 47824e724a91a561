/** What a client does with messages of the broker (6.10): topic ids, answers, and QoS 2 told apart by MsgId alone. */
import { type Message, type MessageOf, RETURN_CODE } from '../../src/codec/message.ts';
import { shortTopicName } from '../../src/codec/short-topic.ts';
import type { Books } from './books/books.ts';
import { nameOf } from './payload.ts';
import { type ClientPlan, PREDEFINED } from './plan.ts';

export interface InboxParts {
  readonly plan: ClientPlan;
  readonly books: Books;
  /** Sends an answer, after the time that this client takes for it. */
  readonly answer: (message: Message) => void;
  /** It answers everything now, whatever its habits. */
  readonly isGood: () => boolean;
}

export class Inbox {
  readonly #parts: InboxParts;
  /** Normal topic ids that it knows. */
  readonly names = new Map<number, string>();
  readonly #received = new Set<number>();

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** The session is gone, or the memory. */
  forget(): void {
    this.names.clear();
    this.#received.clear();
  }

  /** True where the message was for the inbox. `sentAt`: when the gateway sent it. */
  receive(message: Message, sentAt: number): boolean {
    switch (message.type) {
      case 'REGISTER':
        this.#register(message);
        return true;
      case 'PUBLISH':
        this.#publish(message, sentAt);
        return true;
      case 'PUBREL':
        this.#received.delete(message.msgId);
        this.#parts.books.clientReleased(this.#parts.plan.id, message.msgId);
        if (!this.#isMute()) {
          this.#parts.answer({ type: 'PUBCOMP', msgId: message.msgId });
        }
        return true;
      default:
        return false;
    }
  }

  #isMute(): boolean {
    return this.#parts.plan.mute && !this.#parts.isGood();
  }

  #register({ topicId, msgId, topicName }: MessageOf<'REGISTER'>): void {
    const { plan, answer, isGood } = this.#parts;
    const habit = isGood() ? 'answers' : plan.register;
    if (habit === 'ignores' || typeof topicName !== 'string') {
      return;
    }
    if (habit === 'refuses') {
      answer({ type: 'REGACK', topicId, msgId, returnCode: RETURN_CODE.notSupported });
      return;
    }
    this.names.set(topicId, topicName);
    answer({ type: 'REGACK', topicId, msgId, returnCode: RETURN_CODE.accepted });
  }

  #publish(message: MessageOf<'PUBLISH'>, sentAt: number): void {
    const { plan, books, answer } = this.#parts;
    const { topicId, msgId, qos, data } = message;
    const topic = this.#topicOf(message);
    if (topic === undefined) {
      books.unknownTopic(plan.id);
      answer({ type: 'PUBACK', topicId, msgId, returnCode: RETURN_CODE.invalidTopicId });
      return;
    }
    if (qos === 2 && this.#received.has(msgId)) {
      books.clientHasAgain(plan.id, nameOf(data), msgId);
    } else {
      books.clientGot(plan.id, message, topic, sentAt);
    }
    if (this.#isMute()) {
      return;
    }
    if (qos === 1) {
      answer({ type: 'PUBACK', topicId, msgId, returnCode: RETURN_CODE.accepted });
    } else if (qos === 2) {
      this.#received.add(msgId);
      answer({ type: 'PUBREC', msgId });
    }
  }

  #topicOf({ topicIdType, topicId }: MessageOf<'PUBLISH'>): string | undefined {
    if (topicIdType === 'predefined') {
      return PREDEFINED.get(topicId);
    }
    return topicIdType === 'short' ? shortTopicName(topicId) : this.names.get(topicId);
  }
}
