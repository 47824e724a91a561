/** Connecting, keeping alive, sleeping, leaving (§6.2, §6.11, §6.12, §6.14). */
import type { Codec } from './codec.ts';
import { FLAG, flagBit } from './flags.ts';
import { type ConnAck, type Connect, type Disconnect, MSG_TYPE, type PingReq, type PingResp } from './message.ts';
import { textSize } from './writer.ts';

/**
 * §5.4.4, client to gateway. An empty ClientId and any ProtocolId decode: the core answers them (T-01, T-05).
 *
 *     Flags (1): Will, CleanSession | ProtocolId (1) | Duration (2) | ClientId (1..)
 */
export const CONNECT: Codec<Connect> = {
  msgType: MSG_TYPE.CONNECT,
  size: (message) => 4 + textSize(message.clientId),
  decode: (body) => {
    const flags = body.uint8('Flags');
    return {
      type: 'CONNECT',
      will: (flags & FLAG.will) !== 0,
      cleanSession: (flags & FLAG.cleanSession) !== 0,
      protocolId: body.uint8('ProtocolId'),
      duration: body.uint16('Duration'),
      clientId: body.text(),
    };
  },
  encode: (message, body) => {
    body.uint8(flagBit('will', message.will) | flagBit('cleanSession', message.cleanSession), 'Flags');
    body.uint8(message.protocolId, 'ProtocolId');
    body.uint16(message.duration, 'Duration');
    body.text(message.clientId);
  },
};

/**
 * §5.4.5, gateway to client:
 *
 *     ReturnCode (1)
 */
export const CONNACK: Codec<ConnAck> = {
  msgType: MSG_TYPE.CONNACK,
  size: () => 1,
  decode: (body) => ({ type: 'CONNACK', returnCode: body.uint8('ReturnCode') }),
  encode: (message, body) => body.uint8(message.returnCode, 'ReturnCode'),
};

/**
 * §5.4.19, both directions; ClientId only from a sleeping client (§6.14):
 *
 *     ClientId (0..)
 */
export const PINGREQ: Codec<PingReq> = {
  msgType: MSG_TYPE.PINGREQ,
  size: (message) => (message.clientId === undefined ? 0 : textSize(message.clientId)),
  decode: (body) => ({ type: 'PINGREQ', clientId: body.remaining === 0 ? undefined : body.text() }),
  encode: (message, body) => {
    if (message.clientId !== undefined) {
      body.text(message.clientId);
    }
  },
};

/** §5.4.20, both directions; no variable part. */
export const PINGRESP: Codec<PingResp> = {
  msgType: MSG_TYPE.PINGRESP,
  size: () => 0,
  decode: () => ({ type: 'PINGRESP' }),
  encode: () => undefined,
};

/**
 * §5.4.21, both directions; Duration only from a client that goes to sleep. Duration 0 decodes as it is (T-31).
 *
 *     Duration (0 or 2)
 */
export const DISCONNECT: Codec<Disconnect> = {
  msgType: MSG_TYPE.DISCONNECT,
  size: (message) => (message.duration === undefined ? 0 : 2),
  decode: (body) => ({ type: 'DISCONNECT', duration: body.remaining === 0 ? undefined : body.uint16('Duration') }),
  encode: (message, body) => {
    if (message.duration !== undefined) {
      body.uint16(message.duration, 'Duration');
    }
  },
};
