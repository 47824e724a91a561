import { type MessageOf, type Qos, type QosFlag, RETURN_CODE } from '../codec/message.ts';
import { RejectedError } from './client-error.ts';
import type { WireTopic } from './client-topic.ts';
import type { MsgIdCounter } from './msg-id-counter.ts';
import type { Wire } from './wire.ts';

/** PUBLISH with QoS 0 or −1: sent and forgotten (§6.6, §6.8). */
export function publishOnce(wire: Wire, topic: WireTopic, data: Uint8Array, qos: 0 | -1, retain: boolean): void {
  wire.send(publishMessage(topic, data, qos, retain, 0));
}

/**
 * PUBLISH with QoS 1 or 2 up to PUBACK or PUBCOMP (§6.6). Rejects with `RejectedError` or `NoAnswerError`.
 * `strict`: a PUBACK counts only with the topic id of the PUBLISH (T-22).
 */
export async function publishAcknowledged(
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
