import { describe, expect, it } from '@jest/globals';
import {
  appendCheckSequence,
  checkSequenceSize,
  stripCheckSequence,
} from '../../../../src/transport/framing/check-sequence.ts';
import { octets } from '../../codec/vectors.ts';

describe('check sequence behind a frame', () => {
  // "123456789": 0x29B1 and 0x4B37 in the catalogues of CRCs.
  const CHECK = '31 32 33 34 35 36 37 38 39';

  it.each([
    ['none', CHECK],
    ['ccitt', `${CHECK} b1 29`],
    ['modbus', `${CHECK} 37 4b`],
  ] as const)('%s: low octet first', (crc, whole) => {
    expect(appendCheckSequence(octets(CHECK), crc)).toEqual(octets(whole));
    expect(stripCheckSequence(octets(whole), crc)).toEqual(octets(CHECK));
    expect(checkSequenceSize(crc)).toBe(octets(whole).length - octets(CHECK).length);
  });

  it.each(['ccitt', 'modbus'] as const)('%s: no single wrong bit passes', (crc) => {
    const whole = appendCheckSequence(octets(CHECK), crc);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const wrong = whole.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      expect([bit, stripCheckSequence(wrong, crc)]).toEqual([bit, undefined]);
    }
  });

  it.each(['ccitt', 'modbus'] as const)('%s: fewer than two octets are no check sequence', (crc) => {
    expect(stripCheckSequence(octets(''), crc)).toBeUndefined();
    expect(stripCheckSequence(octets('ff'), crc)).toBeUndefined();
    expect(stripCheckSequence(octets('ff ff'), crc)).toEqual(octets('')); // the sum of nothing
  });
});
