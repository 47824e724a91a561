/** A frame for people, in words and in octets; of what clients say to each other only how much it is. */
import { type DecodeOptions, decode } from '../codec/decode.ts';
import { describeFrame } from '../codec/describe.ts';
import { type Message, MSG_TYPE } from '../codec/message.ts';

export type { DecodeOptions } from '../codec/decode.ts';

export interface FrameTextOptions extends DecodeOptions {
  /** Shows the octets of payloads, too. */
  readonly payloads?: boolean;
}

/** Of a frame that is no message so many octets are shown: what is behind them may be a payload. */
const HEADER = 7;

/** Of a long frame so many octets are shown, and so many characters. */
const MAX_OCTETS = 1_024;
const MAX_TEXT = 2_048;

/** Encapsulations inside each other. */
const MAX_NESTING = 4;

/** The message in a frame, as the log has it at level trace. Never throws. */
export function frameText(frame: Uint8Array, { payloads = false, ...options }: FrameTextOptions): string {
  const text = describeFrame(frame, { ...options, payload: payloads });
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** The octets of a frame in hexadecimal, `..` for each octet of a payload that is not shown. Never throws. */
export function frameHex(frame: Uint8Array, { payloads = false, ...options }: FrameTextOptions): string {
  const [from, to] = payloads ? [0, 0] : hidden(frame, 0, options);
  const pairs: string[] = [];
  for (const [at, octet] of frame.subarray(0, MAX_OCTETS).entries()) {
    pairs.push(at >= from && at < to ? '..' : octet.toString(16).padStart(2, '0'));
  }
  return frame.length <= MAX_OCTETS ? pairs.join(' ') : `${pairs.join(' ')} …`;
}

/** The frame with zeros in place of a payload that is not shown; itself where there is none, or it is shown. Never throws. */
export function maskedFrame(frame: Uint8Array, { payloads = false, ...options }: FrameTextOptions): Uint8Array {
  const [from, to] = payloads ? [0, 0] : hidden(frame, 0, options);
  return Math.min(to, frame.length) > from ? Uint8Array.from(frame).fill(0, from, to) : frame;
}

/** Where a client is: its link, and for one behind a forwarder a slash and its wireless node id, as notes and views have it. */
export function senderOf(link: string, frame: Uint8Array): string {
  const [length = 0, msgType] = frame;
  return msgType === MSG_TYPE.ENCAPSULATED && length > 3 && length <= frame.length
    ? `${link}/${Buffer.from(frame.subarray(3, length)).toString('hex')}`
    : link;
}

/** The client id that a sender says of itself: in CONNECT, and in PINGREQ of one that wakes up. Undefined: none that is text. Never throws. */
export function saidClientId(frame: Uint8Array, options: DecodeOptions): string | undefined {
  let message: Message;
  try {
    message = decode(frame, options);
    if (message.type === 'ENCAPSULATED') {
      message = decode(message.frame, options);
    }
  } catch {
    return undefined;
  }
  const said = message.type === 'CONNECT' || message.type === 'PINGREQ' ? message.clientId : undefined;
  return typeof said === 'string' ? said : undefined;
}

/** From where to where. What cannot be read, or is wrapped deeper than anybody wraps, hides all but its beginning. */
function hidden(
  frame: Uint8Array,
  start: number,
  options: DecodeOptions,
  depth = 0,
): readonly [from: number, to: number] {
  const end = frame.length;
  let message: Message;
  try {
    message = decode(frame.subarray(start), options);
  } catch {
    return [start + HEADER, end];
  }
  switch (message.type) {
    case 'ENCAPSULATED':
      return depth === MAX_NESTING
        ? [start + HEADER, end]
        : hidden(frame, message.frame.byteOffset - frame.byteOffset, options, depth + 1);
    case 'PUBLISH':
      return [message.data.byteOffset - frame.byteOffset, end];
    case 'WILLMSG':
    case 'WILLMSGUPD':
      return [message.willMsg.byteOffset - frame.byteOffset, end];
    default:
      return [end, end];
  }
}
