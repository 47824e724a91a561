import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode } from '../../../src/codec/decode.ts';
import { DecodeError } from '../../../src/codec/decode-error.ts';
import { MSG_TYPE } from '../../../src/codec/message.ts';
import { areMessages, isDoubtful, messageExtent } from '../../../src/codec/message-extent.ts';
import { rounds } from '../../support/rounds.ts';
import { octets, VECTORS } from './vectors.ts';

const NESTED = 'FORWARD nested';
const VALID = VECTORS.valid.filter(({ name }) => name !== NESTED);

// What a stream says where a datagram is invalid: whole messages have their size, whatever the core will answer to them.
const INVALID: Readonly<Record<string, ReturnType<typeof messageExtent>>> = {
  'zero-length datagram': 'more',
  'one octet only': 'more',
  'Length octet 0': 'never',
  'long form, 1 octet': 'more',
  'long form, no MsgType': 'more',
  'long form Length 3 (< 4)': 'never',
  'Length larger than datagram': 3, // more than is there
  'trailing octet': 2, // the next message
  'long form Length larger than datagram': 5,
  'reserved type 0x03': 'never',
  'reserved type 0x11': 'never',
  'reserved type 0x19': 'never',
  'reserved type 0x1E': 'never',
  'reserved type 0xFF': 'never',
  'CONNECT without full Duration': 'never',
  'CONNECT, empty ClientId': 6,
  'CONNECT, ProtocolId 2': 7,
  'CONNACK without code': 'never',
  'WILLTOPIC, Flags but no topic': 3,
  'REGISTER truncated': 'never',
  'REGISTER, empty TopicName': 6,
  'REGISTER, wildcard name': 9,
  'PUBLISH shorter than 7': 'never',
  'PUBLISH, TopicIdType 11': 7,
  'PUBLISH QoS -1, TopicIdType 00': 9,
  'PUBACK with 4-octet body': 'never',
  'SUBSCRIBE predefined, 1-octet id': 6, // the Flags are the decoder's
  'SUBSCRIBE short, 3 octets': 8,
  'SUBSCRIBE normal, empty name': 5,
  'SUBSCRIBE TopicIdType 11': 7,
  'SUBSCRIBE QoS 11': 6,
  'DISCONNECT, 1-octet Duration': 'never',
  'DISCONNECT, 3-octet body': 'never',
  'DISCONNECT, Duration 0': 4,
  'ENCAPSULATED too short': 'never',
  'ENCAPSULATED, empty node id': 'never',
  'ENCAPSULATED, nothing inside': 'more',
  'ENCAPSULATED, inner Length too big': 8,
  'ENCAPSULATED, header Length beyond datagram': 'more',
};

/** `message`, or why the decoder refuses a frame. */
function judgement(frame: Uint8Array): string {
  try {
    return decode(frame).type;
  } catch (error) {
    if (error instanceof DecodeError) {
      return error.reason;
    }
    throw error;
  }
}

function isNested(frame: Uint8Array): boolean {
  if (judgement(frame) !== 'ENCAPSULATED') {
    return false;
  }
  const inner = frame.subarray(frame[0]);
  return inner[inner[0] === 0x01 ? 3 : 1] === MSG_TYPE.ENCAPSULATED;
}

/** Short beginnings with a Length that fits, mostly. */
const frame = fc
  .tuple(
    fc.constantFrom(...Object.values(MSG_TYPE), 0x03, 0x11, 0x1e),
    fc.uint8Array({ maxLength: 12 }),
    fc.boolean(),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([msgType, body, isLong, error]) => {
    const size = body.length + (isLong ? 4 : 2) + (error === 2 ? 1 : error === -2 ? -1 : 0);
    return Uint8Array.from([...(isLong ? [0x01, 0x00, size] : [size]), msgType, ...body]);
  });
const anyOctets = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  frame,
  fc.tuple(frame, frame).map(([one, other]) => Uint8Array.of(...one, ...other)),
);

describe('where a message in a stream ends (§5.2.1)', () => {
  it.each(VALID)('$name: at its Length, whatever follows and wherever it begins', ({ hex }) => {
    const message = octets(hex);
    expect(messageExtent(message, 0)).toBe(message.length);
    expect(messageExtent(Uint8Array.of(...message, 0x02, 0x16), 0)).toBe(message.length);
    expect(messageExtent(Uint8Array.of(0xff, 0x00, 0x01, ...message), 3)).toBe(message.length);
  });

  it('one encapsulation inside another is none (T-46)', () => {
    const nested = VECTORS.valid.find(({ name }) => name === NESTED);
    expect(messageExtent(octets(nested?.hex ?? ''), 0)).toBe('never');
  });

  it('every invalid vector is expected to be something', () => {
    expect(new Set(Object.keys(INVALID))).toEqual(new Set(VECTORS.invalid.map(({ name }) => name)));
  });

  it.each(VECTORS.invalid)('$name', ({ name, hex }) => {
    expect(messageExtent(octets(hex), 0)).toBe(INVALID[name]);
  });

  it.each([
    ['a CONNECT in the long form', '01 00 10 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31', 16],
    ['a PINGRESP in the long form', '01 00 04 17', 4],
    ['a PINGRESP in the long form with an octet too many', '01 00 05 17 00', 'never'],
    ['the longest message', '01 ff ff 0c', 65_535],
    ['a Length in the long form that is not whole', '01 00', 'more'],
    ['a Length of 255 in the long form, which is meant (T-41)', `01 00 ff 0c ${'55'.repeat(253)}`, 255],
    ['an encapsulation in the long form, which there is not (§5.5)', '01 00 07 fe 00 12 34 02 16', 'never'],
    ['an encapsulation with a message in the long form', '05 fe 00 12 34 01 00 04 17', 9],
    ['an encapsulation whose message has no MsgType yet', '05 fe 00 12 34 02', 'more'],
    ['an encapsulation whose message has a Length of zero', '05 fe 00 12 34 00', 'never'],
    ['an encapsulation whose message is shorter than its own long form', '05 fe 00 12 34 01 00 03 16', 'never'],
    ['a SUBSCRIBE without its whole MsgId', '04 12 00 00', 'never'],
    ['an UNSUBSCRIBE without its whole MsgId', '04 14 00 00', 'never'],
    ['an encapsulation inside another, in the long form', '05 fe 00 12 34 01 00 07 fe', 'never'],
    ['an encapsulation with a message of a reserved MsgType, as the decoder takes it', '05 fe 00 12 34 02 03', 7],
    ['an ADVERTISE with an octet too many', '06 00 01 03 84 00', 'never'],
    ['a DISCONNECT in two octets', '02 18', 2],
  ])('%s', (_name, hex, extent) => {
    expect(messageExtent(octets(hex), 0)).toBe(extent);
  });

  it.each([0x03, 0x11, 0x19, 0x1e, 0x7f, 0xfd, 0xff])('no message begins with the reserved MsgType %i', (msgType) => {
    for (let length = 2; length <= 255; length++) {
      expect(messageExtent(Uint8Array.of(length, msgType), 0)).toBe('never');
    }
  });
});

describe('a stream and the decoder', () => {
  it('whatever the decoder takes has its extent', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyOctets, (some) => {
        if (judgement(some) !== judgement(some).toUpperCase() || isNested(some)) {
          return;
        }
        taken++;
        expect(messageExtent(some, 0)).toBe(some.length);
      }),
      { numRuns: rounds(5_000) },
    );
    expect(taken).toBeGreaterThan(250);
  });

  it('what has an extent is refused by the decoder for its Flags only', () => {
    let judged = 0;
    fc.assert(
      fc.property(anyOctets, (some) => {
        const extent = messageExtent(some, 0);
        if (typeof extent === 'string' || extent > some.length) {
          return;
        }
        judged++;
        const message = some.subarray(0, extent);
        const msgType = message[message[0] === 0x01 ? 3 : 1];
        if (msgType === MSG_TYPE.SUBSCRIBE || msgType === MSG_TYPE.UNSUBSCRIBE) {
          return;
        }
        expect(judgement(message)).toMatch(/^[A-Z]+$/);
      }),
      { numRuns: rounds(5_000) },
    );
    expect(judged).toBeGreaterThan(250);
  });

  it('what is said of a beginning stays true when more comes', () => {
    fc.assert(
      fc.property(anyOctets, fc.nat(), (some, cut) => {
        const early = messageExtent(some.subarray(0, cut % (some.length + 1)), 0);
        if (early !== 'more') {
          expect(messageExtent(some, 0)).toBe(early);
        }
      }),
      { numRuns: rounds(5_000) },
    );
  });
});

describe('a Length that may say too little (T-41)', () => {
  it.each([
    ['a PUBLISH in the long form that claims 252 octets', '01 00 fc 0c', true],
    ['one that claims 251, too few for that defect', '01 00 fb 0c', false],
    ['the longest message', '01 ff ff 0c', true],
    ['a message in the short form', 'ff 0c', false],
    ['an encapsulation with a long one inside', '05 fe 00 12 34 01 01 00 0c', true],
    ['an encapsulation with a shorter one inside', '05 fe 00 12 34 01 00 10 0c', false],
    ['an encapsulation with the short form inside', '05 fe 00 12 34 ff 0c', false],
  ])('%s', (_name, hex, doubtful) => {
    expect(isDoubtful(octets(hex), 0)).toBe(doubtful);
    expect(isDoubtful(octets(`02 16 ${hex}`), 2)).toBe(doubtful);
  });

  it.each([
    ['nothing', '', false],
    ['one message', '02 16', true],
    ['several', '02 16 03 05 00 02 17', true],
    ['one and a part of another', '02 16 03 05', false],
    ['octets of a payload', '55 55', false],
  ])('whole messages are: %s', (_name, hex, whole) => {
    expect(areMessages(octets(hex), 0)).toBe(whole);
  });
});
