import type { Message } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** How messages of one type stand on the wire. The variable part is what follows the MsgType (§5.2). */
export interface Codec<M extends Message> {
  /** MsgType octet (§5.2.2). */
  readonly msgType: number;
  /** Octets of the variable part. Throws `RangeError` for a message that can't be encoded. */
  size(message: M): number;
  /** Octets behind the message that its Length does not count; only the encapsulation has them (§5.5). */
  sizeBehind?(message: M): number;
  /** Reads all fields in wire order. Throws `DecodeError` malformed. */
  decode(body: Reader): M;
  /** Writes all fields in wire order. Throws `RangeError` for a value that does not fit its field. */
  encode(message: M, body: Writer): void;
}
