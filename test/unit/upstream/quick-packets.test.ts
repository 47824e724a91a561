import { describe, expect, it } from '@jest/globals';
import { readQuickly, writeQuickly } from '../../../src/upstream/quick-packets.ts';

function octetsOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** What is read of a packet with one octet of Remaining Length. */
function read(hex: string, protocolVersion: 4 | 5 = 4): ReturnType<typeof readQuickly> {
  const octets = octetsOf(hex);
  return readQuickly(octets[0] as number, octets, 2, octets.length, protocolVersion);
}

const publish = {
  type: 'upstream-publish',
  connection: 1,
  packetId: 0,
  topic: 't/é',
  payload: Uint8Array.of(1, 2),
  qos: 0,
  retain: false,
  dup: false,
} as const;

function written(effect: Parameters<typeof writeQuickly>[0], protocolVersion: 4 | 5 = 4): string | undefined {
  return writeQuickly(effect, protocolVersion)?.toString('hex');
}

describe('packets of the broker that are read quickly', () => {
  it('are PUBLISH with every QoS and flag', () => {
    expect(read('30 05 00 01 74 ff 00')).toEqual({
      cmd: 'publish',
      messageId: 0,
      topic: 't',
      payload: Buffer.from([0xff, 0]),
      qos: 0,
      retain: false,
      dup: false,
    });
    expect(read('3d 07 00 03 61 2f 62 12 34')).toMatchObject({ qos: 2, dup: true, retain: true, messageId: 0x1234 });
    expect(read('33 05 00 01 74 00 01')).toMatchObject({ qos: 1, retain: true, payload: Buffer.alloc(0) });
  });

  it('are the acknowledgements', () => {
    expect(read('40 02 00 07')).toEqual({ cmd: 'puback', messageId: 7, reasonCode: 0 });
    expect(read('50 02 00 07')).toEqual({ cmd: 'pubrec', messageId: 7, reasonCode: 0 });
    expect(read('62 02 00 07')).toEqual({ cmd: 'pubrel', messageId: 7, reasonCode: 0 });
    expect(read('62 02 00 07', 5)).toEqual({ cmd: 'pubrel', messageId: 7, reasonCode: 0 });
    expect(read('70 02 ff ff', 5)).toEqual({ cmd: 'pubcomp', messageId: 0xffff, reasonCode: 0 });
  });

  it('have a payload of their own, for the memory that they came in is used again', () => {
    const octets = Buffer.from('3008000474' + '2fc3a941ff', 'hex');
    const packet = readQuickly(0x30, octets, 2, octets.length, 4);
    octets.fill(0);
    expect(packet).toMatchObject({ payload: Buffer.from([0x41, 0xff]) });
  });

  it('are PUBLISH of MQTT 5 with no property, with a message expiry or a subscription identifier', () => {
    expect(read('32 07 00 01 74 00 01 00 41', 5)).toMatchObject({ messageId: 1, payload: Buffer.from('A') });
    expect(read('30 0c 00 01 74 08 02 00 00 00 0a 0b 81 01 41', 5)).toMatchObject({
      payload: Buffer.from('A'),
      properties: { messageExpiryInterval: 10, subscriptionIdentifier: 129 },
    });
  });

  it.each([
    ['a QoS that there is not', '36 05 00 01 74 00 01', 4],
    ['a topic that is longer than the packet', '30 03 00 05 74', 4],
    ['no room for a topic', '30 01 00', 4],
    ['no room for the packet id', '32 04 00 01 74 00', 4],
    ['packet id 0', '32 05 00 01 74 00 00', 4],
    ['flags that PUBACK has not', '41 02 00 01', 4],
    ['PUBREL without its flag', '60 02 00 01', 4],
    ['PUBACK without a packet id', '40 00', 4],
    ['PUBACK with packet id 0', '40 02 00 00', 4],
    ['PUBACK that is too long', '40 03 00 01 00', 4],
    ['a reason code', '40 03 00 01 10', 5],

    ['a topic alias', '30 07 00 01 74 03 23 00 01', 5],
    ['properties that are longer than the packet', '30 04 00 01 74 05', 5],
    ['no properties at all in MQTT 5', '30 03 00 01 74', 5],
    ['half a property', '30 06 00 01 74 02 02 00', 5],
    ['a property that comes twice', '30 08 00 01 74 04 0b 01 0b 02', 5],
    ['SUBACK', '90 03 00 01 00', 4],
    ['PINGRESP', 'd0 00', 4],
  ] as const)('are none that have %s', (_what, hex, protocolVersion) => {
    expect(read(hex, protocolVersion)).toBeUndefined();
  });
});

describe('packets to the broker that are written quickly', () => {
  it('are PUBLISH with every QoS and flag', () => {
    expect(written(publish)).toBe('30080004742fc3a90102');
    expect(written({ ...publish, qos: 1, packetId: 0x102, dup: true, retain: true })).toBe('3b0a0004742fc3a901020102');
    expect(written({ ...publish, qos: 2, packetId: 1 }, 5)).toBe('340b0004742fc3a90001000102');
  });

  it('have a Remaining Length of up to four octets', () => {
    for (const [length, header] of [
      [127, '307f'],
      [128, '308001'],
      [16_383, '30ff7f'],
      [16_384, '30808001'],
      [2_097_151, '30ffff7f'],
      [2_097_152, '3080808001'],
    ] as const) {
      const packet = written({ ...publish, topic: 't', payload: new Uint8Array(length - 3) });
      expect(packet?.slice(0, header.length)).toBe(header);
      expect(packet?.length).toBe(header.length + 2 * length);
    }
  });

  it('are the acknowledgements, with MQTT 5 where they accept', () => {
    const acknowledge = { type: 'upstream-acknowledge', connection: 1, packetId: 7, reasonCode: 0 } as const;
    expect(written({ ...acknowledge, packet: 'PUBACK' })).toBe('40020007');
    expect(written({ ...acknowledge, packet: 'PUBREC' }, 5)).toBe('50020007');
    expect(written({ ...acknowledge, packet: 'PUBCOMP', reasonCode: 0x83 })).toBe('70020007');
    expect(written({ ...acknowledge, packet: 'PUBREC', reasonCode: 0x83 }, 5)).toBeUndefined();
    expect(written({ type: 'upstream-release', connection: 1, packetId: 0xfffe })).toBe('6202fffe');
  });

  it('are none without a topic, or with one that is too long', () => {
    expect(written({ ...publish, topic: '' })).toBeUndefined();
    expect(written({ ...publish, topic: 'x'.repeat(0x1_0000) })).toBeUndefined();
  });
});
