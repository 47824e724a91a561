import { UdpClientTransport } from '../../src/client/udp-client-transport.ts';
import { decode } from '../../src/codec/decode.ts';
import { describeFrame } from '../../src/codec/describe.ts';
import { encode } from '../../src/codec/encode.ts';
import { type Message, type MessageOf, RETURN_CODE, type TopicIdType } from '../../src/codec/message.ts';
import { shortTopicId } from '../../src/codec/short-topic.ts';
import { LONG_DEADLINE } from '../support/deadline.ts';
import { within } from '../support/eventually.ts';
import {
  type ConnectOptions,
  type Publish,
  RefusedError,
  SentAway,
  type SnClientOptions,
  type Waiting,
  type Will,
} from './sn-client-options.ts';
import { SnInbox } from './sn-inbox.ts';
import { referenceOf } from './topic-reference.ts';
import type { Qos } from './topics.ts';

/** Then the client begins anew, with CONNECT. */
const DIALOGUE_TRIES = 4;
/** Then it is gone: a gateway that was killed behind its DISCONNECT does not know it any more, and does not answer. */
const FAREWELL_TRIES = 20;

/** An MQTT-SN client that repeats what it asks with the same MsgId until it is answered: one exchange at a time. */
export class SnClient {
  readonly #options: SnClientOptions;
  readonly #inbox: SnInbox;
  readonly #topicIds = new Map<string, number>();
  #transport: UdpClientTransport | undefined;
  #waiting: Waiting | undefined;
  #lastMsgId = 0;
  /** DISCONNECTs that may still come as answers to repetitions: they send nobody away. */
  #lateFarewells = 0;
  /** No CONNECT is the repetition of another one. */
  #duration = 3_000;

  constructor(options: SnClientOptions) {
    this.#options = options;
    const { onArrival, onRemark } = options;
    this.#inbox = new SnInbox({ send: (message) => this.#send(message), onArrival, onRemark });
  }

  /** A life begins, at an address of its own. Rejects with `SentAway`. */
  async connect(cleanSession: boolean, will: Will | undefined, { isNew, seconds }: ConnectOptions): Promise<void> {
    await this.#open();
    this.#inbox.connecting();
    if (isNew) {
      this.#topicIds.clear();
    }
    const duration = seconds ?? ++this.#duration;
    const { clientId } = this.#options;
    const connect: Message = {
      type: 'CONNECT',
      will: will !== undefined,
      cleanSession,
      protocolId: 1,
      duration,
      clientId,
    };
    if (will) {
      const { topic: willTopic, message, qos } = will;
      await this.#ask(connect, ({ type }) => type === 'WILLTOPICREQ' || undefined);
      const topic: Message = { type: 'WILLTOPIC', will: { willTopic, qos, retain: false } };
      await this.#ask(topic, ({ type }) => type === 'WILLMSGREQ' || undefined);
      await this.#connack({ type: 'WILLMSG', willMsg: Buffer.from(message) }, cleanSession);
    } else {
      await this.#connack(connect, cleanSession);
    }
  }

  async #connack(message: Message, cleanSession: boolean): Promise<void> {
    const code = await this.#ask(message, (received) => {
      if (received.type !== 'CONNACK') {
        return undefined;
      }
      this.#inbox.connected(cleanSession); // before the next message
      return received.returnCode;
    });
    this.#accepted('CONNECT', code);
  }

  /** Goes on at another address. */
  async move(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  async disconnect(): Promise<void> {
    const farewell: Message = { type: 'DISCONNECT', duration: undefined };
    await this.#ask(farewell, ({ type }) => type === 'DISCONNECT' || undefined, farewell, true);
  }

  async sleep(duration: number): Promise<void> {
    await this.#ask({ type: 'DISCONNECT', duration }, ({ type }) => type === 'DISCONNECT' || undefined);
  }

  /** Fetches what the gateway has kept. */
  async wake(): Promise<void> {
    const { clientId } = this.#options;
    await this.#ask({ type: 'PINGREQ', clientId }, ({ type }) => type === 'PINGRESP' || undefined);
  }

  async subscribe(filter: string, qos: Qos): Promise<void> {
    const msgId = this.nextMsgId();
    const message: MessageOf<'SUBSCRIBE'> = {
      type: 'SUBSCRIBE',
      dup: false,
      qos,
      msgId,
      topic: referenceOf(filter, this.#options.predefined),
    };
    const answer = await this.#ask(
      message,
      (received) => {
        const fits = received.type === 'SUBACK' && received.msgId === msgId;
        if (fits && received.topicId !== 0 && message.topic.topicIdType === 'normal') {
          this.#inbox.learns(received.topicId, filter); // U-1, before the next message
        }
        return fits ? received : undefined;
      },
      { ...message, dup: true },
    );
    this.#accepted(`SUBSCRIBE ${filter}`, answer.returnCode);
    if (answer.qos !== qos) {
      this.#options.onRemark(`SUBACK for ${filter} grants QoS ${answer.qos} instead of ${qos}`);
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    const msgId = this.nextMsgId();
    await this.#ask({ type: 'UNSUBSCRIBE', msgId, topic: referenceOf(filter, this.#options.predefined) }, (received) =>
      received.type === 'UNSUBACK' && received.msgId === msgId ? true : undefined,
    );
  }

  /** To its last answer. After `SentAway` the same one can be gone on with. */
  async publish(publish: Publish): Promise<void> {
    const { msgId, qos } = publish;
    while (!publish.released) {
      const { topicIdType, topicId } = await this.#topicOf(publish.topic);
      const { retain, payload, sent: dup } = publish;
      const message: MessageOf<'PUBLISH'> = {
        ...{ type: 'PUBLISH', dup, qos, retain, topicIdType, topicId },
        ...{ msgId: qos === 0 ? 0 : msgId, data: Buffer.from(payload) },
      };
      publish.sent = true;
      if (qos === 0) {
        this.#send(message);
        return;
      }
      const answer = await this.#ask(
        message,
        (received) =>
          (received.type === 'PUBACK' || received.type === 'PUBREC') && received.msgId === msgId ? received : undefined,
        { ...message, dup: true },
      );
      if (answer.type === 'PUBREC') {
        publish.released = true;
      } else if (answer.returnCode === RETURN_CODE.invalidTopicId) {
        this.#topicIds.delete(publish.topic);
      } else {
        this.#accepted(`PUBLISH ${publish.payload}`, answer.returnCode);
        return;
      }
    }
    await this.#ask({ type: 'PUBREL', msgId }, (received) =>
      received.type === 'PUBCOMP' && received.msgId === msgId ? true : undefined,
    );
  }

  nextMsgId(): number {
    this.#lastMsgId = this.#lastMsgId === 0xffff ? 1 : this.#lastMsgId + 1;
    return this.#lastMsgId;
  }

  /** Gone without a word. */
  async vanish(): Promise<void> {
    this.#options.history.add('vanishes');
    await this.#close();
  }

  async #topicOf(topic: string): Promise<{ readonly topicIdType: TopicIdType; readonly topicId: number }> {
    const reference = referenceOf(topic, this.#options.predefined);
    if (reference.topicIdType === 'predefined') {
      return reference;
    }
    if (reference.topicIdType === 'short') {
      return { topicIdType: 'short', topicId: shortTopicId(topic) ?? 0 };
    }
    let topicId = this.#topicIds.get(topic);
    if (topicId === undefined) {
      const msgId = this.nextMsgId();
      const answer = await this.#ask({ type: 'REGISTER', topicId: 0, msgId, topicName: topic }, (received) =>
        received.type === 'REGACK' && received.msgId === msgId ? received : undefined,
      );
      this.#accepted(`REGISTER ${topic}`, answer.returnCode);
      topicId = answer.topicId;
      this.#topicIds.set(topic, topicId);
      this.#inbox.learns(topicId, topic);
    }
    return { topicIdType: 'normal', topicId };
  }

  #accepted(what: string, returnCode: number): void {
    if (returnCode !== RETURN_CODE.accepted) {
      throw new RefusedError(`${this.#options.clientId}: ${what} got return code ${returnCode}`, returnCode);
    }
  }

  /** Sends until `answer` gives something, or often enough where there is an `unanswered`. Rejects with `SentAway`: a DISCONNECT that is not the answer. */
  async #ask<R>(
    message: Message,
    answer: (message: Message) => R | undefined,
    repetition = message,
    unanswered?: R,
  ): Promise<R> {
    const { retryInterval, clientId } = this.#options;
    if (this.#waiting) {
      throw new Error(`${clientId} has an exchange under way`);
    }
    let timer: NodeJS.Timeout | undefined;
    let tries = 0;
    try {
      const answered = new Promise<R>((resolve, reject) => {
        const take = (received: Message): boolean => {
          const result = answer(received);
          if (result !== undefined) {
            resolve(result);
          } else if (message.type === 'PINGREQ') {
            timer?.refresh(); // SL-8
          }
          return result !== undefined;
        };
        timer = setInterval(() => {
          tries += 1;
          if (tries > DIALOGUE_TRIES && message.type.startsWith('WILL')) {
            reject(new SentAway(`nobody knows of the dialogue of ${clientId}`)); // the gateway has begun another life
          }
          if (tries > FAREWELL_TRIES && unanswered !== undefined) {
            resolve(unanswered);
          }
          this.#send(repetition);
        }, retryInterval);
        this.#waiting = { take, fail: reject };
        this.#send(message);
      });
      return await within(`an answer to ${message.type} of ${clientId}`, answered, LONG_DEADLINE);
    } finally {
      clearInterval(timer);
      this.#waiting = undefined;
      this.#lateFarewells += message.type === 'DISCONNECT' ? tries : 0;
    }
  }

  #send(message: Message): void {
    const frame = encode(message);
    this.#options.history.add(`> ${describeFrame(frame, { payload: true })}`);
    this.#transport?.send(frame);
  }

  async #open(): Promise<void> {
    if (this.#transport) {
      return;
    }
    const transport = new UdpClientTransport({ host: '127.0.0.1', port: this.#options.port });
    transport.onError(() => undefined); // nobody listens there just now
    transport.onFrame((frame) => {
      if (this.#transport === transport) {
        this.#received(decode(frame), frame);
      }
    });
    this.#transport = transport;
    await transport.open();
  }

  async #close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = undefined;
    await transport?.close();
  }

  #received(message: Message, frame: Uint8Array): void {
    this.#options.history.add(`< ${describeFrame(frame, { payload: true })}`);
    if (this.#waiting?.take(message)) {
      return;
    }
    if (message.type === 'DISCONNECT' && this.#lateFarewells > 0) {
      this.#lateFarewells -= 1;
    } else if (message.type === 'DISCONNECT') {
      this.#waiting?.fail(new SentAway(`${this.#options.clientId} was sent away`));
    } else {
      this.#inbox.take(message);
    }
  }
}
