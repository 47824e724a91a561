/**
 * The Length field (§5.2.1). It counts the whole message, itself included:
 *
 *     short form   Length (1): 2–255               | MsgType (1) | variable part
 *     long form    0x01 | Length (2): 4–65535      | MsgType (1) | variable part
 */
import { DecodeError } from './decode-error.ts';
import { MSG_TYPE } from './message.ts';

/** First octet of the long form. */
export const LONG_FORM = 0x01;

/** Octets before the variable part in each form. */
export const SHORT_HEADER = 2;
export const LONG_HEADER = 4;

/** How forgiving the Length is read. */
export interface LengthOptions {
  /** T-41: a datagram of 257 octets in the long form whose Length is 255 is one message; a client library counts two octets too few there. */
  readonly tolerateLength255?: boolean;
}

const STRICT: LengthOptions = {};

/** What the Length at `at` says. Throws `DecodeError`: `truncated` where no whole header is there, `badLength` where no message is that short. */
export function lengthAt(octets: Uint8Array, at: number, options: LengthOptions): number {
  const first = octets[at];
  const came = octets.length - at;
  if (first !== LONG_FORM) {
    if (first === 0) {
      throw new DecodeError('badLength', 'Length says 0 octets');
    }
    if (first === undefined || came < SHORT_HEADER) {
      throw new DecodeError('truncated', `a message has at least 2 octets, ${came} came`);
    }
    return first;
  }
  if (came < LONG_HEADER) {
    throw new DecodeError('truncated', `a message in the long form has at least 4 octets, ${came} came`);
  }
  const length = ((octets[at + 1] as number) << 8) | (octets[at + 2] as number);
  if (length < LONG_HEADER) {
    throw new DecodeError('badLength', `Length in the long form says ${length} octets`);
  }
  if (length === 255 && came === 257 && options.tolerateLength255) {
    return 257;
  }
  return length;
}

/**
 * Size in octets of the first message in `octets`, by its Length field; an encapsulation (§5.5) counts with the message inside.
 * The size may be more than what is there. Nothing but the Length is looked at.
 * Throws `DecodeError`: `empty`, `truncated` where more octets are needed to tell, `badLength`, `malformed` for an encapsulation without node id.
 */
export function frameLength(octets: Uint8Array, options: LengthOptions = STRICT): number {
  if (octets.length === 0) {
    throw new DecodeError('empty', 'no octets');
  }
  let at = 0;
  for (;;) {
    const length = lengthAt(octets, at, options);
    const encapsulates = octets[at] !== LONG_FORM && octets[at + 1] === MSG_TYPE.ENCAPSULATED;
    if (!encapsulates) {
      return at + length;
    }
    if (length < 4) {
      throw new DecodeError('malformed', 'ENCAPSULATED: its Wireless Node Id is missing');
    }
    at += length;
    if (at >= octets.length) {
      throw new DecodeError('truncated', 'ENCAPSULATED ends before the message inside');
    }
  }
}
