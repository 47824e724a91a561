/** The short requests: one message, one answer, a return code perhaps. Each rejects with `RejectedError` or `NoAnswerError`. */
import type { Message, MessageOf, Qos, TopicReference } from '../codec/message.ts';
import { RejectedError } from './client-error.ts';
import type { Granted } from './client-options.ts';
import type { MsgIdCounter } from './msg-id-counter.ts';
import type { Wire } from './wire.ts';

/** §6.5. The topic id that the gateway gives to a name. */
export async function register(wire: Wire, msgIds: MsgIdCounter, topicName: string): Promise<number> {
  const msgId = msgIds.next();
  const { topicId, returnCode } = await wire.request<MessageOf<'REGACK'>>({
    message: { type: 'REGISTER', topicId: 0, msgId, topicName },
    answer: (message) => (message.type === 'REGACK' && message.msgId === msgId ? message : undefined),
  });
  accepted('REGISTER', returnCode);
  return topicId;
}

/** §6.9. `granted`: called at once with the answer, before any further message is looked at. */
export async function subscribe(
  wire: Wire,
  msgIds: MsgIdCounter,
  topic: TopicReference,
  requested: Qos,
  granted: (topicId: number) => void,
): Promise<Granted> {
  const msgId = msgIds.next();
  const message: MessageOf<'SUBSCRIBE'> = { type: 'SUBSCRIBE', dup: false, qos: requested, msgId, topic };
  const { qos, topicId, returnCode } = await wire.request<MessageOf<'SUBACK'>>({
    message,
    repetition: { ...message, dup: true }, // §5.4.15
    answer: (received) => {
      if (received.type !== 'SUBACK' || received.msgId !== msgId) {
        return undefined;
      }
      if (received.returnCode === 0) {
        granted(received.topicId);
      }
      return received;
    },
  });
  accepted('SUBSCRIBE', returnCode);
  return { qos, topicId };
}

/** §6.9 */
export async function unsubscribe(wire: Wire, msgIds: MsgIdCounter, topic: TopicReference): Promise<void> {
  const msgId = msgIds.next();
  await wire.request({
    message: { type: 'UNSUBSCRIBE', msgId, topic },
    answer: (message) => (message.type === 'UNSUBACK' && message.msgId === msgId ? true : undefined),
  });
}

/** §6.11. With `clientId` the PINGREQ of a sleeping client: all its messages come before the PINGRESP (§6.14). */
export async function ping(wire: Wire, clientId?: string): Promise<void> {
  await wire.request({
    message: { type: 'PINGREQ', clientId },
    answer: ({ type }) => (type === 'PINGRESP' ? true : undefined),
    patient: clientId !== undefined, // SL-8
  });
}

/** §6.12; with `duration` (seconds) to sleep, §6.14. */
export async function disconnect(wire: Wire, duration?: number): Promise<void> {
  await wire.request({
    message: { type: 'DISCONNECT', duration },
    answer: ({ type }) => (type === 'DISCONNECT' ? true : undefined),
  });
}

/** §6.4 */
export async function updateWill(
  wire: Wire,
  message: MessageOf<'WILLTOPICUPD'> | MessageOf<'WILLMSGUPD'>,
): Promise<void> {
  const answerType = message.type === 'WILLTOPICUPD' ? 'WILLTOPICRESP' : 'WILLMSGRESP';
  const returnCode = await wire.request<number>({
    message,
    answer: (received) => (received.type === answerType && 'returnCode' in received ? received.returnCode : undefined),
  });
  accepted(message.type, returnCode);
}

/** §6.1. Broadcasts are not retransmitted by T_retry; an unanswered SEARCHGW is repeated with growing intervals (D-12). */
export async function searchGateway(wire: Wire, radius: number): Promise<{ readonly gwId: number }> {
  const { gwId } = await wire.request<MessageOf<'GWINFO'>>({
    message: { type: 'SEARCHGW', radius },
    answer: (message) => (message.type === 'GWINFO' ? message : undefined),
    growing: true,
  });
  return { gwId };
}

function accepted(request: Message['type'], returnCode: number): void {
  if (returnCode !== 0) {
    throw new RejectedError(request, returnCode);
  }
}
