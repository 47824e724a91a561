/** Where a message ends in a stream of octets, and whether one can begin there at all. */
import { LONG_FORM, LONG_HEADER, mayClaimLess, SHORT_HEADER } from './frame-length.ts';
import { type Message, MSG_TYPE } from './message.ts';

/** Can the variable part of a message have so many octets? */
type Fits = (size: number) => boolean;

const exactly =
  (only: number): Fits =>
  (size) =>
    size === only;
const atLeast =
  (least: number): Fits =>
  (size) =>
    size >= least;

/** Octets of the variable part (§5.4), as generous as the decoder: what the core answers fits. */
const VARIABLE_PART: { readonly [T in Message['type']]: Fits } = {
  ADVERTISE: exactly(3),
  SEARCHGW: exactly(1),
  GWINFO: atLeast(1),
  CONNECT: atLeast(4),
  CONNACK: exactly(1),
  WILLTOPICREQ: exactly(0),
  WILLTOPIC: atLeast(0),
  WILLMSGREQ: exactly(0),
  WILLMSG: atLeast(0),
  REGISTER: atLeast(4),
  REGACK: exactly(5),
  PUBLISH: atLeast(5),
  PUBACK: exactly(5),
  PUBCOMP: exactly(2),
  PUBREC: exactly(2),
  PUBREL: exactly(2),
  SUBSCRIBE: atLeast(3),
  SUBACK: exactly(6),
  UNSUBSCRIBE: atLeast(3),
  UNSUBACK: exactly(2),
  PINGREQ: atLeast(0),
  PINGRESP: exactly(0),
  DISCONNECT: (size) => size === 0 || size === 2,
  WILLTOPICUPD: atLeast(0),
  WILLTOPICRESP: exactly(1),
  WILLMSGUPD: atLeast(0),
  WILLMSGRESP: exactly(1),
  ENCAPSULATED: atLeast(2), // Ctrl and a Wireless Node Id (T-46)
};

const FITS: (Fits | undefined)[] = new Array<Fits | undefined>(256).fill(undefined);
for (const type of Object.keys(VARIABLE_PART) as Message['type'][]) {
  FITS[MSG_TYPE[type]] = VARIABLE_PART[type];
}

/**
 * Size in octets of the message that begins at `at`, by its Length (§5.2.1); an encapsulation (§5.5) counts with the message inside, of
 * which nothing but the Length is looked at, as the decoder does. The size may be more than what is there. Throws nothing:
 * `more` where it takes more octets to tell; `never` where no message begins like that: a Length that can't be, a reserved MsgType, a
 * size that the MsgType can't have, an encapsulation inside another (T-46).
 */
export function messageExtent(octets: Uint8Array, at: number): number | 'more' | 'never' {
  const length = lengthOf(octets, at);
  if (typeof length === 'string') {
    return length;
  }
  const isLong = octets[at] === LONG_FORM;
  const header = isLong ? LONG_HEADER : SHORT_HEADER;
  const msgType = octets[at + header - 1] as number;
  if (!FITS[msgType]?.(length - header)) {
    return 'never';
  }
  if (msgType !== MSG_TYPE.ENCAPSULATED) {
    return length;
  }
  return isLong ? 'never' : withInner(octets, at, length); // §5.5: its Length is one octet
}

/**
 * Whether the message at `at`, whose extent is known, may be a larger one with a Length that is wrong (T-41). It is believed only where nothing
 * follows it, or whole messages do.
 */
export function isDoubtful(octets: Uint8Array, at: number): boolean {
  if (octets[at] === LONG_FORM) {
    return isDoubtfulLong(octets, at);
  }
  const inner = at + (octets[at] as number);
  return octets[at + 1] === MSG_TYPE.ENCAPSULATED && octets[inner] === LONG_FORM && isDoubtfulLong(octets, inner);
}

function isDoubtfulLong(octets: Uint8Array, at: number): boolean {
  return mayClaimLess(((octets[at + 1] as number) << 8) | (octets[at + 2] as number));
}

/** Whether the octets from `at` to the end are whole messages, one or more. */
export function areMessages(octets: Uint8Array, at: number): boolean {
  let end = at;
  while (end < octets.length) {
    const extent = messageExtent(octets, end);
    if (typeof extent === 'string') {
      return false;
    }
    end += extent;
  }
  return end === octets.length && end > at;
}

function withInner(octets: Uint8Array, at: number, length: number): number | 'more' | 'never' {
  const inner = lengthOf(octets, at + length);
  if (typeof inner === 'string') {
    return inner;
  }
  const isLong = octets[at + length] === LONG_FORM;
  const msgType = octets[at + length + (isLong ? LONG_HEADER : SHORT_HEADER) - 1];
  return msgType === MSG_TYPE.ENCAPSULATED ? 'never' : length + inner;
}

/** What the Length at `at` says, once the MsgType behind it is there too. */
function lengthOf(octets: Uint8Array, at: number): number | 'more' | 'never' {
  const came = octets.length - at;
  const first = octets[at];
  if (first === 0) {
    return 'never';
  }
  if (first !== LONG_FORM) {
    return first === undefined || came < SHORT_HEADER ? 'more' : first;
  }
  if (came < LONG_HEADER) {
    return 'more';
  }
  const length = ((octets[at + 1] as number) << 8) | (octets[at + 2] as number);
  return length < LONG_HEADER ? 'never' : length;
}
