import type { Codec } from './codec.ts';
import { CODECS } from './codecs.ts';
import { DecodeError } from './decode-error.ts';
import { frameLength, type LengthOptions, LONG_FORM, LONG_HEADER, lengthAt, SHORT_HEADER } from './frame-length.ts';
import { type Message, MSG_TYPE } from './message.ts';
import { Reader } from './reader.ts';

export { frameLength } from './frame-length.ts';

/** How forgiving a frame is read. Without any, exactly by the specification. */
export type DecodeOptions = LengthOptions;

interface Row {
  readonly type: Message['type'];
  readonly codec: Codec<Message>;
}

const ROWS: (Row | undefined)[] = new Array<Row | undefined>(256).fill(undefined);
for (const type of Object.keys(CODECS) as Message['type'][]) {
  ROWS[CODECS[type].msgType] = { type, codec: CODECS[type] as Codec<Message> };
}

const STRICT: DecodeOptions = {};
// One for all messages: decoding is synchronous and never nests, and the path of a PUBLISH allocates nothing that it does not return.
const reader = new Reader();

/**
 * The message in one whole frame (datagram, radio frame). Octet fields are views into `frame`, never copies. The message inside an
 * encapsulation is left as octets; only its Length is checked, against the rest of the frame (§5.5).
 * Throws `DecodeError` and nothing else.
 */
export function decode(frame: Uint8Array, options: DecodeOptions = STRICT): Message {
  if (frame.length === 0) {
    throw new DecodeError('empty', 'no octets');
  }
  const length = lengthAt(frame, 0, options);
  if (length > frame.length) {
    throw new DecodeError('truncated', `Length says ${length} octets, ${frame.length} came`);
  }
  const header = frame[0] === LONG_FORM ? LONG_HEADER : SHORT_HEADER;
  const msgType = frame[header - 1] as number;
  const row = ROWS[msgType];
  if (row?.type === 'ENCAPSULATED') {
    return decodeEncapsulated(frame, header, length, options);
  }
  if (length < frame.length && options.trailing !== 'ignore') {
    throw new DecodeError('trailing', `Length says ${length} octets, ${frame.length} came`);
  }
  if (row === undefined) {
    throw new DecodeError('unknownType', `MsgType 0x${msgType.toString(16).padStart(2, '0')} is reserved`);
  }
  return decodeBody(row, frame, header, length);
}

function decodeBody({ type, codec }: Row, frame: Uint8Array, start: number, end: number): Message {
  const message = codec.decode(reader.open(frame, type, start, end));
  reader.close();
  return message;
}

function decodeEncapsulated(frame: Uint8Array, header: number, length: number, options: DecodeOptions): Message {
  if (header !== SHORT_HEADER) {
    throw new DecodeError('malformed', 'ENCAPSULATED has a Length of one octet'); // §5.5
  }
  const size = sizeWithInner(frame, options);
  if (size > frame.length) {
    throw new DecodeError(
      'malformed',
      `ENCAPSULATED: with the message inside it has ${size} octets, ${frame.length} came`,
    );
  }
  if (size < frame.length && options.trailing !== 'ignore') {
    throw new DecodeError(
      'trailing',
      `ENCAPSULATED: with the message inside it has ${size} octets, ${frame.length} came`,
    );
  }
  return decodeBody(ROWS[MSG_TYPE.ENCAPSULATED] as Row, frame.subarray(0, size), header, length);
}

/** The whole encapsulation is there, so whatever is wrong now is what it carries: `malformed`. */
function sizeWithInner(frame: Uint8Array, options: DecodeOptions): number {
  try {
    return frameLength(frame, options);
  } catch (error) {
    if (error instanceof DecodeError && error.reason !== 'malformed' && error.reason !== 'trailing') {
      throw new DecodeError('malformed', `ENCAPSULATED: inside it, ${error.message}`);
    }
    throw error;
  }
}
