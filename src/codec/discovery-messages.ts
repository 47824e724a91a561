/** Finding gateways (§6.1). */
import type { Codec } from './codec.ts';
import { type Advertise, type GwInfo, MSG_TYPE, type SearchGw } from './message.ts';

/**
 * §5.4.1, gateway to all:
 *
 *     GwId (1) | Duration (2)
 */
export const ADVERTISE: Codec<Advertise> = {
  msgType: MSG_TYPE.ADVERTISE,
  size: () => 3,
  decode: (body) => ({ type: 'ADVERTISE', gwId: body.uint8('GwId'), duration: body.uint16('Duration') }),
  encode: (message, body) => {
    body.uint8(message.gwId, 'GwId');
    body.uint16(message.duration, 'Duration');
  },
};

/**
 * §5.4.2, client to all:
 *
 *     Radius (1)
 */
export const SEARCHGW: Codec<SearchGw> = {
  msgType: MSG_TYPE.SEARCHGW,
  size: () => 1,
  decode: (body) => ({ type: 'SEARCHGW', radius: body.uint8('Radius') }),
  encode: (message, body) => body.uint8(message.radius, 'Radius'),
};

/**
 * §5.4.3, answer to SEARCHGW; GwAdd only where a client answers:
 *
 *     GwId (1) | GwAdd (0..)
 */
export const GWINFO: Codec<GwInfo> = {
  msgType: MSG_TYPE.GWINFO,
  size: (message) => 1 + (message.gwAdd?.length ?? 0),
  decode: (body) => {
    const gwId = body.uint8('GwId');
    return body.remaining === 0 ? { type: 'GWINFO', gwId } : { type: 'GWINFO', gwId, gwAdd: body.octets() };
  },
  encode: (message, body) => {
    body.uint8(message.gwId, 'GwId');
    if (message.gwAdd) {
      body.octets(message.gwAdd);
    }
  },
};
