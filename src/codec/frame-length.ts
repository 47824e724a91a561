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
  /** T-41: a frame of 256 octets or more that is one message in the long form is taken whole though its Length says 2, 3 or 4 octets less. */
  readonly tolerateShortLength?: boolean;
  /** Octets behind the message (T-42): `drop` refuses the frame (`DecodeError` trailing), `ignore` reads it without them. Without it `drop`. */
  readonly trailing?: 'drop' | 'ignore';
}

const STRICT: LengthOptions = {};

/** Some client libraries forget the octets that the long form takes (T-41): a message may have so many more than its Length says. */
const LEAST_FORGOTTEN = 2;
const MOST_FORGOTTEN = 4;
/** The smallest message that they write in the long form. */
const FORGETFUL_FROM = 256;

/** Whether a message in the long form that claims `length` octets may be a larger one with a Length that is wrong (T-41). */
export function mayClaimLess(length: number): boolean {
  return length + MOST_FORGOTTEN >= FORGETFUL_FROM;
}

function claimsLess(length: number, came: number): boolean {
  return came >= FORGETFUL_FROM && came - length >= LEAST_FORGOTTEN && came - length <= MOST_FORGOTTEN;
}

/**
 * What the Length at `at` says; behind it `octets` holds nothing but that message, and maybe octets that are none. Throws `DecodeError`:
 * `truncated` where no whole header is there, `badLength` where no message is that short, `trailing` where what is to be ignored may be the
 * end of its payload: one that was cut is never acknowledged (T-41).
 */
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
  if (!claimsLess(length, came)) {
    return length;
  }
  if (options.tolerateShortLength) {
    return came;
  }
  if (options.trailing === 'ignore') {
    throw new DecodeError('trailing', `Length says ${length} octets, ${came} came`);
  }
  return length;
}

/**
 * Size in octets of the first message in `octets`, by its Length field; an encapsulation (§5.5) counts with the message inside.
 * The size may be more than what is there. Nothing but the Length is looked at.
 * Throws `DecodeError`: `empty`, `truncated` where more octets are needed to tell, `badLength`, `trailing` (T-41), `malformed` for an
 * encapsulation without node id.
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
