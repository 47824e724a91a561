import { describe, expect, it } from '@jest/globals';
import { describeFrame, describe as describeMessage, returnCodeName } from '../../../src/codec/describe.ts';
import { octets, VECTORS } from './vectors.ts';

describe('one line about a message', () => {
  it.each([
    ['05 00 01 03 84', 'ADVERTISE gwId=1 duration=900'],
    ['03 01 01', 'SEARCHGW radius=1'],
    ['03 02 01', 'GWINFO gwId=1'],
    ['06 02 01 02 1a 2b', 'GWINFO gwId=1 gwAdd=021a2b'],
    ['0e 04 0c 01 00 3c 73 65 6e 73 6f 72 2d 31', 'CONNECT clientId="sensor-1" cleanSession will duration=60'],
    ['07 04 00 02 00 3c 61', 'CONNECT clientId="a" protocolId=2 duration=60'],
    ['03 05 00', 'CONNACK accepted'],
    ['03 05 01', 'CONNACK rejected: congestion'],
    ['03 05 80', 'CONNACK rejected: reserved return code 0x80'],
    ['02 06', 'WILLTOPICREQ'],
    ['0a 07 30 77 69 6c 6c 2f 73 31', 'WILLTOPIC qos=1 retain willTopic="will/s1"'],
    ['02 07', 'WILLTOPIC empty (deletes the will)'],
    ['02 08', 'WILLMSGREQ'],
    ['09 09 6f 66 66 6c 69 6e 65', 'WILLMSG 7 octets'],
    ['10 0a 00 05 01 01 63 6d 64 2f 73 31 2f 6c 65 64', 'REGISTER topicId=5 msgId=257 topicName="cmd/s1/led"'],
    ['07 0b 00 00 00 02 03', 'REGACK topicId=0 msgId=2 rejected: not supported'],
    ['0b 0c 20 00 01 00 02 32 31 2e 35', 'PUBLISH qos=1 topicIdType=normal topicId=1 msgId=2 4 octets'],
    ['0b 0c f0 00 01 00 02 32 31 2e 35', 'PUBLISH qos=-1 dup retain topicIdType=normal topicId=1 msgId=2 4 octets'],
    ['08 0c 62 74 70 00 00 34', 'PUBLISH qos=-1 topicIdType=short topicName="tp" msgId=0 1 octet'],
    ['07 0c 62 ff ff 00 00', 'PUBLISH qos=-1 topicIdType=short topicId=65535 msgId=0 0 octets'],
    ['07 0d 00 09 00 00 02', 'PUBACK topicId=9 msgId=0 rejected: invalid topic id'],
    ['04 0e 00 03', 'PUBCOMP msgId=3'],
    ['04 0f 00 03', 'PUBREC msgId=3'],
    ['04 10 00 03', 'PUBREL msgId=3'],
    ['0d 12 a0 00 05 63 6d 64 2f 73 31 2f 23', 'SUBSCRIBE qos=1 dup topicIdType=normal topicName="cmd/s1/#" msgId=5'],
    ['07 12 01 00 06 00 0a', 'SUBSCRIBE qos=0 topicIdType=predefined topicId=10 msgId=6'],
    ['07 12 03 00 06 00 0a', 'SUBSCRIBE qos=0 topicIdType=reserved msgId=6'],
    ['08 13 20 00 02 00 04 00', 'SUBACK qos=1 topicId=2 msgId=4 accepted'],
    ['07 14 02 00 0a 74 70', 'UNSUBSCRIBE topicIdType=short topicName="tp" msgId=10'],
    ['04 15 00 08', 'UNSUBACK msgId=8'],
    ['02 16', 'PINGREQ'],
    ['0a 16 73 65 6e 73 6f 72 2d 31', 'PINGREQ clientId="sensor-1"'],
    ['02 17', 'PINGRESP'],
    ['02 18', 'DISCONNECT'],
    ['04 18 01 2c', 'DISCONNECT duration=300'],
    ['0b 1a 20 77 69 6c 6c 2f 73 31 62', 'WILLTOPICUPD qos=1 willTopic="will/s1b"'],
    ['03 1b 00', 'WILLTOPICRESP accepted'],
    ['06 1c 67 6f 6e 65', 'WILLMSGUPD 4 octets'],
    ['03 1d 00', 'WILLMSGRESP accepted'],
    ['05 fe 01 12 34 02 16', 'ENCAPSULATED radius=1 wirelessNodeId=1234: PINGREQ'],
    [
      '04 fe 00 a0 05 fe 00 12 34 02 17',
      'ENCAPSULATED radius=0 wirelessNodeId=a0: ENCAPSULATED radius=0 wirelessNodeId=1234: PINGRESP',
    ],
  ])('%s', (hex, line) => {
    expect(describeFrame(octets(hex))).toBe(line);
  });

  it('an encapsulation alone is described by its size', () => {
    const message = {
      type: 'ENCAPSULATED' as const,
      radius: 0,
      wirelessNodeId: octets('12 34'),
      frame: octets('02 16'),
    };
    expect(describeMessage(message)).toBe('ENCAPSULATED radius=0 wirelessNodeId=1234 2 octets');
  });

  it('names the return codes', () => {
    expect([0, 1, 2, 3, 4].map(returnCodeName)).toEqual([
      'accepted',
      'rejected: congestion',
      'rejected: invalid topic id',
      'rejected: not supported',
      'rejected: reserved return code 0x04',
    ]);
  });
});

describe('payload octets', () => {
  const payload = true;

  it('are shown only when asked for', () => {
    const frame = octets('0b 0c 20 00 01 00 02 32 31 2e 35');
    expect(describeFrame(frame)).not.toMatch(/21\.5|3231/);
    expect(describeFrame(frame, { payload })).toBe(
      'PUBLISH qos=1 topicIdType=normal topicId=1 msgId=2 4 octets 32312e35 "21.5"',
    );
    expect(describeFrame(octets('05 fe 01 12 34 06 09 67 6f 6e 65'), { payload })).toBe(
      'ENCAPSULATED radius=1 wirelessNodeId=1234: WILLMSG 4 octets 676f6e65 "gone"',
    );
  });

  it.each([
    ['a line feed', '03 09 0a', 'WILLMSG 1 octet 0a'],
    ['no UTF-8', '04 09 ff fe', 'WILLMSG 2 octets fffe'],
    ['an escape sequence', '05 09 1b 5b 4a', 'WILLMSG 3 octets 1b5b4a'],
    ['nothing', '02 09', 'WILLMSG 0 octets'],
    ['quotes', '05 09 22 5c 22', 'WILLMSG 3 octets 225c22 "\\"\\\\\\""'],
  ])('%s in them', (_name, hex, line) => {
    expect(describeFrame(octets(hex), { payload })).toBe(line);
  });
});

describe('a line that a client cannot forge', () => {
  it.each([
    ['line feed', '\n', '\\n'],
    ['escape', '\x1b[31m', '\\u001b[31m'],
    ['next line, C1', '\u{85}', '\\u0085'],
    ['delete', '\x7f', '\\u007f'],
    ['line separator', '\u{2028}', '\\u2028'],
    ['right-to-left override', '\u{202e}', '\\u202e'],
    ['zero width space', '\u{200b}', '\\u200b'],
    ['byte order mark', '\u{feff}', '\\ufeff'],
    ['tag character', '\u{e0041}', '\\udb40\\udc41'],
    ['quote', '"', '\\"'],
    ['backslash', '\\', '\\\\'],
    ['umlaut and emoji, which stay', 'ü😀', 'ü😀'],
  ])('%s', (_name, character, shown) => {
    expect(describeMessage({ type: 'PINGREQ', clientId: `a${character}b` })).toBe(`PINGREQ clientId="a${shown}b"`);
  });

  it('octets that are not UTF-8', () => {
    expect(describeFrame(octets('04 16 ff 0a'))).toBe('PINGREQ clientId=0xff0a (not UTF-8)');
  });
});

describe('a frame that is no message', () => {
  it.each([
    ['', 'not a message (empty: no octets)'],
    ['03 16', 'not a message (truncated: Length says 3 octets, 2 came)'],
    ['02 16 00', 'not a message (trailing: Length says 2 octets, 3 came)'],
    ['00 16', 'not a message (badLength: Length says 0 octets)'],
    ['02 11', 'not a message (unknownType: MsgType 0x11 is reserved)'],
    ['02 05', 'not a message (malformed: CONNACK is too short: its ReturnCode is missing or not whole)'],
    [
      '05 fe 00 12 34 02 11',
      'ENCAPSULATED radius=0 wirelessNodeId=1234: not a message (unknownType: MsgType 0x11 is reserved)',
    ],
  ])('"%s"', (hex, line) => {
    expect(describeFrame(octets(hex))).toBe(line);
  });

  it('is read with the options of the decoder', () => {
    expect(describeFrame(octets('02 16 00'), { trailing: 'ignore' })).toBe('PINGREQ');
  });

  it('every valid vector has a line that begins with its type', () => {
    for (const { hex, decoded } of VECTORS.valid) {
      expect(describeFrame(octets(hex)).split(' ')[0]).toBe(decoded.type);
    }
  });

  it('is not unwrapped for ever', () => {
    const frame = Uint8Array.of(...new Array(16_000).fill([4, 0xfe, 0, 1]).flat(), 0x02, 0x16);
    expect(describeFrame(frame).length).toBeLessThan(300);
  });
});
