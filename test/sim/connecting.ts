/** CONNECT, and the will dialogue where there is one (6.2), as a client goes through it. */
import type { Message, MessageOf } from '../../src/codec/message.ts';
import type { ClientPlan } from './plan.ts';
import type { Requests } from './requests.ts';

export interface Connecting {
  readonly plan: ClientPlan;
  readonly requests: Requests;
  readonly clean: boolean;
  /** The will message; undefined: no dialogue. */
  readonly will: string | undefined;
  readonly onConnAck: (answer: MessageOf<'CONNACK'>) => void;
}

export function askToConnect(connecting: Connecting): void {
  const { plan, requests, clean, will } = connecting;
  requests.ask({
    message: {
      type: 'CONNECT',
      will: will !== undefined,
      cleanSession: clean,
      protocolId: 1,
      duration: plan.keepAlive,
      clientId: plan.id,
    },
    answeredBy: (answer) => {
      if (answer.type === 'WILLTOPICREQ' && will !== undefined) {
        sayWill(connecting, will);
        return true;
      }
      return ends(connecting, answer);
    },
  });
}

function sayWill(connecting: Connecting, will: string): void {
  const { plan, requests } = connecting;
  if (plan.will === undefined) {
    return;
  }
  const { topic: willTopic, qos } = plan.will;
  requests.ask({
    message: { type: 'WILLTOPIC', will: { qos, retain: false, willTopic } },
    answeredBy: (answer) => {
      if (answer.type !== 'WILLMSGREQ') {
        return ends(connecting, answer);
      }
      requests.ask({
        message: { type: 'WILLMSG', willMsg: Buffer.from(will, 'latin1') },
        answeredBy: (last) => ends(connecting, last),
      });
      return true;
    },
  });
}

function ends({ onConnAck }: Connecting, answer: Message): boolean {
  if (answer.type === 'CONNACK') {
    onConnAck(answer);
  }
  return answer.type === 'CONNACK';
}
