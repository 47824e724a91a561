import type { Codec } from './codec.ts';
import { CODECS } from './codecs.ts';
import { LONG_FORM, LONG_HEADER, SHORT_HEADER } from './frame-length.ts';
import type { Message } from './message.ts';
import { Writer } from './writer.ts';

const MAX_SHORT = 255;
const MAX_LONG = 65_535;

/**
 * The octets of one message: the short form up to 255 octets in all, else the long form (§5.2.1). Unused flag bits are 0.
 * Throws `RangeError` for what can't be encoded: more than 65535 octets, a Wireless Node Id that is empty or longer than 252 octets,
 * TopicIdType `reserved`, a number that does not fit its field.
 */
export function encode(message: Message): Uint8Array {
  const codec: Codec<Message> = CODECS[message.type];
  const size = codec.size(message);
  const short = SHORT_HEADER + size <= MAX_SHORT;
  const length = size + (short ? SHORT_HEADER : LONG_HEADER);
  if (length > MAX_LONG) {
    throw new RangeError(`${message.type} would have ${length} octets; ${MAX_LONG} is the most that Length can say`);
  }
  const writer = new Writer(length + (codec.sizeBehind?.(message) ?? 0));
  if (short) {
    writer.uint8(length, 'Length');
  } else {
    writer.uint8(LONG_FORM, 'Length');
    writer.uint16(length, 'Length');
  }
  writer.uint8(codec.msgType, 'MsgType');
  codec.encode(message, writer);
  return writer.frame;
}
