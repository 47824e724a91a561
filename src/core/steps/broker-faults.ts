/** What a broker does against MQTT is counted and told; nothing ends by it that it is not for (I-34, I-35). */

import type { UpstreamLost } from '../contract/input.ts';
import type { BrokerAnswer } from '../contract/note.ts';
import type { BrokerConnection } from '../state/broker-connection.ts';
import type { Turn } from './turn.ts';

/** Malformed, protocol error, not authorised, topic name, packet too large, payload format, retain, QoS: a reason that lies in a packet. */
const OF_A_PACKET: ReadonlySet<number> = new Set([0x81, 0x82, 0x87, 0x90, 0x95, 0x99, 0x9a, 0x9b]);

/** Busy, shutting down, keep-alive, taken over, quota, administrative, another server, rate: a reason that lies in no packet. */
const OF_NO_PACKET: ReadonlySet<number> = new Set([0x89, 0x8b, 0x8d, 0x8e, 0x97, 0x98, 0x9c, 0x9d, 0x9f]);

/** What a broken connection tells of the packets that were out on it (I-42). */
export function reasonLiesIn(lost: UpstreamLost): 'a-packet' | 'no-packet' | 'unknown' {
  const { ours, unreadable, takenOver, reasonCode } = lost;
  if ((ours && !unreadable) || takenOver || (reasonCode !== undefined && OF_NO_PACKET.has(reasonCode))) {
    return 'no-packet';
  }
  return reasonCode !== undefined && OF_A_PACKET.has(reasonCode) ? 'a-packet' : 'unknown';
}

/** Whose connection it is: a client's, or the gateway's own one. */
interface Owner {
  readonly clientId: string | undefined;
  readonly link?: string;
}

/** The gateway itself. */
export const OWN: Owner = { clientId: undefined };

/** An answer to nothing that was sent, or of the wrong kind. */
export function answerOutOfStep(owner: Owner, packet: BrokerAnswer, turn: Turn): void {
  turn.note({ type: 'broker-answer-ignored', ...owner, packet });
}

/** PUBACK for a QoS 2 PUBLISH. Told once for each time that the broker can be reached: it may be another one after that. */
export function brokerWithoutQos2(turn: Turn): void {
  const { reachability } = turn.shared;
  if (!reachability.withoutQos2) {
    reachability.withoutQos2 = true;
    turn.note({ type: 'broker-without-qos2' });
  }
}

/** A connection breaks: what with QoS 0 may be lost by it is told. `others`: how many of what is out there have another QoS. */
export function noteUnproven(owner: Owner, { phase, unproven }: BrokerConnection, turn: Turn, others = 0): void {
  const publishes = unproven.count - others;
  if (phase === 'up' && publishes > 0) {
    turn.note({ type: 'qos0-unconfirmed', ...owner, publishes });
  }
}
