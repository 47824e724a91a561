/**
 * The version of the protocol that a client speaks: how its frames are read and written, and with which message it is told what has happened.
 * A sender is found by its peer first, then its frame is decoded by its dialect.
 */

import { type DecodeOptions, decode } from '../../codec/decode.ts';
import { encode } from '../../codec/encode.ts';
import type { Message, MessageOf, ReturnCode } from '../../codec/message.ts';

/** A request of a client that is answered with a return code. */
export type Request =
  | Pick<MessageOf<'PUBLISH'>, 'type' | 'topicId' | 'msgId'>
  | Pick<MessageOf<'REGISTER'>, 'type' | 'msgId'>
  | Pick<MessageOf<'SUBSCRIBE'>, 'type' | 'msgId'>
  | Pick<MessageOf<'CONNECT'>, 'type'>
  | Pick<MessageOf<'WILLTOPICUPD'>, 'type'>
  | Pick<MessageOf<'WILLMSGUPD'>, 'type'>;

/** What a client is told by those who need not know the message of a version for it. */
export type Told =
  | { readonly what: 'session-ended' }
  | { readonly what: 'awake-period-over' }
  | { readonly what: 'request-rejected'; readonly request: Request; readonly returnCode: ReturnCode };

export interface Dialect {
  /** The version as it is stored. */
  readonly version: '1.2';
  /** The message in one whole frame. Throws `DecodeError` and nothing else. */
  decode(frame: Uint8Array, options: DecodeOptions): Message;
  encode(message: Message): Uint8Array;
  /** The message that says so. */
  messageFor(told: Told): Message;
}

/** MQTT-SN v1.2, the default. */
export const V1_2: Dialect = {
  version: '1.2',
  decode,
  encode,
  messageFor(told) {
    switch (told.what) {
      case 'session-ended':
        return { type: 'DISCONNECT', duration: undefined };
      case 'awake-period-over':
        return { type: 'PINGRESP' }; // SL-5
      case 'request-rejected':
        return rejection(told.request, told.returnCode);
    }
  },
};

/** By the version as it is stored. */
export const DIALECTS: Readonly<Record<Dialect['version'], Dialect>> = { '1.2': V1_2 };

function rejection(request: Request, returnCode: ReturnCode): Message {
  switch (request.type) {
    case 'CONNECT':
      return { type: 'CONNACK', returnCode }; // C-4
    case 'PUBLISH':
      return { type: 'PUBACK', topicId: request.topicId, msgId: request.msgId, returnCode }; // P-2, 3.6: whatever the QoS
    case 'REGISTER':
      return { type: 'REGACK', topicId: 0, msgId: request.msgId, returnCode };
    case 'SUBSCRIBE':
      return { type: 'SUBACK', qos: 0, topicId: 0, msgId: request.msgId, returnCode }; // U-5: QoS bits 0 and TopicId 0x0000
    case 'WILLTOPICUPD':
      return { type: 'WILLTOPICRESP', returnCode };
    case 'WILLMSGUPD':
      return { type: 'WILLMSGRESP', returnCode };
  }
}
