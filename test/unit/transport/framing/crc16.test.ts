import { describe, expect, it } from '@jest/globals';
import { crc16 } from '../../../../src/transport/framing/crc16.ts';
import { octets } from '../../codec/vectors.ts';
import { readFixture } from './framing-vectors.ts';

interface CrcVector {
  readonly name: string;
  readonly octets: string;
  readonly ccitt: string;
  readonly modbus: string;
}

const { vectors } = readFixture('crc16.json') as { readonly vectors: readonly CrcVector[] };

describe('CRC-16', () => {
  it('has the check values of both catalogue entries', () => {
    const check = new TextEncoder().encode('123456789');
    expect(crc16('ccitt', check)).toBe(0x29b1);
    expect(crc16('modbus', check)).toBe(0x4b37);
  });

  it.each(vectors)('of $name', (vector) => {
    expect(crc16('ccitt', octets(vector.octets))).toBe(Number.parseInt(vector.ccitt, 16));
    expect(crc16('modbus', octets(vector.octets))).toBe(Number.parseInt(vector.modbus, 16));
  });
});
