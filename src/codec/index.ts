/** Octets to messages and back: MQTT-SN v1.2. Pure; imports nothing. */

export { type DecodeOptions, decode, frameLength } from './decode.ts';
export { DecodeError, type DecodeReason } from './decode-error.ts';
export { type DescribeOptions, describe, describeFrame, returnCodeName } from './describe.ts';
export { encode } from './encode.ts';
export type * from './message.ts';
export { MSG_TYPE, RETURN_CODE } from './message.ts';
export { shortTopicId, shortTopicName } from './short-topic.ts';
