import type { Message } from '../codec/message.ts';
import { RejectedError } from './client-error.ts';
import type { ClientWill } from './client-options.ts';
import { octets } from './octets.ts';
import type { Wire } from './wire.ts';

export interface ConnectRequest {
  readonly clientId: string;
  readonly cleanSession: boolean;
  /** Keep-alive in seconds. */
  readonly keepAlive: number;
  readonly will: ClientWill | undefined;
}

type Step = Extract<Message, { type: 'WILLTOPICREQ' | 'WILLMSGREQ' | 'CONNACK' }>;

/** CONNECT, and the will dialogue where there is a will (§6.2, C-1, C-2). Rejects with `RejectedError` or `NoAnswerError`. */
export async function connect(wire: Wire, { clientId, cleanSession, keepAlive, will }: ConnectRequest): Promise<void> {
  const connectMessage: Message = {
    type: 'CONNECT',
    will: will !== undefined,
    cleanSession,
    protocolId: 1,
    duration: keepAlive,
    clientId,
  };
  let step = await wire.request<Step>({
    message: connectMessage,
    answer: (message) =>
      message.type === 'CONNACK' || (message.type === 'WILLTOPICREQ' && will !== undefined) ? message : undefined,
  });
  if (step.type === 'WILLTOPICREQ' && will !== undefined) {
    step = await wire.request<Step>({
      message: { type: 'WILLTOPIC', will: { willTopic: will.topic, qos: will.qos, retain: will.retain } },
      answer: (message) => (message.type === 'WILLMSGREQ' || message.type === 'CONNACK' ? message : undefined),
      repeatOn: ({ type }) => type === 'WILLTOPICREQ', // C-7
    });
  }
  if (step.type === 'WILLMSGREQ' && will !== undefined) {
    step = await wire.request<Step>({
      message: { type: 'WILLMSG', willMsg: octets(will.message) },
      answer: (message) => (message.type === 'CONNACK' ? message : undefined),
      repeatOn: ({ type }) => type === 'WILLMSGREQ', // C-7
    });
  }
  if (step.type === 'CONNACK' && step.returnCode !== 0) {
    throw new RejectedError('CONNECT', step.returnCode);
  }
}
