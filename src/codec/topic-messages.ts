/** Registering and subscribing topics (§6.5, §6.7, §6.9, §6.10). */
import type { Codec } from './codec.ts';
import { FLAG, flagBit, qosBits, qosOf, topicIdTypeBits, topicIdTypeOf } from './flags.ts';
import {
  MSG_TYPE,
  type RegAck,
  type Register,
  type SubAck,
  type Subscribe,
  type TopicReference,
  type UnsubAck,
  type Unsubscribe,
} from './message.ts';
import type { Reader } from './reader.ts';
import { textSize, type Writer } from './writer.ts';

/**
 * §5.4.10, both directions. An empty or unsuitable name decodes: the core answers it (T-14).
 *
 *     TopicId (2) | MsgId (2) | TopicName (1..)
 */
export const REGISTER: Codec<Register> = {
  msgType: MSG_TYPE.REGISTER,
  size: (message) => 4 + textSize(message.topicName),
  decode: (body) => ({
    type: 'REGISTER',
    topicId: body.uint16('TopicId'),
    msgId: body.uint16('MsgId'),
    topicName: body.text(),
  }),
  encode: (message, body) => {
    body.uint16(message.topicId, 'TopicId');
    body.uint16(message.msgId, 'MsgId');
    body.text(message.topicName);
  },
};

/**
 * §5.4.11, both directions:
 *
 *     TopicId (2) | MsgId (2) | ReturnCode (1)
 */
export const REGACK: Codec<RegAck> = {
  msgType: MSG_TYPE.REGACK,
  size: () => 5,
  decode: (body) => ({
    type: 'REGACK',
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
 * §5.4.15, client to gateway:
 *
 *     Flags (1): DUP, QoS, TopicIdType | MsgId (2) | TopicName (1..) or TopicId (2), by TopicIdType
 */
export const SUBSCRIBE: Codec<Subscribe> = {
  msgType: MSG_TYPE.SUBSCRIBE,
  size: (message) => 3 + topicSize(message.topic),
  decode: (body) => {
    const flags = body.uint8('Flags');
    const msgId = body.uint16('MsgId');
    return {
      type: 'SUBSCRIBE',
      dup: (flags & FLAG.dup) !== 0,
      qos: qosOf(flags),
      msgId,
      topic: decodeTopic(flags, body),
    };
  },
  encode: (message, body) => {
    const { dup, qos, msgId, topic } = message;
    body.uint8(flagBit('dup', dup) | qosBits(qos) | topicIdTypeBits(topic.topicIdType), 'Flags');
    body.uint16(msgId, 'MsgId');
    encodeTopic(topic, body);
  },
};

/**
 * §5.4.16, gateway to client; mind that the TopicId comes before the MsgId:
 *
 *     Flags (1): QoS | TopicId (2) | MsgId (2) | ReturnCode (1)
 */
export const SUBACK: Codec<SubAck> = {
  msgType: MSG_TYPE.SUBACK,
  size: () => 6,
  decode: (body) => ({
    type: 'SUBACK',
    qos: qosOf(body.uint8('Flags')),
    topicId: body.uint16('TopicId'),
    msgId: body.uint16('MsgId'),
    returnCode: body.uint8('ReturnCode'),
  }),
  encode: (message, body) => {
    body.uint8(qosBits(message.qos), 'Flags');
    body.uint16(message.topicId, 'TopicId');
    body.uint16(message.msgId, 'MsgId');
    body.uint8(message.returnCode, 'ReturnCode');
  },
};

/**
 * §5.4.17, client to gateway:
 *
 *     Flags (1): TopicIdType | MsgId (2) | TopicName (1..) or TopicId (2), by TopicIdType
 */
export const UNSUBSCRIBE: Codec<Unsubscribe> = {
  msgType: MSG_TYPE.UNSUBSCRIBE,
  size: (message) => 3 + topicSize(message.topic),
  decode: (body) => {
    const flags = body.uint8('Flags');
    return { type: 'UNSUBSCRIBE', msgId: body.uint16('MsgId'), topic: decodeTopic(flags, body) };
  },
  encode: (message, body) => {
    body.uint8(topicIdTypeBits(message.topic.topicIdType), 'Flags');
    body.uint16(message.msgId, 'MsgId');
    encodeTopic(message.topic, body);
  },
};

/**
 * §5.4.18, gateway to client:
 *
 *     MsgId (2)
 */
export const UNSUBACK: Codec<UnsubAck> = {
  msgType: MSG_TYPE.UNSUBACK,
  size: () => 2,
  decode: (body) => ({ type: 'UNSUBACK', msgId: body.uint16('MsgId') }),
  encode: (message, body) => body.uint16(message.msgId, 'MsgId'),
};

function topicSize(topic: TopicReference): number {
  switch (topic.topicIdType) {
    case 'normal':
    case 'short':
      return textSize(topic.topicName);
    case 'predefined':
      return 2;
    case 'reserved':
      return 0; // refused when the Flags are made
  }
}

function decodeTopic(flags: number, body: Reader): TopicReference {
  const topicIdType = topicIdTypeOf(flags);
  switch (topicIdType) {
    case 'normal':
    case 'short':
      return { topicIdType, topicName: body.text() }; // T-20: a short name that is not of two octets is answered, not dropped
    case 'predefined':
      return { topicIdType, topicId: body.uint16('TopicId') };
    case 'reserved':
      body.octets(); // T-20: it is answered, whatever stands there
      return { topicIdType };
  }
}

function encodeTopic(topic: TopicReference, body: Writer): void {
  if (topic.topicIdType === 'predefined') {
    body.uint16(topic.topicId, 'TopicId');
  } else if (topic.topicIdType !== 'reserved') {
    body.text(topic.topicName);
  }
}
