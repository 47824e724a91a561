import type { Message, MessageOf } from '../../src/codec/message.ts';
import type { Books } from './books.ts';
import type { Random } from './random.ts';
import { Closed, pause, SentAway, type Station } from './station.ts';

/** A QoS 1 or 2 publish that is under way, across connections and gateways. */
interface Publish {
  readonly payload: string;
  readonly topic: string;
  readonly qos: 1 | 2;
  readonly msgId: number;
  sent: boolean;
  released: boolean;
}

const TOPICS = 5;
/** Milliseconds. */
const LONGEST_PAUSE = 1_500;

export interface PublisherOptions {
  readonly station: Station;
  readonly qos: 1 | 2;
  readonly books: Books;
  readonly random: Random;
  /** Who gets everything that is published. */
  readonly receiver: string;
  /** Whether it goes on with its topic ids after a new CONNECT, or registers anew. */
  readonly keepsTopicIds: boolean;
  /** Takes its time between PUBREC and PUBREL, so that an exchange may outlive several gateways. */
  readonly hesitates: boolean;
}

/** A sensor that publishes one message after the other and lets go of none before it was acknowledged. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #topicIds = new Map<string, number>();
  #count = 0;
  #stopping = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** No new message; `run` resolves when the last one is acknowledged. */
  stop(): void {
    this.#stopping = true;
  }

  async run(): Promise<void> {
    const { station, books, keepsTopicIds } = this.#options;
    let publish: Publish | undefined;
    let connected = false;
    while (!this.#stopping || publish !== undefined) {
      try {
        if (!connected) {
          await station.connect();
          connected = true;
          if (!keepsTopicIds) {
            this.#topicIds.clear();
          }
        }
        publish ??= this.#new();
        await this.#finish(publish);
        books.acknowledges(publish.payload);
        publish = undefined;
        await pause(this.#options.random.between(0, 8));
      } catch (error) {
        if (error instanceof Closed) {
          return;
        }
        if (!(error instanceof SentAway)) {
          throw error;
        }
        connected = false;
      }
    }
  }

  #new(): Publish {
    const { station, books, random, qos, receiver } = this.#options;
    this.#count += 1;
    const topic = `up/${station.clientId}/${random.between(1, TOPICS)}`;
    const payload = `${station.clientId} ${this.#count}`;
    books.sends(payload, { receiver, topic, qos });
    return { payload, topic, qos, msgId: station.nextMsgId(), sent: false, released: false };
  }

  async #finish(publish: Publish): Promise<void> {
    const { station, random, hesitates } = this.#options;
    const { msgId } = publish;
    while (!publish.released) {
      const answer = await this.#send(publish);
      if (answer?.type === 'PUBREC') {
        publish.released = true;
        await pause(hesitates ? random.between(0, LONGEST_PAUSE) : 0);
      } else if (answer?.returnCode === 0) {
        return;
      } else if (answer?.returnCode === 2) {
        this.#topicIds.delete(publish.topic);
      } else {
        if (answer?.returnCode === 3) {
          this.#options.books.remark(`refused: ${publish.payload} got return code 3, though nothing is wrong with it`);
        }
        await pause(100);
      }
    }
    await station.ask({ type: 'PUBREL', msgId }, (message) => {
      if (message.type === 'PUBREC' && message.msgId === msgId) {
        station.send({ type: 'PUBREL', msgId });
      }
      return message.type === 'PUBCOMP' && message.msgId === msgId ? true : undefined;
    });
  }

  /** Undefined: no topic id to be had. */
  async #send(publish: Publish): Promise<MessageOf<'PUBACK'> | MessageOf<'PUBREC'> | undefined> {
    const { station, books } = this.#options;
    const { msgId, topic, qos, payload } = publish;
    const topicId = this.#topicIds.get(topic) ?? (await station.register(topic));
    if (topicId === undefined) {
      return undefined;
    }
    this.#topicIds.set(topic, topicId);
    const message: MessageOf<'PUBLISH'> = {
      type: 'PUBLISH',
      dup: publish.sent,
      qos,
      retain: false,
      topicIdType: 'normal',
      topicId,
      msgId,
      data: Buffer.from(payload),
    };
    publish.sent = true;
    const answer = (received: Message): MessageOf<'PUBACK'> | MessageOf<'PUBREC'> | undefined => {
      if (received.type === 'PUBACK' && received.msgId === msgId) {
        if (received.topicId !== topicId || (received.returnCode === 0 && qos === 2)) {
          books.remark(
            `answer: ${payload} (QoS ${qos}, topic id ${topicId}) got PUBACK ${received.returnCode} for topic id ${received.topicId}`,
          );
        }
        return received;
      }
      return received.type === 'PUBREC' && received.msgId === msgId && qos === 2 ? received : undefined;
    };
    return station.ask(message, answer, { ...message, dup: true });
  }
}
