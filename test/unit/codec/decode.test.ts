import { describe, expect, it } from '@jest/globals';
import { decode, frameLength } from '../../../src/codec/decode.ts';
import { encode } from '../../../src/codec/encode.ts';
import type { Publish } from '../../../src/codec/message.ts';
import { octets } from './vectors.ts';

/** `prefix`, then `count` octets 0x55. */
function filled(prefix: string, count: number): Uint8Array {
  return Uint8Array.of(...octets(prefix), ...new Uint8Array(count).fill(0x55));
}

function publishOf(size: number): Publish {
  return {
    ...{ type: 'PUBLISH', dup: false, qos: 0, retain: false },
    ...{ topicIdType: 'normal', topicId: 1, msgId: 0, data: new Uint8Array(size).fill(0x55) },
  };
}

describe('Length (§5.2.1)', () => {
  it.each([
    [254, 'fe 0c 00 00 01 00 00', 247],
    [255, 'ff 0c 00 00 01 00 00', 248],
    [258, '01 01 02 0c 00 00 01 00 00', 249],
    [259, '01 01 03 0c 00 00 01 00 00', 250],
    [65_535, '01 ff ff 0c 00 00 01 00 00', 65_526],
  ])('a PUBLISH of %i octets', (total, header, data) => {
    const frame = filled(header, data);
    expect(frame).toHaveLength(total);
    expect(decode(frame)).toStrictEqual(publishOf(data));
    expect(encode(publishOf(data))).toStrictEqual(frame);
    expect(frameLength(frame)).toBe(total);
  });

  it.each([
    [255, '01 00 ff 0c 00 00 01 00 00', 246],
    [256, '01 01 00 0c 00 00 01 00 00', 247],
    [257, '01 01 01 0c 00 00 01 00 00', 248],
  ])('the long form is read for %i octets too, which are never sent so', (total, header, data) => {
    const frame = filled(header, data);
    expect(frame).toHaveLength(total);
    expect(decode(frame)).toStrictEqual(publishOf(data));
  });

  it('more than 65535 octets cannot be encoded', () => {
    expect(() => encode(publishOf(65_527))).toThrow(RangeError);
  });

  it('the smallest message in the long form has 4 octets', () => {
    expect(decode(octets('01 00 04 16'))).toStrictEqual({ type: 'PINGREQ', clientId: undefined });
  });

  it('says what is wrong', () => {
    expect(() => decode(octets('03 16'))).toThrow('Length says 3 octets, 2 came');
    expect(() => decode(octets('06 0c 00 00 01 00'))).toThrow(
      'PUBLISH is too short: its MsgId is missing or not whole',
    );
    expect(() => decode(octets('03 17 00'))).toThrow('PINGRESP ends 1 octet before its Length does');
    expect(() => decode(octets('02 1e'))).toThrow('MsgType 0x1e is reserved');
  });
});

describe('a client library that forgets 2, 3 or 4 octets in the Length of the long form (T-41)', () => {
  const tolerant = { tolerateShortLength: true } as const;
  const trailing = expect.objectContaining({ reason: 'trailing' });

  describe.each([
    ['257 octets that claim 255', '01 00 ff 0c 00 00 01 00 00', 248],
    ['258 octets that claim 256', '01 01 00 0c 00 00 01 00 00', 249],
    ['258 octets that claim 255', '01 00 ff 0c 00 00 01 00 00', 249],
    ['256 octets that claim 252', '01 00 fc 0c 00 00 01 00 00', 247],
    ['1000 octets that claim 996', '01 03 e4 0c 00 00 01 00 00', 991],
    ['65535 octets that claim 65533', '01 ff fd 0c 00 00 01 00 00', 65_526],
  ])('%s', (_name, header, data) => {
    const frame = filled(header, data);
    const encapsulated = Uint8Array.of(...octets('05 fe 00 12 34'), ...frame);

    it('are one message, taken whole, where that is switched on', () => {
      expect(decode(frame, tolerant)).toStrictEqual(publishOf(data));
      expect(decode(frame, { ...tolerant, trailing: 'ignore' })).toStrictEqual(publishOf(data));
      expect(frameLength(frame, tolerant)).toBe(frame.length);
    });

    it('are never cut, whatever the settings', () => {
      expect(() => decode(frame)).toThrow(trailing);
      expect(() => decode(frame, { trailing: 'ignore' })).toThrow(trailing);
      expect(() => decode(encapsulated, { trailing: 'ignore' })).toThrow(trailing);
    });

    it('are understood inside an encapsulation', () => {
      expect(decode(encapsulated, tolerant)).toMatchObject({ type: 'ENCAPSULATED', frame });
      expect(() => decode(encapsulated)).toThrow(trailing);
    });
  });

  it.each([
    ['one octet', filled('01 00 ff 0c 00 00 01 00 00', 247)],
    ['five octets', filled('01 01 00 0c 00 00 01 00 00', 252)],
    ['the short form', filled('ff 0c 00 00 01 00 00', 250)],
    ['less than 256 octets', filled('01 00 fd 0c 00 00 01 00 00', 246)],
  ])('does not excuse %s', (_name, other) => {
    expect(() => decode(other, tolerant)).toThrow(trailing);
  });
});

describe('first of several messages in a buffer', () => {
  it('is measured by its Length, even where it is not whole', () => {
    expect(frameLength(octets('02 17 03 05 00'))).toBe(2);
    expect(frameLength(octets('0a 16 73'))).toBe(10);
    expect(frameLength(octets('01 01 02 0c'))).toBe(258);
    expect(frameLength(octets('02 ff'))).toBe(2);
  });

  it('is an encapsulation together with what it carries', () => {
    expect(frameLength(octets('05 fe 00 12 34 02 16 02 17'))).toBe(7);
    expect(frameLength(octets('04 fe 00 a0 05 fe 00 12 34 02 16 02 17'))).toBe(11);
    expect(frameLength(octets('05 fe 00 12 34 01 01 02 0c'))).toBe(263);
  });

  it.each([
    ['', 'empty'],
    ['02', 'truncated'],
    ['01 00 04', 'truncated'],
    ['05 fe 00 12 34', 'truncated'],
    ['05 fe 00 12 34 02', 'truncated'],
    ['00 16', 'badLength'],
    ['01 00 03 16', 'badLength'],
    ['05 fe 00 12 34 00 16', 'badLength'],
    ['02 fe 02 16', 'malformed'],
    ['03 fe 00 02 16', 'malformed'],
  ])('cannot be measured: "%s" is %s', (hex, reason) => {
    expect(() => frameLength(octets(hex))).toThrow(expect.objectContaining({ name: 'DecodeError', reason }));
  });
});

describe('encapsulation (§5.5)', () => {
  it('keeps the message inside as it is, even one that is none', () => {
    expect(decode(octets('05 fe 03 12 34 03 ff 00'))).toStrictEqual({
      ...{ type: 'ENCAPSULATED', radius: 3, wirelessNodeId: octets('12 34') },
      frame: octets('03 ff 00'),
    });
  });

  it('ignores the reserved bits of Ctrl', () => {
    expect(decode(octets('04 fe fe 12 02 16'))).toMatchObject({ radius: 2 });
  });

  it('carries a node id of up to 252 octets', () => {
    const frame = Uint8Array.of(...filled('ff fe 00', 252), 0x02, 0x17);
    const message = {
      type: 'ENCAPSULATED' as const,
      radius: 0,
      wirelessNodeId: new Uint8Array(252).fill(0x55),
      frame: octets('02 17'),
    };
    expect(decode(frame)).toStrictEqual(message);
    expect(encode(message)).toStrictEqual(frame);
  });

  it.each([0, 253])('a node id of %i octets cannot be encoded', (size) => {
    expect(() =>
      encode({ type: 'ENCAPSULATED', radius: 0, wirelessNodeId: new Uint8Array(size), frame: octets('02 17') }),
    ).toThrow(RangeError);
  });

  it('a radius above 3 cannot be encoded', () => {
    expect(() =>
      encode({ type: 'ENCAPSULATED', radius: 4, wirelessNodeId: octets('01'), frame: octets('02 17') }),
    ).toThrow(RangeError);
  });

  it('has no long form', () => {
    expect(() => decode(octets('01 00 07 fe 00 12 34 02 16'))).toThrow(
      expect.objectContaining({ reason: 'malformed' }),
    );
  });

  it('is not endless, however deep it nests', () => {
    const levels = 16_000;
    const frame = Uint8Array.of(...new Array(levels).fill([4, 0xfe, 0, 1]).flat(), 0x02, 0x16);
    expect(decode(frame)).toMatchObject({ type: 'ENCAPSULATED', wirelessNodeId: octets('01') });
    expect(frameLength(frame)).toBe(4 * levels + 2);
  });
});

describe('fields', () => {
  it('octets are views into the frame, never copies', () => {
    const published = octets('0b 0c 00 00 01 00 00 32 31 2e 35');
    const encapsulated = octets('05 fe 00 12 34 02 16');
    const message = decode(published) as Publish;
    expect(message.data.buffer).toBe(published.buffer);
    expect(message.data.byteOffset).toBe(7);
    const wrapper = decode(encapsulated);
    if (wrapper.type !== 'ENCAPSULATED') {
      throw new Error(wrapper.type);
    }
    expect(wrapper.frame.buffer).toBe(encapsulated.buffer);
    expect(wrapper.wirelessNodeId.buffer).toBe(encapsulated.buffer);
  });

  it('a frame may stand anywhere in a larger buffer', () => {
    const buffer = octets('ff ff 0b 0c 00 00 01 00 00 32 31 2e 35 ff');
    expect((decode(buffer.subarray(2, 13)) as Publish).data).toStrictEqual(octets('32 31 2e 35'));
    expect(decode(octets('00 05 fe 00 12 34 02 16 00').subarray(1, 8))).toMatchObject({ frame: octets('02 16') });
  });

  it('unused flag bits are ignored', () => {
    expect(decode(octets('07 04 f7 01 00 3c 61'))).toMatchObject({ will: false, cleanSession: true });
    expect(decode(octets('04 07 8f 61'))).toStrictEqual({
      type: 'WILLTOPIC',
      will: { qos: 0, retain: false, willTopic: 'a' },
    });
    expect(decode(octets('08 0c 0c 00 01 00 00 61'))).toMatchObject({
      dup: false,
      qos: 0,
      retain: false,
      topicIdType: 'normal',
    });
    expect(decode(octets('06 12 1c 00 01 61'))).toMatchObject({ dup: false, qos: 0, topic: { topicIdType: 'normal' } });
    expect(decode(octets('08 13 bf 00 01 00 01 00'))).toMatchObject({ qos: 1 });
    expect(decode(octets('06 14 fc 00 01 61'))).toStrictEqual({
      type: 'UNSUBSCRIBE',
      msgId: 1,
      topic: { topicIdType: 'normal', topicName: 'a' },
    });
  });

  it('QoS 0 with a MsgId is read as it is', () => {
    expect(decode(octets('07 0c 00 00 01 12 34'))).toMatchObject({ qos: 0, msgId: 0x1234 });
  });

  it('WILLTOPICUPD with Flags but no topic is the empty form (T-23)', () => {
    expect(decode(octets('03 1a 30'))).toStrictEqual({ type: 'WILLTOPICUPD', will: undefined });
  });

  it('WILLMSG may be empty (T-23)', () => {
    expect(decode(octets('02 09'))).toStrictEqual({ type: 'WILLMSG', willMsg: octets('') });
  });

  it.each([
    ['CONNECT', '08 04 04 01 00 3c ff 61', { clientId: octets('ff 61') }],
    ['REGISTER', '08 0a 00 00 00 01 c3 28', { topicName: octets('c3 28') }],
    ['SUBSCRIBE', '07 12 00 00 01 ed a0', { topic: { topicIdType: 'normal', topicName: octets('ed a0') } }],
    ['WILLTOPIC', '04 07 00 80', { will: { willTopic: octets('80') } }],
    ['PINGREQ', '04 16 c0 80', { clientId: octets('c0 80') }],
  ])('text in %s that is not UTF-8 stays octets', (_type, hex, fields) => {
    expect(decode(octets(hex))).toMatchObject(fields);
    expect(decode(octets('07 04 04 01 00 3c 61'))).toMatchObject({ clientId: 'a' }); // and does not spoil the next text
  });

  it('octets that are not UTF-8 are encoded as they are', () => {
    expect(encode({ type: 'PINGREQ', clientId: octets('c0 80') })).toStrictEqual(octets('04 16 c0 80'));
  });

  it('a byte order mark and U+0000 are part of a text', () => {
    expect(decode(octets('06 16 ef bb bf 61'))).toStrictEqual({ type: 'PINGREQ', clientId: '\u{feff}a' });
    expect(decode(octets('04 16 61 00'))).toStrictEqual({ type: 'PINGREQ', clientId: 'a\0' });
  });

  it('text is counted in octets', () => {
    expect(encode({ type: 'PINGREQ', clientId: 'é€😀' })).toStrictEqual(octets('0b 16 c3 a9 e2 82 ac f0 9f 98 80'));
    expect(encode({ type: 'PINGREQ', clientId: '\ud83d-\ude00' })).toStrictEqual(octets('09 16 ef bf bd 2d ef bf bd'));
  });

  it.each([0x1_0000, -1, 1.5, Number.NaN])('a TopicId of %d cannot be encoded', (topicId) => {
    expect(() => encode({ type: 'REGISTER', topicId, msgId: 1, topicName: 'a' })).toThrow(RangeError);
  });

  it('a ReturnCode of more than one octet cannot be encoded', () => {
    expect(() => encode({ type: 'CONNACK', returnCode: 256 })).toThrow(RangeError);
  });

  it('TopicIdType 11 cannot be encoded', () => {
    expect(() => encode({ ...publishOf(0), topicIdType: 'reserved' })).toThrow(RangeError);
    expect(() =>
      encode({ type: 'SUBSCRIBE', dup: false, qos: 0, msgId: 1, topic: { topicIdType: 'reserved' } }),
    ).toThrow(RangeError);
    expect(() => encode({ type: 'UNSUBSCRIBE', msgId: 1, topic: { topicIdType: 'reserved' } })).toThrow(RangeError);
  });
});
