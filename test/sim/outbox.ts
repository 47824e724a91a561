/** What a client publishes and asks for (6.5 to 6.9): one after the other, or as many at a time as it may; taken up again after a CONNECT. */
import { type Message, type MessageOf, RETURN_CODE, type TopicReference } from '../../src/codec/message.ts';
import { shortTopicId } from '../../src/codec/short-topic.ts';
import type { Books } from './books/books.ts';
import { payloadOf } from './payload.ts';
import { type Action, type ClientPlan, PREDEFINED, type TopicForm } from './plan.ts';
import type { Requests } from './requests.ts';

export type PublishAction = Extract<Action, { do: 'publish' }>;
type SubscribeAction = Extract<Action, { do: 'subscribe' | 'unsubscribe' }>;

interface Publishing {
  readonly action: PublishAction;
  msgId: number;
  stage: 'new' | 'published' | 'released';
}

export interface OutboxParts {
  readonly plan: ClientPlan;
  readonly books: Books;
  readonly requests: Requests;
  readonly names: Map<number, string>;
  readonly send: (message: Message) => void;
  /** Something has ended: the next may begin. */
  readonly onDone: () => void;
  /** The power fails. */
  readonly onPowerFailure: () => void;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #topicIds = new Map<string, number>();
  readonly #publishing = new Map<number, Publishing>();
  #msgId = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#publishing.size;
  }

  /** Power failure: nothing is known any more, MsgIds begin at 1. */
  reboot(): void {
    this.abandon();
    this.#topicIds.clear();
    this.#msgId = 0;
  }

  forgetTopics(): void {
    this.#topicIds.clear();
  }

  /** What is under way will not be taken up again. */
  abandon(): void {
    for (const { action } of this.#publishing.values()) {
      this.#parts.books.abandoned(this.#parts.plan.id, action.name);
    }
    this.#publishing.clear();
  }

  /** After a CONNECT that keeps the session: what is under way goes on. */
  resume(): void {
    for (const publishing of [...this.#publishing.values()]) {
      if (publishing.stage === 'released') {
        this.#release(publishing);
      } else {
        this.#publish(publishing, publishing.stage === 'published');
      }
    }
  }

  publish(action: PublishAction): void {
    const { qos } = action;
    if (qos < 1) {
      const then = (topicId: number): void => {
        this.#parts.books.starts(this.#parts.plan.id, action, 0);
        this.#parts.send(this.#message(action, topicId, 0, false));
        this.#parts.onDone();
      };
      this.#withTopic(action.form, action.topic, then, () => {});
      return;
    }
    const publishing: Publishing = { action, msgId: this.nextMsgId(), stage: 'new' };
    this.#publishing.set(publishing.msgId, publishing);
    this.#publish(publishing, false);
  }

  #publish(publishing: Publishing, dup: boolean): void {
    const { action, msgId } = publishing;
    const refused = (): void => {
      this.#publishing.delete(msgId);
      this.#parts.books.abandoned(this.#parts.plan.id, action.name);
    };
    const then = (topicId: number): void => {
      if (this.#publishing.get(msgId) !== publishing) {
        return; // given up meanwhile
      }
      publishing.stage = 'published';
      this.#parts.books.starts(this.#parts.plan.id, action, msgId);
      this.#parts.requests.ask({
        message: this.#message(action, topicId, msgId, dup),
        again: this.#message(action, topicId, msgId, true),
        answeredBy: (answer) => {
          if (answer.type === 'PUBACK' && answer.msgId === msgId) {
            this.#acknowledged(publishing, answer);
            return true;
          }
          if (answer.type === 'PUBREC' && answer.msgId === msgId && action.qos === 2) {
            this.#received(publishing);
            return true;
          }
          return false;
        },
      });
    };
    this.#withTopic(action.form, action.topic, then, refused);
  }

  #acknowledged(publishing: Publishing, { returnCode }: MessageOf<'PUBACK'>): void {
    const { action, msgId } = publishing;
    const { plan, books } = this.#parts;
    if (returnCode === RETURN_CODE.accepted && action.qos === 2) {
      return; // no broker of ours says that
    }
    this.#publishing.delete(msgId);
    if (returnCode === RETURN_CODE.accepted) {
      books.taken(plan.id, action.name);
    } else {
      books.abandoned(plan.id, action.name);
      if (returnCode === RETURN_CODE.invalidTopicId) {
        this.#topicIds.delete(action.topic); // P-2: registered again next time
      }
    }
    this.#parts.onDone();
  }

  #received(publishing: Publishing): void {
    const { action } = publishing;
    publishing.stage = 'released';
    this.#parts.books.taken(this.#parts.plan.id, action.name);
    if (action.stops) {
      this.#parts.onPowerFailure();
    } else {
      this.#release(publishing);
    }
  }

  #release(publishing: Publishing): void {
    const { msgId } = publishing;
    this.#parts.requests.ask({
      message: { type: 'PUBREL', msgId },
      answeredBy: (answer) => {
        if (answer.type !== 'PUBCOMP' || answer.msgId !== msgId) {
          return false;
        }
        this.#publishing.delete(msgId);
        this.#parts.onDone();
        return true;
      },
    });
  }

  subscribe(action: SubscribeAction): void {
    const { plan, books, requests, names, onDone } = this.#parts;
    const msgId = this.nextMsgId();
    const { filter, form } = action;
    const topic = reference(form, filter);
    if (action.do === 'unsubscribe') {
      books.unsubscribes(plan.id, filter);
      requests.ask({
        message: { type: 'UNSUBSCRIBE', msgId, topic },
        answeredBy: (answer) => {
          const fits = answer.type === 'UNSUBACK' && answer.msgId === msgId;
          if (fits) {
            onDone();
          }
          return fits;
        },
      });
      return;
    }
    const message: MessageOf<'SUBSCRIBE'> = { type: 'SUBSCRIBE', dup: false, qos: action.qos, msgId, topic };
    books.subscribes(plan.id, filter, msgId);
    requests.ask({
      message,
      again: { ...message, dup: true },
      answeredBy: (answer) => {
        if (answer.type !== 'SUBACK' || answer.msgId !== msgId) {
          return false;
        }
        if (answer.returnCode === RETURN_CODE.accepted) {
          if (form === 'normal' && answer.topicId !== 0) {
            names.set(answer.topicId, filter);
            this.#topicIds.set(filter, answer.topicId);
          }
          books.subscribed(plan.id, filter);
        }
        onDone();
        return true;
      },
    });
  }

  #withTopic(form: TopicForm, topic: string, then: (topicId: number) => void, refused: () => void): void {
    const topicId =
      form === 'short' ? shortTopicId(topic) : form === 'predefined' ? predefinedId(topic) : this.#topicIds.get(topic);
    if (topicId !== undefined) {
      then(topicId);
      return;
    }
    const msgId = this.nextMsgId();
    this.#parts.books.registers(this.#parts.plan.id, topic, msgId);
    this.#parts.requests.ask({
      message: { type: 'REGISTER', topicId: 0, msgId, topicName: topic },
      answeredBy: (answer) => {
        if (answer.type !== 'REGACK' || answer.msgId !== msgId) {
          return false;
        }
        if (answer.returnCode === RETURN_CODE.accepted) {
          this.#topicIds.set(topic, answer.topicId);
          this.#parts.names.set(answer.topicId, topic);
          then(answer.topicId);
        } else {
          refused();
          this.#parts.onDone();
        }
        return true;
      },
    });
  }

  #message(action: PublishAction, topicId: number, msgId: number, dup: boolean): MessageOf<'PUBLISH'> {
    const { name, qos, form: topicIdType, size, retain, poison } = action;
    const data = payloadOf(name, size, poison);
    return { type: 'PUBLISH', dup, qos, retain, topicIdType, topicId, msgId, data };
  }

  nextMsgId(): number {
    do {
      this.#msgId = (this.#msgId % 0xffff) + 1;
    } while (this.#publishing.has(this.#msgId));
    return this.#msgId;
  }
}

function predefinedId(topic: string): number | undefined {
  for (const [id, name] of PREDEFINED) {
    if (name === topic) {
      return id;
    }
  }
  return undefined;
}

function reference(form: TopicForm, name: string): TopicReference {
  if (form === 'predefined') {
    return { topicIdType: 'predefined', topicId: predefinedId(name) ?? 0 };
  }
  return { topicIdType: form, topicName: name };
}
