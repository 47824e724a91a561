/** Publishing, and the acknowledgements of it (§6.6, §6.8, §6.10). */
import type { Codec } from './codec.ts';
import { FLAG, flagBit, qosBits, qosOf, topicIdTypeBits, topicIdTypeOf } from './flags.ts';
import { MSG_TYPE, type PubAck, type PubComp, type Publish, type PubRec, type PubRel } from './message.ts';

/**
 * §5.4.12, both directions. Data may be empty (T-47). A MsgId that is not 0x0000 with QoS 0 or −1 decodes as it is.
 *
 *     Flags (1): DUP, QoS, Retain, TopicIdType | TopicId (2) | MsgId (2) | Data (0..)
 */
export const PUBLISH: Codec<Publish> = {
  msgType: MSG_TYPE.PUBLISH,
  size: (message) => 5 + message.data.length,
  decode: (body) => {
    const flags = body.uint8('Flags');
    return {
      type: 'PUBLISH',
      dup: (flags & FLAG.dup) !== 0,
      qos: qosOf(flags),
      retain: (flags & FLAG.retain) !== 0,
      topicIdType: topicIdTypeOf(flags),
      topicId: body.uint16('TopicId'),
      msgId: body.uint16('MsgId'),
      data: body.octets(),
    };
  },
  encode: (message, body) => {
    const { dup, qos, retain, topicIdType } = message;
    body.uint8(flagBit('dup', dup) | qosBits(qos) | flagBit('retain', retain) | topicIdTypeBits(topicIdType), 'Flags');
    body.uint16(message.topicId, 'TopicId');
    body.uint16(message.msgId, 'MsgId');
    body.octets(message.data);
  },
};

/**
 * §5.4.13, both directions:
 *
 *     TopicId (2) | MsgId (2) | ReturnCode (1)
 */
export const PUBACK: Codec<PubAck> = {
  msgType: MSG_TYPE.PUBACK,
  size: () => 5,
  decode: (body) => ({
    type: 'PUBACK',
    topicId: body.uint16('TopicId'),
    msgId: body.uint16('MsgId'),
    returnCode: body.uint8('ReturnCode'),
  }),
  encode: (message, body) => {
    body.uint16(message.topicId, 'TopicId');
    body.uint16(message.msgId, 'MsgId');
    body.uint8(message.returnCode, 'ReturnCode');
  },
};

/**
 * §5.4.14, both directions:
 *
 *     MsgId (2)
 */
export const PUBREC: Codec<PubRec> = {
  msgType: MSG_TYPE.PUBREC,
  size: () => 2,
  decode: (body) => ({ type: 'PUBREC', msgId: body.uint16('MsgId') }),
  encode: (message, body) => body.uint16(message.msgId, 'MsgId'),
};

/** §5.4.14, both directions; as PUBREC. */
export const PUBREL: Codec<PubRel> = {
  msgType: MSG_TYPE.PUBREL,
  size: () => 2,
  decode: (body) => ({ type: 'PUBREL', msgId: body.uint16('MsgId') }),
  encode: (message, body) => body.uint16(message.msgId, 'MsgId'),
};

/** §5.4.14, both directions; as PUBREC. */
export const PUBCOMP: Codec<PubComp> = {
  msgType: MSG_TYPE.PUBCOMP,
  size: () => 2,
  decode: (body) => ({ type: 'PUBCOMP', msgId: body.uint16('MsgId') }),
  encode: (message, body) => body.uint16(message.msgId, 'MsgId'),
};
