/** The vectors of fixtures/codec: octets that nobody made with our encoder, and what they say, in our field names. */
import { readFileSync } from 'node:fs';
import type { Message, TopicReference } from '../../../src/codec/message.ts';

type Fields = Readonly<Record<string, unknown>>;

interface ValidVector {
  readonly name: string;
  readonly hex: string;
  readonly decoded: Fields;
  readonly decodeOnly?: true;
}

interface InvalidVector {
  readonly name: string;
  readonly hex: string;
  readonly expect: string;
}

const file = new URL('../../../fixtures/codec/mqtt-sn-1.2-vectors.json', import.meta.url);

export const VECTORS = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly valid: readonly ValidVector[];
  readonly invalid: readonly InvalidVector[];
};

/** Octets of hexadecimal digits, with or without spaces. */
export function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(' ', '').match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** What a vector says, as our message type. */
export function messageOf(fields: Fields): Message {
  const { type, flags: _flags, ctrl: _ctrl, inner: _inner, ...rest } = fields;
  switch (type) {
    case 'GWINFO':
      return (rest.gwAdd === undefined
        ? fields
        : { ...fields, gwAdd: octetField(rest, 'gwAdd') }) as unknown as Message;
    case 'WILLTOPIC':
    case 'WILLTOPICUPD':
      return { type, will: rest.empty ? undefined : rest } as unknown as Message;
    case 'WILLMSG':
    case 'WILLMSGUPD':
      return { type, willMsg: octetField(rest, 'willMsg') };
    case 'PUBLISH': {
      const { topicShort, ...others } = rest;
      const topicId =
        typeof topicShort === 'string' ? (topicShort.charCodeAt(0) << 8) | topicShort.charCodeAt(1) : rest.topicId;
      return { type, ...others, topicId, data: octetField(rest, 'data') } as unknown as Message;
    }
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE': {
      const { topicIdType, topicName, topicShort, topicId, ...others } = rest;
      const topic =
        topicIdType === 'predefined' ? { topicIdType, topicId } : { topicIdType, topicName: topicShort ?? topicName };
      return { type, ...others, topic: topic as TopicReference } as unknown as Message;
    }
    case 'PINGREQ':
      return { type, clientId: (rest.clientId ?? undefined) as string | undefined };
    case 'DISCONNECT':
      return { type, duration: (rest.duration ?? undefined) as number | undefined };
    case 'ENCAPSULATED': {
      const { radius } = rest;
      return {
        type,
        radius: radius as number,
        wirelessNodeId: octetField(rest, 'wirelessNodeId'),
        frame: octetField(rest, 'innerHex'),
      };
    }
    default:
      return { type, ...rest } as unknown as Message;
  }
}

function octetField(fields: Fields, name: string): Uint8Array {
  return octets(fields[name] as string);
}
