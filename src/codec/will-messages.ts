/** Will data (§6.3, §6.4). */
import type { Codec } from './codec.ts';
import { FLAG, flagBit, qosBits, qosOf } from './flags.ts';
import {
  MSG_TYPE,
  type WillMsg,
  type WillMsgReq,
  type WillMsgResp,
  type WillMsgUpd,
  type WillTopic,
  type WillTopicFields,
  type WillTopicReq,
  type WillTopicResp,
  type WillTopicUpd,
} from './message.ts';
import type { Reader } from './reader.ts';
import { textSize, type Writer } from './writer.ts';

/** §5.4.6, gateway to client; no variable part. */
export const WILLTOPICREQ: Codec<WillTopicReq> = {
  msgType: MSG_TYPE.WILLTOPICREQ,
  size: () => 0,
  decode: () => ({ type: 'WILLTOPICREQ' }),
  encode: () => undefined,
};

/**
 * §5.4.7, client to gateway; without variable part it deletes the will:
 *
 *     nothing, or Flags (1): QoS, Retain | WillTopic (0..)
 */
export const WILLTOPIC: Codec<WillTopic> = {
  msgType: MSG_TYPE.WILLTOPIC,
  size: willTopicSize,
  decode: (body) => ({ type: 'WILLTOPIC', will: decodeWillTopic(body) }),
  encode: encodeWillTopic,
};

/** §5.4.8, gateway to client; no variable part. */
export const WILLMSGREQ: Codec<WillMsgReq> = {
  msgType: MSG_TYPE.WILLMSGREQ,
  size: () => 0,
  decode: () => ({ type: 'WILLMSGREQ' }),
  encode: () => undefined,
};

/**
 * §5.4.9, client to gateway:
 *
 *     WillMsg (0..)
 */
export const WILLMSG: Codec<WillMsg> = {
  msgType: MSG_TYPE.WILLMSG,
  size: (message) => message.willMsg.length,
  decode: (body) => ({ type: 'WILLMSG', willMsg: body.octets() }),
  encode: (message, body) => body.octets(message.willMsg),
};

/** §5.4.22, client to gateway; as WILLTOPIC. */
export const WILLTOPICUPD: Codec<WillTopicUpd> = {
  msgType: MSG_TYPE.WILLTOPICUPD,
  size: willTopicSize,
  decode: (body) => ({ type: 'WILLTOPICUPD', will: decodeWillTopic(body) }),
  encode: encodeWillTopic,
};

/** §5.4.23, client to gateway; as WILLMSG. */
export const WILLMSGUPD: Codec<WillMsgUpd> = {
  msgType: MSG_TYPE.WILLMSGUPD,
  size: (message) => message.willMsg.length,
  decode: (body) => ({ type: 'WILLMSGUPD', willMsg: body.octets() }),
  encode: (message, body) => body.octets(message.willMsg),
};

/**
 * §5.4.24, gateway to client:
 *
 *     ReturnCode (1)
 */
export const WILLTOPICRESP: Codec<WillTopicResp> = {
  msgType: MSG_TYPE.WILLTOPICRESP,
  size: () => 1,
  decode: (body) => ({ type: 'WILLTOPICRESP', returnCode: body.uint8('ReturnCode') }),
  encode: (message, body) => body.uint8(message.returnCode, 'ReturnCode'),
};

/**
 * §5.4.25, gateway to client:
 *
 *     ReturnCode (1)
 */
export const WILLMSGRESP: Codec<WillMsgResp> = {
  msgType: MSG_TYPE.WILLMSGRESP,
  size: () => 1,
  decode: (body) => ({ type: 'WILLMSGRESP', returnCode: body.uint8('ReturnCode') }),
  encode: (message, body) => body.uint8(message.returnCode, 'ReturnCode'),
};

function willTopicSize({ will }: WillTopic | WillTopicUpd): number {
  return will === undefined ? 0 : 1 + textSize(will.willTopic);
}

function decodeWillTopic(body: Reader): WillTopicFields | undefined {
  if (body.remaining === 0) {
    return undefined;
  }
  const flags = body.uint8('Flags');
  if (body.remaining === 0) {
    return undefined; // T-23: Flags without a topic means the empty form
  }
  return { qos: qosOf(flags), retain: (flags & FLAG.retain) !== 0, willTopic: body.text() };
}

function encodeWillTopic({ will }: WillTopic | WillTopicUpd, body: Writer): void {
  if (will === undefined) {
    return;
  }
  body.uint8(qosBits(will.qos) | flagBit('retain', will.retain), 'Flags');
  body.text(will.willTopic);
}
