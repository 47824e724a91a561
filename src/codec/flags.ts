/**
 * The Flags octet (§5.3.4, Table 4). Bits that a message does not use are 0 when sent and ignored when received.
 *
 *     bit   7     6  5     4       3      2              1  0
 *          DUP    QoS    Retain   Will   CleanSession   TopicIdType
 */
import type { QosFlag, TopicIdType } from './message.ts';

/** Flags of one bit. */
export const FLAG = { dup: 0x80, retain: 0x10, will: 0x08, cleanSession: 0x04 } as const;

/** Bit of a flag, or 0. */
export function flagBit(flag: keyof typeof FLAG, set: boolean): number {
  return set ? FLAG[flag] : 0;
}

const QOS: readonly QosFlag[] = [0, 1, 2, -1];

/** QoS bits 6 and 5; 11 is −1. */
export function qosOf(flags: number): QosFlag {
  return QOS[(flags >> 5) & 3] as QosFlag;
}

/** QoS as bits 6 and 5. */
export function qosBits(qos: QosFlag): number {
  return (qos & 3) << 5; // −1 & 3 is 11
}

const TOPIC_ID_TYPE: readonly TopicIdType[] = ['normal', 'predefined', 'short', 'reserved'];

/** TopicIdType bits 1 and 0. */
export function topicIdTypeOf(flags: number): TopicIdType {
  return TOPIC_ID_TYPE[flags & 3] as TopicIdType;
}

/** TopicIdType as bits 1 and 0. Throws `RangeError` for `reserved`, which must not be sent. */
export function topicIdTypeBits(type: TopicIdType): number {
  if (type === 'reserved') {
    throw new RangeError('TopicIdType 11 is reserved and cannot be sent');
  }
  return TOPIC_ID_TYPE.indexOf(type);
}
