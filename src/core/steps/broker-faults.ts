/** What a broker does against MQTT is counted and told; nothing ends by it that it is not for (I-34, I-35). */

import type { BrokerAnswer } from '../contract/note.ts';
import type { BrokerConnection } from '../state/broker-connection.ts';
import type { Turn } from './turn.ts';

/** An answer to nothing that was sent, or of the wrong kind. `clientId` undefined: on the gateway's own connection. */
export function answerOutOfStep(clientId: string | undefined, packet: BrokerAnswer, turn: Turn): void {
  turn.note({ type: 'broker-answer-ignored', clientId, packet });
}

/** PUBACK for a QoS 2 PUBLISH. Told once for each time that the broker can be reached: it may be another one after that. */
export function brokerWithoutQos2(turn: Turn): void {
  const { reachability } = turn.shared;
  if (!reachability.withoutQos2) {
    reachability.withoutQos2 = true;
    turn.note({ type: 'broker-without-qos2' });
  }
}

/** A connection breaks: what with QoS 0 may be lost by it is told. `clientId` undefined: it is the gateway's own. */
export function noteUnproven(clientId: string | undefined, { phase, unproven }: BrokerConnection, turn: Turn): void {
  const { count: publishes } = unproven;
  if (phase === 'up' && publishes > 0) {
    turn.note({ type: 'qos0-unconfirmed', clientId, publishes });
  }
}
