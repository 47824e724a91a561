/** One line for people about a message, in the words of the specification. */
import { type DecodeOptions, decode } from './decode.ts';
import { DecodeError } from './decode-error.ts';
import type { Encapsulated, Message, Publish, Text, TopicReference, WillTopicFields } from './message.ts';
import { isPrintable, quotedText } from './quoted-text.ts';
import { shortTopicName } from './short-topic.ts';

export interface DescribeOptions {
  /** Shows the octets of Data and WillMsg in hexadecimal, and as text where they are printable UTF-8. Else only how many they are. */
  readonly payload?: boolean;
}

/** A frame that nests encapsulations deeper than this is not unwrapped further. */
const MAX_NESTING = 4;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const RETURN_CODES = ['accepted', 'rejected: congestion', 'rejected: invalid topic id', 'rejected: not supported'];

/**
 * `PUBLISH qos=1 topicIdType=normal topicId=1 msgId=2 4 octets`, `PUBACK topicId=9 msgId=0 rejected: invalid topic id`. Control characters
 * of texts are escaped. Flags appear where they are set.
 */
export function describe(message: Message, options: DescribeOptions = {}): string {
  const fields = describeFields(message, options);
  return fields === '' ? message.type : `${message.type} ${fields}`;
}

/**
 * The message in a frame as `describe` has it, with the message inside an encapsulation behind a colon; for a frame that is none,
 * `not a message (truncated: Length says 3 octets, 2 came)`. Never throws.
 */
export function describeFrame(frame: Uint8Array, options: DescribeOptions & DecodeOptions = {}): string {
  return describeNested(frame, options, 0);
}

function describeNested(frame: Uint8Array, options: DescribeOptions & DecodeOptions, depth: number): string {
  let message: Message;
  try {
    message = decode(frame, options);
  } catch (error) {
    if (error instanceof DecodeError) {
      return `not a message (${error.reason}: ${error.message})`;
    }
    throw error;
  }
  if (message.type !== 'ENCAPSULATED' || depth === MAX_NESTING) {
    return describe(message, options);
  }
  return `${message.type} ${encapsulation(message)}: ${describeNested(message.frame, options, depth + 1)}`;
}

function describeFields(message: Message, options: DescribeOptions): string {
  switch (message.type) {
    case 'ADVERTISE':
      return `gwId=${message.gwId} duration=${message.duration}`;
    case 'SEARCHGW':
      return `radius=${message.radius}`;
    case 'GWINFO':
      return words(`gwId=${message.gwId}`, message.gwAdd && `gwAdd=${hex(message.gwAdd)}`);
    case 'CONNECT':
      return words(
        `clientId=${text(message.clientId)}`,
        message.cleanSession && 'cleanSession',
        message.will && 'will',
        message.protocolId !== 1 && `protocolId=${message.protocolId}`,
        `duration=${message.duration}`,
      );
    case 'CONNACK':
    case 'WILLTOPICRESP':
    case 'WILLMSGRESP':
      return returnCodeName(message.returnCode);
    case 'WILLTOPICREQ':
    case 'WILLMSGREQ':
    case 'PINGRESP':
      return '';
    case 'WILLTOPIC':
    case 'WILLTOPICUPD':
      return willTopic(message.will);
    case 'WILLMSG':
    case 'WILLMSGUPD':
      return payload(message.willMsg, options);
    case 'REGISTER':
      return `topicId=${message.topicId} msgId=${message.msgId} topicName=${text(message.topicName)}`;
    case 'REGACK':
    case 'PUBACK':
      return `topicId=${message.topicId} msgId=${message.msgId} ${returnCodeName(message.returnCode)}`;
    case 'PUBLISH':
      return words(
        `qos=${message.qos}`,
        message.dup && 'dup',
        message.retain && 'retain',
        publishTopic(message),
        `msgId=${message.msgId}`,
        payload(message.data, options),
      );
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP':
    case 'UNSUBACK':
      return `msgId=${message.msgId}`;
    case 'SUBSCRIBE':
      return words(`qos=${message.qos}`, message.dup && 'dup', topicReference(message.topic), `msgId=${message.msgId}`);
    case 'SUBACK':
      return `qos=${message.qos} topicId=${message.topicId} msgId=${message.msgId} ${returnCodeName(message.returnCode)}`;
    case 'UNSUBSCRIBE':
      return `${topicReference(message.topic)} msgId=${message.msgId}`;
    case 'PINGREQ':
      return message.clientId === undefined ? '' : `clientId=${text(message.clientId)}`;
    case 'DISCONNECT':
      return message.duration === undefined ? '' : `duration=${message.duration}`;
    case 'ENCAPSULATED':
      return `${encapsulation(message)} ${octetCount(message.frame)}`;
  }
}

/** Name of a ReturnCode (§5.3.10, Table 5): `accepted`, `rejected: congestion`, …; reserved codes with their number. */
export function returnCodeName(returnCode: number): string {
  return RETURN_CODES[returnCode] ?? `rejected: reserved return code 0x${returnCode.toString(16).padStart(2, '0')}`;
}

function words(...parts: (string | false | undefined)[]): string {
  return parts.filter((part) => part !== false && part !== undefined).join(' ');
}

function text(value: Text): string {
  return typeof value === 'string' ? quotedText(value) : `0x${hex(value)} (not UTF-8)`;
}

function publishTopic({ topicIdType, topicId }: Publish): string {
  const name = topicIdType === 'short' ? shortTopicName(topicId) : undefined;
  return `topicIdType=${topicIdType} ${name === undefined ? `topicId=${topicId}` : `topicName=${quotedText(name)}`}`;
}

function topicReference(topic: TopicReference): string {
  switch (topic.topicIdType) {
    case 'normal':
    case 'short':
      return `topicIdType=${topic.topicIdType} topicName=${text(topic.topicName)}`;
    case 'predefined':
      return `topicIdType=predefined topicId=${topic.topicId}`;
    case 'reserved':
      return 'topicIdType=reserved';
  }
}

function willTopic(will: WillTopicFields | undefined): string {
  if (will === undefined) {
    return 'empty (deletes the will)';
  }
  return words(`qos=${will.qos}`, will.retain && 'retain', `willTopic=${text(will.willTopic)}`);
}

function encapsulation({ radius, wirelessNodeId }: Encapsulated): string {
  return `radius=${radius} wirelessNodeId=${hex(wirelessNodeId)}`;
}

function payload(octets: Uint8Array, { payload: shown }: DescribeOptions): string {
  if (!shown || octets.length === 0) {
    return octetCount(octets);
  }
  const printable = printableText(octets);
  return `${octetCount(octets)} ${hex(octets)}${printable === undefined ? '' : ` ${quotedText(printable)}`}`;
}

function printableText(octets: Uint8Array): string | undefined {
  try {
    const decoded = UTF8.decode(octets);
    return isPrintable(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

function octetCount(octets: Uint8Array): string {
  return octets.length === 1 ? '1 octet' : `${octets.length} octets`;
}

function hex(octets: Uint8Array): string {
  let digits = '';
  for (const octet of octets) {
    digits += octet.toString(16).padStart(2, '0');
  }
  return digits;
}
