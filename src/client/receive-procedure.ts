import { type Message, type MessageOf, type Qos, RETURN_CODE } from '../codec/message.ts';
import { shortTopicName } from '../codec/short-topic.ts';
import type { ReceivedMessage } from './client-options.ts';
import type { TopicTable } from './topic-table.ts';
import type { Wire } from './wire.ts';

const MAX_TOPIC_ID = 0xfffe;

/** What the gateway sends of itself (§6.10): REGISTER, PUBLISH and the second half of QoS 2. */
export class ReceiveProcedure {
  readonly #wire: Wire;
  readonly #topics: TopicTable;
  readonly #deliver: (message: ReceivedMessage) => void;
  /** MsgId of QoS 2 messages that were delivered and not yet released, with the connection in which that was. */
  readonly #unreleased = new Map<number, number>();
  #connection = 0;

  constructor(wire: Wire, topics: TopicTable, deliver: (message: ReceivedMessage) => void) {
    this.#wire = wire;
    this.#topics = topics;
    this.#deliver = deliver;
  }

  /** A new connection begins. The gateway may number anew; a message that it repeats from before has DUP set (T-19). */
  connecting(cleanSession: boolean): void {
    this.#connection += 1;
    if (cleanSession) {
      this.#unreleased.clear();
    }
  }

  handle(message: Message): void {
    switch (message.type) {
      case 'REGISTER':
        this.#register(message);
        break;
      case 'PUBLISH':
        this.#publish(message);
        break;
      case 'PUBREL':
        this.#unreleased.delete(message.msgId);
        this.#wire.send({ type: 'PUBCOMP', msgId: message.msgId }); // P-8
        break;
      case 'PUBREC':
        // Of a publish that is over: its PUBCOMP was late. P-8
        this.#wire.send({ type: 'PUBREL', msgId: message.msgId });
        break;
      default:
    }
  }

  #register({ topicId, msgId, topicName }: MessageOf<'REGISTER'>): void {
    let returnCode: number = RETURN_CODE.accepted;
    if (typeof topicName !== 'string' || topicName === '' || /[+#]/.test(topicName)) {
      returnCode = RETURN_CODE.notSupported;
    } else if (topicId < 1 || topicId > MAX_TOPIC_ID) {
      returnCode = RETURN_CODE.invalidTopicId;
    } else {
      this.#topics.add(topicId, topicName);
    }
    this.#wire.send({ type: 'REGACK', topicId, msgId, returnCode });
  }

  #publish(publish: MessageOf<'PUBLISH'>): void {
    const { qos, topicId, msgId } = publish;
    if (qos === -1) {
      return; // G-9: never toward a client.
    }
    const topic = this.#topicOf(publish);
    if (topic === undefined) {
      // P-2, G-2: with any QoS.
      this.#wire.send({ type: 'PUBACK', topicId, msgId, returnCode: RETURN_CODE.invalidTopicId });
      return;
    }
    if (qos !== 2) {
      this.#pass(publish, qos, topic.name);
      if (qos === 1) {
        this.#wire.send({ type: 'PUBACK', topicId, msgId, returnCode: RETURN_CODE.accepted });
      }
      return;
    }
    // G-10: the MsgId tells a duplicate, whatever DUP says (T-18); one of an earlier connection needs DUP as well.
    const seenIn = this.#unreleased.get(msgId);
    if (seenIn === undefined || (seenIn !== this.#connection && !publish.dup)) {
      this.#pass(publish, qos, topic.name);
    }
    this.#unreleased.set(msgId, this.#connection);
    this.#wire.send({ type: 'PUBREC', msgId });
  }

  /** Undefined: nobody told this client what the id means. */
  #topicOf({ topicIdType, topicId }: MessageOf<'PUBLISH'>): { readonly name: string | undefined } | undefined {
    if (topicIdType === 'predefined') {
      return this.#topics.knowsPredefined(topicId) ? { name: this.#topics.predefinedName(topicId) } : undefined;
    }
    const name =
      topicIdType === 'short'
        ? shortTopicName(topicId)
        : topicIdType === 'normal'
          ? this.#topics.nameOf(topicId)
          : undefined;
    return name === undefined ? undefined : { name };
  }

  #pass(
    { topicIdType, topicId, msgId, data, retain, dup }: MessageOf<'PUBLISH'>,
    qos: Qos,
    topicName: string | undefined,
  ): void {
    this.#deliver({ topicName, topicIdType, topicId, msgId, data, qos, retain, dup });
  }
}
