import type { Message, MessageOf } from '../../src/codec/message.ts';
import { shortTopicName } from '../../src/codec/short-topic.ts';
import { PREDEFINED, type Qos } from './topics.ts';

/** A message as a client got it. */
export interface Arrival {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
}

export interface SnInboxOptions {
  readonly send: (message: Message) => void;
  readonly onArrival: (arrival: Arrival) => void;
  readonly onRemark: (remark: string) => void;
}

/** The remark on a topic id that nobody has told. */
export const MEANINGLESS = 'which means nothing';

/** What the gateway sends of itself: topic ids, messages, and QoS 2 told apart by MsgId between PUBLISH and PUBREL. */
export class SnInbox {
  readonly #options: SnInboxOptions;
  readonly #names = new Map<number, string>();
  /** MsgId of QoS 2 messages that were taken and not yet released: what it was, and in which connection. */
  readonly #unreleased = new Map<number, { readonly payload: string; readonly connection: number }>();
  #connection = 0;

  constructor(options: SnInboxOptions) {
    this.#options = options;
  }

  connecting(): void {
    this.#connection += 1;
  }

  /** CONNACK: until then messages of the session before may come. */
  connected(cleanSession: boolean): void {
    if (cleanSession) {
      this.#names.clear();
      this.#unreleased.clear();
    }
  }

  learns(topicId: number, name: string): void {
    const known = this.#names.get(topicId);
    if (known !== undefined && known !== name) {
      this.#options.onRemark(`topic id ${topicId} was ${known} and is ${name} now`);
    }
    this.#names.set(topicId, name);
  }

  take(message: Message): void {
    const { send } = this.#options;
    if (message.type === 'REGISTER') {
      const { topicId, msgId, topicName } = message;
      this.learns(topicId, String(topicName));
      send({ type: 'REGACK', topicId, msgId, returnCode: 0 });
    } else if (message.type === 'PUBLISH') {
      this.#publish(message);
    } else if (message.type === 'PUBREL') {
      this.#unreleased.delete(message.msgId);
      send({ type: 'PUBCOMP', msgId: message.msgId });
    }
  }

  #publish({ topicIdType, topicId, msgId, qos, data, retain, dup }: MessageOf<'PUBLISH'>): void {
    const { send, onArrival, onRemark } = this.#options;
    const topic = this.#nameOf(topicIdType, topicId);
    const payload = Buffer.from(data).toString();
    if (topic === undefined || qos === -1) {
      onRemark(`"${payload}" came with topic id ${topicId}, ${MEANINGLESS}`);
      send({ type: 'PUBACK', topicId, msgId, returnCode: 2 }); // G-2
      return;
    }
    if (qos < 2) {
      onArrival({ topic, payload, qos, retain, dup });
      if (qos === 1) {
        send({ type: 'PUBACK', topicId, msgId, returnCode: 0 });
      }
      return;
    }
    const taken = this.#unreleased.get(msgId);
    const isRepetition = taken !== undefined && (taken.connection === this.#connection || dup); // T-18, T-19
    if (!isRepetition) {
      onArrival({ topic, payload, qos, retain, dup });
    } else if (taken.payload !== payload) {
      onRemark(`"${payload}" came with MsgId ${msgId}, which "${taken.payload}" has until PUBREL`);
    }
    this.#unreleased.set(msgId, { payload, connection: this.#connection });
    send({ type: 'PUBREC', msgId });
  }

  #nameOf(topicIdType: MessageOf<'PUBLISH'>['topicIdType'], topicId: number): string | undefined {
    if (topicIdType === 'predefined') {
      return PREDEFINED.get(topicId);
    }
    return topicIdType === 'short' ? shortTopicName(topicId) : this.#names.get(topicId);
  }
}
