import { describe, expect, it } from '@jest/globals';
import { decode, frameLength } from '../../../src/codec/decode.ts';
import { DecodeError, type DecodeReason } from '../../../src/codec/decode-error.ts';
import { encode } from '../../../src/codec/encode.ts';
import { type Message, MSG_TYPE } from '../../../src/codec/message.ts';
import { messageOf, octets, VECTORS } from './vectors.ts';

/** The reason for which a frame is refused; undefined where it is a message. */
function refusal(frame: Uint8Array): DecodeReason | undefined {
  try {
    decode(frame);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) {
      return error.reason;
    }
    throw error;
  }
}

describe('valid vectors', () => {
  it('show every message type of Table 3', () => {
    expect(new Set(VECTORS.valid.map(({ decoded }) => decoded.type))).toEqual(new Set(Object.keys(MSG_TYPE)));
    expect(VECTORS.valid).toHaveLength(62);
  });

  it.each(VECTORS.valid)('$name is decoded', ({ hex, decoded }) => {
    expect(decode(octets(hex))).toStrictEqual(messageOf(decoded));
  });

  it.each(VECTORS.valid.filter(({ decodeOnly }) => !decodeOnly))('$name is encoded', ({ hex, decoded }) => {
    expect(encode(messageOf(decoded))).toStrictEqual(octets(hex));
  });

  it('a small message in the long form is encoded in the short form', () => {
    const { decoded } = VECTORS.valid.find(({ decodeOnly }) => decodeOnly) ?? { decoded: {} };
    expect(encode(messageOf(decoded))).toStrictEqual(octets('0b 0c 00 00 01 00 00 32 31 2e 35'));
  });

  it.each(VECTORS.valid)('$name tells its own length, whatever follows', ({ hex }) => {
    const frame = octets(hex);
    expect(frameLength(frame)).toBe(frame.length);
    expect(frameLength(Uint8Array.of(...frame, 0x02, 0x16))).toBe(frame.length);
  });
});

// What the core must be given in order to answer; everything else in the list is dropped for a reason.
const ANSWERED: Readonly<Record<string, Message>> = {
  'CONNECT, empty ClientId': {
    type: 'CONNECT',
    will: false,
    cleanSession: true,
    protocolId: 1,
    duration: 60,
    clientId: '',
  },
  'CONNECT, ProtocolId 2': {
    type: 'CONNECT',
    will: false,
    cleanSession: true,
    protocolId: 2,
    duration: 60,
    clientId: 'a',
  },
  'WILLTOPIC, Flags but no topic': { type: 'WILLTOPIC', will: undefined },
  'REGISTER, empty TopicName': { type: 'REGISTER', topicId: 0, msgId: 1, topicName: '' },
  'REGISTER, wildcard name': { type: 'REGISTER', topicId: 0, msgId: 2, topicName: 'a/#' },
  'PUBLISH, TopicIdType 11': {
    ...{ type: 'PUBLISH', dup: false, qos: 0, retain: false },
    ...{ topicIdType: 'reserved', topicId: 1, msgId: 0, data: octets('') },
  },
  'PUBLISH QoS -1, TopicIdType 00': {
    ...{ type: 'PUBLISH', dup: false, qos: -1, retain: false },
    ...{ topicIdType: 'normal', topicId: 1, msgId: 0, data: octets('34 32') },
  },
  'SUBSCRIBE short, 3 octets': {
    type: 'SUBSCRIBE',
    dup: false,
    qos: 0,
    msgId: 6,
    topic: { topicIdType: 'short', topicName: 'abc' },
  },
  'SUBSCRIBE normal, empty name': {
    type: 'SUBSCRIBE',
    dup: false,
    qos: 0,
    msgId: 6,
    topic: { topicIdType: 'normal', topicName: '' },
  },
  'SUBSCRIBE TopicIdType 11': { type: 'SUBSCRIBE', dup: false, qos: 0, msgId: 6, topic: { topicIdType: 'reserved' } },
  'SUBSCRIBE QoS 11': {
    type: 'SUBSCRIBE',
    dup: false,
    qos: -1,
    msgId: 6,
    topic: { topicIdType: 'normal', topicName: 'a' },
  },
  'DISCONNECT, Duration 0': { type: 'DISCONNECT', duration: 0 },
};

const DROPPED = VECTORS.invalid.filter(({ name }) => !(name in ANSWERED));

describe('invalid vectors', () => {
  it('are 39, and each is either dropped or answered', () => {
    expect(VECTORS.invalid).toHaveLength(39);
    expect(DROPPED).toHaveLength(39 - Object.keys(ANSWERED).length);
  });

  it.each(DROPPED)('$name is refused: $expect', ({ hex, expect: expected }) => {
    const reason = expected === 'ignore' ? 'empty' : expected.split(' ')[0];
    expect(refusal(octets(hex))).toBe(reason);
  });

  it.each(Object.entries(ANSWERED))('%s is decoded, so that the core can answer', (name, message) => {
    const { hex } = VECTORS.invalid.find((vector) => vector.name === name) ?? { hex: '' };
    expect(decode(octets(hex))).toStrictEqual(message);
  });
});

describe('one octet more or less', () => {
  it.each(VECTORS.valid)('no beginning of $name is a message', ({ hex, decoded }) => {
    const frame = octets(hex);
    const header = decoded.type === 'ENCAPSULATED' ? (frame[0] as number) : frame.length;
    for (let size = 0; size < frame.length; size++) {
      // Behind the header of an encapsulation it is the message inside that is cut off.
      const reason = size === 0 ? 'empty' : size < header ? 'truncated' : 'malformed';
      expect([size, refusal(frame.subarray(0, size))]).toEqual([size, reason]);
    }
  });

  it.each(VECTORS.valid)('an octet behind $name is refused, or ignored where that is asked for', ({ hex, decoded }) => {
    for (const stray of [0x00, 0x02, 0x61, 0xff]) {
      const frame = Uint8Array.of(...octets(hex), stray);
      expect(refusal(frame)).toBe('trailing');
      expect(decode(frame, { trailing: 'ignore' })).toStrictEqual(messageOf(decoded));
    }
  });

  const GROWING = [
    'GWINFO',
    'CONNECT',
    'WILLTOPIC',
    'WILLMSG',
    'REGISTER',
    'PUBLISH',
    'SUBSCRIBE',
    'UNSUBSCRIBE',
    'PINGREQ',
    'WILLTOPICUPD',
    'WILLMSGUPD',
  ];
  const short = VECTORS.valid.filter(({ hex, decoded }) => decoded.type !== 'ENCAPSULATED' && !/^(01|ff)/.test(hex));
  const grows = ({ decoded: { type, topicIdType } }: (typeof short)[number]): boolean =>
    GROWING.includes(String(type)) && (topicIdType !== 'predefined' || type === 'PUBLISH');

  it.each(short.filter((vector) => !grows(vector)))('$name cannot have one octet more', ({ hex }) => {
    const [length, ...rest] = octets(hex);
    expect(refusal(Uint8Array.of(Number(length) + 1, ...rest, 0x61))).toBe('malformed');
  });

  it.each(short.filter((vector) => grows(vector) && !vector.decoded.empty))(
    '$name takes one octet more into its last field',
    ({ hex, decoded }) => {
      const [length, ...rest] = octets(hex);
      const longer = Uint8Array.of(Number(length) + 1, ...rest, 0x61);
      expect(decode(longer)).not.toEqual(messageOf(decoded));
      expect(encode(decode(longer))).toStrictEqual(longer);
    },
  );

  const EXACT = short.filter((vector) => !grows(vector) && octets(vector.hex).length > 2);

  it.each(EXACT)('$name cannot have one octet less', ({ hex }) => {
    const [length, ...rest] = octets(hex);
    expect(refusal(Uint8Array.of(Number(length) - 1, ...rest.slice(0, -1)))).toBe('malformed');
  });

  it.each([
    ['CONNECT', '05 04 04 01 00'],
    ['REGISTER', '05 0a 00 00 00'],
    ['PUBLISH', '06 0c 00 00 01 00'],
    ['SUBSCRIBE', '04 12 00 00'],
    ['SUBSCRIBE without Flags', '02 12'],
    ['SUBSCRIBE predefined, no id', '05 12 01 00 06'],
    ['SUBSCRIBE predefined, 3 octets', '08 12 01 00 06 00 0a 00'],
    ['UNSUBSCRIBE', '04 14 00 00'],
    ['UNSUBSCRIBE predefined, 1 octet', '06 14 01 00 06 00'],
    ['GWINFO', '02 02'],
    ['a v2.0 CONNECT, which looks like SEARCHGW (T-49)', '0b 01 04 02 00 3c 00 00 61 62 63'],
  ])('%s that is too short or too long for its fields is malformed', (_name, hex) => {
    expect(refusal(octets(hex))).toBe('malformed');
  });

  it('every reserved MsgType is unknown', () => {
    const known = new Set<number>(Object.values(MSG_TYPE));
    const reserved = Array.from({ length: 256 }, (_, msgType) => msgType).filter((msgType) => !known.has(msgType));
    expect(reserved).toHaveLength(228);
    for (const msgType of reserved) {
      expect([msgType, refusal(Uint8Array.of(2, msgType))]).toEqual([msgType, 'unknownType']);
    }
  });
});
