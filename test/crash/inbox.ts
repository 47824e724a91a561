import type { Message, MessageOf } from '../../src/codec/message.ts';
import type { Books } from './books.ts';
import type { Random } from './random.ts';
import type { Station } from './station.ts';

/** Milliseconds. */
const LONGEST_PAUSE = 300;

/** What the gateway sends to one subscriber: topic ids, messages, and QoS 2 told apart by MsgId between PUBLISH and PUBREL. */
export class Inbox {
  readonly #names = new Map<number, string>();
  /** MsgId of QoS 2 messages that were taken and not yet released, with their payloads. */
  readonly #unreleased = new Map<number, string>();
  readonly #books: Books;
  readonly #random: Random | undefined;
  #station: Station | undefined;

  /** `random`: for a client that now and then takes its time to answer, so that a kill finds it half-way; else it answers at once. */
  constructor(books: Books, random: Random | undefined) {
    this.#books = books;
    this.#random = random;
  }

  answersThrough(station: Station): void {
    this.#station = station;
  }

  learns(topicId: number, name: string): void {
    const known = this.#names.get(topicId);
    if (known !== undefined && known !== name) {
      //
      this.#books.remark(`topic id: ${topicId} of ${this.#station?.clientId} was ${known} and is ${name} now`);
    }
    this.#names.set(topicId, name);
  }

  /** The client remembers no topic id any more, as one whose memory was lost. */
  forgetsTopics(): void {
    this.#names.clear();
  }

  take(message: Message): void {
    const station = this.#station;
    if (station === undefined) {
      return;
    }
    if (message.type === 'REGISTER') {
      const { topicId, msgId, topicName } = message;
      this.learns(topicId, String(topicName));
      station.send({ type: 'REGACK', topicId, msgId, returnCode: 0 });
    } else if (message.type === 'PUBLISH') {
      this.#publish(station, message);
    } else if (message.type === 'PUBREL') {
      this.#unreleased.delete(message.msgId);
      this.#answer(station, { type: 'PUBCOMP', msgId: message.msgId });
    }
  }

  #publish(station: Station, { qos, topicId, msgId, data }: MessageOf<'PUBLISH'>): void {
    const topic = this.#names.get(topicId);
    const payload = Buffer.from(data).toString();
    if (topic === undefined) {
      station.send({ type: 'PUBACK', topicId, msgId, returnCode: 2 }); // G-2
      return;
    }
    const receiver = station.clientId;
    if (qos === 1) {
      this.#books.arrives({ receiver, topic, payload });
      this.#answer(station, { type: 'PUBACK', topicId, msgId, returnCode: 0 });
      return;
    }
    if (qos !== 2) {
      this.#books.remark(`QoS: ${payload} came to ${receiver} with QoS ${qos}`);
      return;
    }
    const taken = this.#unreleased.get(msgId);
    if (taken === undefined) {
      this.#books.arrives({ receiver, topic, payload });
      this.#unreleased.set(msgId, payload);
    } else if (taken !== payload) {
      this.#books.remark(`MsgId: ${payload} came to ${receiver} under MsgId ${msgId}, which ${taken} has until PUBREL`);
    }
    this.#answer(station, { type: 'PUBREC', msgId });
  }

  #answer(station: Station, answer: Message): void {
    if (this.#random?.chance(0.1)) {
      setTimeout(() => station.send(answer), this.#random.between(0, LONGEST_PAUSE));
    } else {
      station.send(answer);
    }
  }
}
