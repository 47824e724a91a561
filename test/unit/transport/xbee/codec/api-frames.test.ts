import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BROADCAST_64,
  decodeModuleFrame,
  encodeAtQuery,
  encodeLegacyTxRequest,
  encodeTxRequest,
  type ModuleFrame,
  TX_HEADER,
  type TxRequest,
} from '../../../../../src/transport/xbee/codec/api-frames.ts';
import { hexOf, octetsOf } from '../../../../support/raw-sensor.ts';
import { rounds } from '../../../../support/rounds.ts';

const RX_DATA = octetsOf('52 78 44 61 74 61');
const TX_DATA = octetsOf('54 78 44 61 74 61');
const decode = (octets: string): ModuleFrame => decodeModuleFrame(octetsOf(octets));

/** What a module tells, as in the examples of Digi's user guides, and the fewest octets of its type. */
const TOLD: readonly {
  readonly name: string;
  readonly octets: string;
  readonly least: number;
  readonly frame: ModuleFrame;
}[] = [
  {
    name: '0x80 from a 64-bit address',
    octets: '80 00 13 a2 00 12 34 56 78 5e 01 54 78 44 61 74 61',
    least: 11,
    frame: { type: 'received', from: '0013a20012345678', from16: undefined, rssi: -94, data: TX_DATA, legacy: true },
  },
  {
    name: '0x81 from a 16-bit address',
    octets: '81 12 34 5e 01 54 78 44 61 74 61',
    least: 5,
    frame: { type: 'received', from: '1234', from16: undefined, rssi: -94, data: TX_DATA, legacy: true },
  },
  {
    name: '0x90 from a Zigbee node',
    octets: '90 00 13 a2 00 40 52 2b aa 7d 84 01 52 78 44 61 74 61',
    least: 12,
    frame: {
      type: 'received',
      from: '0013a20040522baa',
      from16: '7d84',
      rssi: undefined,
      data: RX_DATA,
      legacy: false,
    },
  },
  {
    name: '0x90 from a DigiMesh node',
    octets: '90 00 13 a2 00 41 ae b5 4e ff fe c1 54 78 44 61 74 61',
    least: 12,
    frame: {
      type: 'received',
      from: '0013a20041aeb54e',
      from16: undefined,
      rssi: undefined,
      data: TX_DATA,
      legacy: false,
    },
  },
  {
    name: '0x91 with serial data',
    octets: '91 00 13 a2 00 40 52 2b aa 7d 84 e8 e8 00 11 c1 05 02 52 78 44 61 74 61',
    least: 18,
    frame: {
      type: 'received',
      from: '0013a20040522baa',
      from16: '7d84',
      rssi: undefined,
      data: RX_DATA,
      legacy: false,
    },
  },
  {
    name: '0x8B, delivered',
    octets: '8b 01 7d 84 00 00 01',
    least: 7,
    frame: { type: 'transmitted', frameId: 1, status: 0, retries: 0, to16: '7d84', legacy: false },
  },
  {
    name: '0x8B, no acknowledgement after two retries',
    octets: '8b ff ff fd 02 21 00',
    least: 7,
    frame: { type: 'transmitted', frameId: 255, status: 0x21, retries: 2, to16: undefined, legacy: false },
  },
  {
    name: '0x89, no acknowledgement',
    octets: '89 52 01',
    least: 3,
    frame: { type: 'transmitted', frameId: 0x52, status: 1, retries: undefined, to16: undefined, legacy: true },
  },
  {
    name: '0x88 with a value',
    octets: '88 01 54 50 00 ff fe',
    least: 5,
    frame: { type: 'at-response', frameId: 1, command: 'TP', status: 0, value: octetsOf('ff fe') },
  },
  {
    name: '0x88 without a value',
    octets: '88 01 42 44 00',
    least: 5,
    frame: { type: 'at-response', frameId: 1, command: 'BD', status: 0, value: octetsOf('') },
  },
  {
    name: '0x88 for a command that the module does not know',
    octets: '88 02 4e 50 02',
    least: 5,
    frame: { type: 'at-response', frameId: 2, command: 'NP', status: 2, value: octetsOf('') },
  },
  { name: '0x8A, coordinator started', octets: '8a 06', least: 2, frame: { type: 'modem-status', status: 6 } },
  {
    name: '0x95 of a router with a name',
    octets: '95 00 13 a2 00 40 52 2b aa 7d 84 02 7d 84 00 13 a2 00 40 52 2b aa 42 61 72 6e 00 00 00 01 01 c1 05 10 1e',
    least: 30,
    frame: { type: 'node-identified', address: '0013a20040522baa', address16: '7d84', name: 'Barn', role: 'router' },
  },
  {
    name: '0x95 of an end device with the default name',
    octets: '95 00 13 a2 00 40 52 2b aa 7d 84 02 12 34 00 13 a2 00 40 74 02 ac 20 00 7d 84 02 01 c1 05 10 1e',
    least: 27,
    frame: { type: 'node-identified', address: '0013a200407402ac', address16: '1234', name: '', role: 'end device' },
  },
];

describe('what a module tells', () => {
  it.each(TOLD)('$name', ({ octets, frame }) => {
    expect(decode(octets)).toStrictEqual(frame);
  });

  it.each(TOLD)('$name that is cut off before its fields end is of no use', ({ octets, least, frame }) => {
    const whole = octetsOf(octets);
    for (let size = 1; size < least; size++) {
      expect(decodeModuleFrame(whole.subarray(0, size))).toEqual({ type: 'other', frameType: whole[0] });
    }
    expect(decodeModuleFrame(whole.subarray(0, least)).type).toBe(frame.type);
  });

  it('a frame without data is still told, for its sender', () => {
    expect(decode('90 00 13 a2 00 40 52 2b aa 7d 84 01')).toMatchObject({
      type: 'received',
      from: '0013a20040522baa',
      data: octetsOf(''),
    });
    expect(decode('81 12 34 5e 01')).toMatchObject({ type: 'received', from: '1234', data: octetsOf('') });
  });

  it.each(['fffe', 'fffd', 'ffff'])('16-bit address %s says that it is not known', (address16) => {
    expect(decode(`90 00 13 a2 00 40 52 2b aa ${address16} 01`)).toMatchObject({
      from: '0013a20040522baa',
      from16: undefined,
    });
    expect(decode(`8b 01 ${address16} 00 00 00`)).toMatchObject({ to16: undefined });
  });

  it('the sender is its 16-bit address where the 64-bit one is not known', () => {
    expect(decode('90 ff ff ff ff ff ff ff ff 7d 84 01 52')).toMatchObject({
      type: 'received',
      from: '7d84',
      from16: undefined,
    });
    expect(decode('91 ff ff ff ff ff ff ff ff 7d 84 e8 e8 00 11 c1 05 02 52')).toMatchObject({
      type: 'received',
      from: '7d84',
      from16: undefined,
    });
  });

  it('what comes from nobody is of no use: two such nodes would be one client', () => {
    expect(decode('90 ff ff ff ff ff ff ff ff ff fe 01 52')).toEqual({ type: 'other', frameType: 0x90 });
  });

  it.each([
    ['another cluster', '91 00 13 a2 00 40 52 2b aa 7d 84 e0 e0 22 11 c1 05 02 52 78 44 61 74 61'],
    ['another profile', '91 00 13 a2 00 40 52 2b aa 7d 84 e8 e8 00 11 01 04 02 52 78 44 61 74 61'],
    ['the ZigBee device objects', '91 00 13 a2 00 40 52 2b aa 7d 84 00 00 00 13 00 00 02 01 7d 84'],
  ])('0x91 for %s is no data for us', (_name, octets) => {
    expect(decode(octets)).toEqual({ type: 'other', frameType: 0x91 });
  });

  it('0x95 whose name never ends is of no use', () => {
    expect(decode(`95 00 13 a2 00 40 52 2b aa 7d 84 02 7d 84 00 13 a2 00 40 52 2b aa ${'41 '.repeat(20)}`)).toEqual({
      type: 'other',
      frameType: 0x95,
    });
  });

  it.each([
    ['00', 'coordinator'],
    ['01', 'router'],
    ['02', 'end device'],
    ['03', 'unknown'],
  ])('0x95 with device type %s is of a node that is: %s', (deviceType, role) => {
    expect(
      decode(
        `95 00 13 a2 00 40 52 2b aa 7d 84 02 7d 84 00 13 a2 00 40 52 2b aa 20 00 ff fe ${deviceType} 01 c1 05 10 1e`,
      ),
    ).toMatchObject({
      role,
    });
  });

  it('a type that the gateway has no use for is named', () => {
    const used = new Set([0x80, 0x81, 0x88, 0x89, 0x8a, 0x8b, 0x90, 0x91, 0x95]);
    const octets = new Uint8Array(40);
    for (let frameType = 0; frameType < 256; frameType++) {
      octets[0] = frameType;
      if (!used.has(frameType)) {
        expect(decodeModuleFrame(octets)).toEqual({ type: 'other', frameType });
      }
    }
  });

  it('any octets give something', () => {
    const known = fc.constantFrom(0x80, 0x81, 0x88, 0x89, 0x8a, 0x8b, 0x90, 0x91, 0x95, 0x00);
    const octets = fc
      .tuple(known, fc.uint8Array({ maxLength: 40 }))
      .map(([frameType, rest]) => Uint8Array.of(frameType, ...rest));
    fc.assert(
      fc.property(fc.oneof(octets, fc.uint8Array({ maxLength: 40 })), (any) => {
        const frame = decodeModuleFrame(any);
        if (frame.type === 'received') {
          expect(frame.from).toMatch(/^([\da-f]{16}|[\da-f]{4})$/);
          expect(any.length - frame.data.length).toBe({ 128: 11, 129: 5, 144: 12, 145: 18 }[any[0] as number]);
        } else if (frame.type === 'other') {
          expect(frame.frameType).toBe(any[0] ?? 0);
        }
      }),
      { numRuns: rounds(1_000) },
    );
  });
});

describe('what a module is told', () => {
  const to = (address: string): TxRequest => ({
    frameId: 1,
    to: address,
    to16: undefined,
    radius: 0,
    data: octetsOf('54 78 44 61 74 61 30 41'),
  });

  it('0x10 to a 64-bit address, whose 16-bit address is not known', () => {
    expect(hexOf(encodeTxRequest(to('0013a200400a0127')))).toBe(
      '10 01 00 13 a2 00 40 0a 01 27 ff fe 00 00 54 78 44 61 74 61 30 41',
    );
  });

  it('0x10 to a 64-bit address, with its last 16-bit address', () => {
    expect(hexOf(encodeTxRequest({ ...to('0013a200400a0127'), to16: '7d84', frameId: 255 }))).toBe(
      '10 ff 00 13 a2 00 40 0a 01 27 7d 84 00 00 54 78 44 61 74 61 30 41',
    );
  });

  it('0x10 to a 16-bit address says that the 64-bit one is not known', () => {
    expect(hexOf(encodeTxRequest(to('7d84')))).toBe(
      '10 01 ff ff ff ff ff ff ff ff 7d 84 00 00 54 78 44 61 74 61 30 41',
    );
  });

  it('0x10 to everybody within a radius', () => {
    expect(hexOf(encodeTxRequest({ ...to(BROADCAST_64), radius: 3 }))).toBe(
      '10 01 00 00 00 00 00 00 ff ff ff fe 03 00 54 78 44 61 74 61 30 41',
    );
  });

  it('0x00 to a 64-bit address', () => {
    expect(hexOf(encodeLegacyTxRequest({ ...to('0013a20012345678'), frameId: 0x52, data: TX_DATA }))).toBe(
      '00 52 00 13 a2 00 12 34 56 78 00 54 78 44 61 74 61',
    );
  });

  it('0x00 to everybody', () => {
    expect(hexOf(encodeLegacyTxRequest({ ...to(BROADCAST_64), data: octetsOf('42 72 6f 61 64 63 61 73 74') }))).toBe(
      '00 01 00 00 00 00 00 00 ff ff 00 42 72 6f 61 64 63 61 73 74',
    );
  });

  it('0x01 to a 16-bit address', () => {
    expect(hexOf(encodeLegacyTxRequest({ ...to('1234'), frameId: 0x87, data: TX_DATA }))).toBe(
      '01 87 12 34 00 54 78 44 61 74 61',
    );
  });

  it('0x08 with a question', () => {
    expect(hexOf(encodeAtQuery(0x52, 'NH'))).toBe('08 52 4e 48');
  });

  it('no request has more octets beside its data than is reckoned with', () => {
    const beside = [to('0013a200400a0127'), to('7d84')]
      .flatMap((each) => [encodeTxRequest(each), encodeLegacyTxRequest(each)])
      .map((octets) => octets.length - 8);
    expect(Math.max(...beside)).toBe(TX_HEADER);
  });
});
