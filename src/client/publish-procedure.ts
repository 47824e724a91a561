import { type MessageOf, type Qos, type QosFlag, RETURN_CODE } from '../codec/message.ts';
import { RejectedError } from './client-error.ts';
import { type ClientTopic, fixedTopic, type WireTopic } from './client-topic.ts';
import type { ConnectionState } from './connection-state.ts';
import { Limiter } from './limiter.ts';
import type { MsgIdCounter } from './msg-id-counter.ts';
import type { TopicTable } from './topic-table.ts';
import type { Wire } from './wire.ts';

/** What publishing needs of its client. */
export interface PublishContext {
  readonly wire: Wire;
  readonly state: ConnectionState;
  readonly topics: TopicTable;
  readonly msgIds: MsgIdCounter;
  /** QoS 1 and 2 publishes under way at a time (P-6). */
  readonly maxInflight: number;
  /** A PUBACK counts only with the topic id of the PUBLISH (T-22). */
  readonly strict: boolean;
  /** The topic id of a name, registered where it is not yet (§6.5). */
  readonly register: (name: string) => Promise<number>;
}

/** What the client publishes (§6.6, §6.8). */
export class PublishProcedure {
  readonly #context: PublishContext;
  readonly #inflight: Limiter;

  constructor(context: PublishContext) {
    this.#context = context;
    this.#inflight = new Limiter(context.maxInflight);
  }

  /**
   * Resolves when a QoS 0 or −1 message has been sent, a QoS 1 or 2 message acknowledged. Rejects with `RejectedError`, `NoAnswerError` or
   * `NotConnectedError`; with `TypeError` where QoS −1 is to go to a topic name.
   */
  async publish(topic: ClientTopic, data: Uint8Array, qos: QosFlag, retain: boolean): Promise<void> {
    const { wire, state } = this.#context;
    if (qos === -1) {
      if ('name' in topic) {
        throw new TypeError('QoS -1 needs a pre-defined topic id or a short topic name');
      }
      await wire.open();
      publishOnce(wire, fixedTopic(topic), data, qos, retain);
      return;
    }
    state.need('PUBLISH');
    if (qos === 0) {
      const wireTopic = 'name' in topic ? await this.#normalTopic(topic.name) : fixedTopic(topic);
      state.need('PUBLISH');
      publishOnce(wire, wireTopic, data, qos, retain);
      return;
    }
    await this.#inflight.run(() => this.#acknowledged(topic, data, qos, retain));
  }

  async #acknowledged(topic: ClientTopic, data: Uint8Array, qos: 1 | 2, retain: boolean): Promise<void> {
    const { wire, state, topics, msgIds, strict } = this.#context;
    let mayRegisterAgain = 'name' in topic;
    for (;;) {
      const wireTopic = 'name' in topic ? await this.#normalTopic(topic.name) : fixedTopic(topic);
      state.need('PUBLISH');
      try {
        await state.supervised(publishAcknowledged(wire, msgIds, wireTopic, data, { qos, retain, strict }));
        return;
      } catch (error) {
        if (!(error instanceof RejectedError && error.returnCode === RETURN_CODE.invalidTopicId && mayRegisterAgain)) {
          throw error;
        }
        topics.forget(wireTopic.topicId); // P-2: register again
        mayRegisterAgain = false;
      }
    }
  }

  async #normalTopic(name: string): Promise<WireTopic> {
    return { topicIdType: 'normal', topicId: await this.#context.register(name) };
  }
}

/** PUBLISH with QoS 0 or −1: sent and forgotten (§6.6, §6.8). */
function publishOnce(wire: Wire, topic: WireTopic, data: Uint8Array, qos: 0 | -1, retain: boolean): void {
  wire.send(publishMessage(topic, data, qos, retain, 0));
}

/**
 * PUBLISH with QoS 1 or 2 up to PUBACK or PUBCOMP (§6.6). Rejects with `RejectedError` or `NoAnswerError`.
 * `strict`: a PUBACK counts only with the topic id of the PUBLISH (T-22).
 */
async function publishAcknowledged(
  wire: Wire,
  msgIds: MsgIdCounter,
  topic: WireTopic,
  data: Uint8Array,
  { qos, retain, strict }: { readonly qos: 1 | 2; readonly retain: boolean; readonly strict: boolean },
): Promise<void> {
  const msgId = msgIds.next();
  const message = publishMessage(topic, data, qos, retain, msgId);
  const answer = await wire.request<MessageOf<'PUBACK'> | MessageOf<'PUBREC'>>({
    message,
    repetition: { ...message, dup: true },
    answer: (received) => {
      if (received.type === 'PUBACK' && received.msgId === msgId) {
        // QoS 2 knows PUBACK as the negative answer only.
        const fits = received.returnCode === RETURN_CODE.accepted ? qos === 1 : true;
        return fits && (!strict || received.topicId === topic.topicId) ? received : undefined;
      }
      return received.type === 'PUBREC' && received.msgId === msgId && qos === 2 ? received : undefined;
    },
  });
  if (answer.type === 'PUBACK') {
    if (answer.returnCode !== RETURN_CODE.accepted) {
      throw new RejectedError('PUBLISH', answer.returnCode);
    }
    return;
  }
  await wire.request({
    message: { type: 'PUBREL', msgId },
    answer: (received) => (received.type === 'PUBCOMP' && received.msgId === msgId ? true : undefined),
    repeatOn: (received) => received.type === 'PUBREC' && received.msgId === msgId,
  });
}

function publishMessage(
  { topicIdType, topicId }: WireTopic,
  data: Uint8Array,
  qos: QosFlag | Qos,
  retain: boolean,
  msgId: number,
): MessageOf<'PUBLISH'> {
  return { type: 'PUBLISH', dup: false, qos, retain, topicIdType, topicId, msgId, data };
}
