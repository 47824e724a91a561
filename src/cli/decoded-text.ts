/** What a packet says, over several lines. Pure. */
import { decode, frameLength } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { returnCodeName } from '../codec/describe.ts';
import type { Message } from '../codec/message.ts';
import { isPrintable, quotedText } from '../codec/quoted-text.ts';
import { shortTopicName } from '../codec/short-topic.ts';

export interface DecodedText {
  /** Lines, without a line feed behind the last. */
  readonly text: string;
  /** False: the input is not one message that the gateway would take. */
  readonly isMessage: boolean;
}

/** Encapsulations inside one another that are unwrapped. */
const MAX_NESTING = 8;
/** Messages in one packet that are shown one by one. */
const MAX_BATCH = 20;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Fields that count seconds. */
const SECONDS = new Set(['duration']);
/** Fields that people know in hexadecimal too. */
const IDS = new Set(['topicId', 'msgId']);

/** Reads the octets of one packet in hexadecimal and says what they are, or what is wrong with them and where. */
export function decodedText(hex: string): DecodedText {
  const octets = octetsOf(hex);
  return typeof octets === 'string' ? { text: octets, isMessage: false } : decodedOctets(octets);
}

/** Says what the octets of one packet are, or what is wrong with them and where. */
export function decodedOctets(octets: Uint8Array): DecodedText {
  const { lines, isMessage } = frameLines(octets, 0);
  return { text: lines.join('\n'), isMessage };
}

interface Lines {
  readonly lines: readonly string[];
  readonly isMessage: boolean;
}

function frameLines(frame: Uint8Array, depth: number): Lines {
  try {
    return messageLines(decode(frame, { tolerateShortLength: true }), frame, depth);
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    return { lines: errorLines(error, frame, depth), isMessage: false };
  }
}

function messageLines(message: Message, frame: Uint8Array, depth: number): Lines {
  const fields = fieldsOf(message);
  const width = Math.max(...fields.map(([name]) => name.length));
  const lines = [
    `${message.type}, ${octetCount(frame)}${lengthRemark(frame)}`,
    ...fields.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
  ];
  if (message.type !== 'ENCAPSULATED' || depth === MAX_NESTING) {
    return { lines, isMessage: true };
  }
  const inner = frameLines(message.frame, depth + 1);
  return { lines: [...lines, ...indented(inner.lines)], isMessage: inner.isMessage };
}

function errorLines(error: DecodeError, frame: Uint8Array, depth: number): string[] {
  const lines = [`not a message: ${error.reason}`, `  ${error.message}`];
  if (frame.length > 0) {
    lines.push(`  ${spacedHex(frame)}`);
  }
  return error.reason === 'trailing' ? [...lines, ...indented(batchLines(frame, depth))] : lines;
}

/** Octets behind a message are often messages too (T-42): shows each, until one can't be told from the next. */
function batchLines(frame: Uint8Array, depth: number): string[] {
  const lines: string[] = [];
  for (let at = 0, count = 0; at < frame.length; count++) {
    const rest = frame.subarray(at);
    if (count === MAX_BATCH) {
      return [...lines, `and ${octetCount(rest)} more`];
    }
    const size = wholeSize(rest);
    lines.push(`octets ${at} to ${at + size - 1}:`, ...indented(frameLines(rest.subarray(0, size), depth + 1).lines));
    at += size;
  }
  return lines;
}

/** Octets of the first message, or all where it is not whole. */
function wholeSize(octets: Uint8Array): number {
  try {
    return Math.min(frameLength(octets), octets.length);
  } catch {
    return octets.length;
  }
}

function fieldsOf(message: Message): [name: string, value: string][] {
  if (message.type === 'WILLTOPIC' || message.type === 'WILLTOPICUPD') {
    return message.will === undefined ? [['empty', 'deletes the will']] : namedValues(message.will);
  }
  if (message.type === 'SUBSCRIBE' || message.type === 'UNSUBSCRIBE') {
    const { type: _type, topic, ...others } = message;
    return [...namedValues(others), ...namedValues(topic)];
  }
  const { type: _type, ...fields } = message;
  const name =
    message.type === 'PUBLISH' && message.topicIdType === 'short' ? shortTopicName(message.topicId) : undefined;
  return namedValues(name === undefined ? fields : renamed(fields, 'topicId', 'topicName', name));
}

function renamed(fields: object, from: string, to: string, value: string): object {
  return Object.fromEntries(Object.entries(fields).map(([name, old]) => (name === from ? [to, value] : [name, old])));
}

function namedValues(fields: object): [name: string, value: string][] {
  return Object.entries(fields).map(([name, value]) => [name, fieldText(name, value)]);
}

function fieldText(name: string, value: unknown): string {
  if (value === undefined) {
    return 'none';
  }
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  if (value instanceof Uint8Array) {
    return octetsText(value);
  }
  if (typeof value === 'number') {
    if (name === 'returnCode') {
      return `${value} (${returnCodeName(value)})`;
    }
    if (SECONDS.has(name)) {
      return `${value} s`;
    }
    return IDS.has(name) ? `${value} (0x${value.toString(16).padStart(4, '0')})` : String(value);
  }
  // What is left are texts, and the words of TopicIdType, which need no quotes.
  return name === 'topicIdType' ? String(value) : quotedText(String(value));
}

function octetsText(octets: Uint8Array): string {
  if (octets.length === 0) {
    return octetCount(octets);
  }
  const text = printableText(octets);
  return `${octetCount(octets)}: ${spacedHex(octets)}${text === undefined ? '' : `  ${quotedText(text)}`}`;
}

function printableText(octets: Uint8Array): string | undefined {
  try {
    const text = UTF8.decode(octets);
    return isPrintable(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function lengthRemark(frame: Uint8Array): string {
  if (frame[0] !== 1) {
    return '';
  }
  const length = ((frame[1] ?? 0) << 8) | (frame[2] ?? 0);
  return length === frame.length
    ? ', long form'
    : `, long form; Length says ${length}, which the gateway takes for ${frame.length} (tolerateShortLength)`;
}

function octetCount(octets: Uint8Array): string {
  return octets.length === 1 ? '1 octet' : `${octets.length} octets`;
}

function spacedHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Octets of hexadecimal digits, or a sentence about what is none. */
export function octetsOf(hex: string): Uint8Array | string {
  const octets: number[] = [];
  for (const word of hex.split(/[\s:,;{}-]+/)) {
    const prefixed = /^(0x|\\x)/i.test(word);
    const digits = word.replace(/0x|\\x/gi, '');
    const stranger = digits.match(/[^0-9a-f]/iu);
    if (stranger) {
      return `not hexadecimal: ${quotedText(stranger[0])} in ${quotedText(word)}`;
    }
    const even = prefixed && digits.length === 1 ? `0${digits}` : digits;
    if (even.length % 2 === 1) {
      return `not whole octets: ${quotedText(word)} has an odd number of digits`;
    }
    for (let i = 0; i < even.length; i += 2) {
      octets.push(Number.parseInt(even.slice(i, i + 2), 16));
    }
  }
  return Uint8Array.from(octets);
}
