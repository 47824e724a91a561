import type { Codec } from './codec.ts';
import { type Encapsulated, MSG_TYPE } from './message.ts';

const MAX_NODE_ID = 252; // Length is one octet here, and counts three octets more
const RADIUS = 0x03;

/**
 * §5.5, between forwarder and gateway. Length counts up to the Wireless Node Id; the message behind it has its own Length.
 *
 *     Ctrl (1): bits 1–0 radius | Wireless Node Id (1–252) || the message, octet for octet
 */
export const ENCAPSULATED: Codec<Encapsulated> = {
  msgType: MSG_TYPE.ENCAPSULATED,
  size: (message) => {
    const size = message.wirelessNodeId.length;
    if (size === 0 || size > MAX_NODE_ID) {
      throw new RangeError(`a Wireless Node Id has 1 to ${MAX_NODE_ID} octets, not ${size}`);
    }
    return 1 + size;
  },
  sizeBehind: (message) => message.frame.length,
  decode: (body) => {
    const radius = body.uint8('Ctrl') & RADIUS;
    if (body.remaining === 0) {
      throw body.malformed('its Wireless Node Id is empty'); // T-46
    }
    return { type: 'ENCAPSULATED', radius, wirelessNodeId: body.octets(), frame: body.behind() };
  },
  encode: (message, body) => {
    if ((message.radius & RADIUS) !== message.radius) {
      throw new RangeError(`radius of an encapsulation is 0 to 3, not ${message.radius}`);
    }
    body.uint8(message.radius, 'Ctrl');
    body.octets(message.wirelessNodeId);
    body.octets(message.frame);
  },
};
