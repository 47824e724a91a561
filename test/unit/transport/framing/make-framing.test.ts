import { describe, expect, it } from '@jest/globals';
import { isDoubtful, messageExtent } from '../../../../src/codec/message-extent.ts';
import { makeFraming } from '../../../../src/transport/framing/make-framing.ts';
import { octets } from '../../codec/vectors.ts';
import { hex, play } from './framing-vectors.ts';

describe('the framing that the settings name', () => {
  // CRC of 02 17: 0x19BB (CCITT-FALSE), 0xDE40 (MODBUS).
  it.each([
    ['length', 'none', '0217'],
    ['length', 'ccitt', '0217'],
    ['slip', 'none', 'c00217c0'],
    ['slip', 'ccitt', 'c00217bb19c0'],
    ['slip', 'modbus', 'c0021740dec0'],
    ['cobs', 'none', '0003021700'],
    ['cobs', 'ccitt', '00050217bb1900'],
    ['cobs', 'modbus', '0005021740de00'],
  ] as const)('%s, CRC %s', (framing, crc, line) => {
    const made = makeFraming({ framing, crc, maxFrame: 2, measure: messageExtent, isDoubtful });
    expect(hex(made.encode(octets('0217')))).toBe(line);
    expect(play(made, [line])).toEqual([{ frame: '0217' }]);
  });

  it.each([
    [
      'length',
      '030500',
      [
        { discarded: 2, reason: 'tooLong' },
        { discarded: 1, reason: 'tooLong' },
      ],
    ],
    ['slip', 'c0030500c0', [{ discarded: 3, reason: 'tooLong' }]],
    ['cobs', '000303050100', [{ discarded: 4, reason: 'tooLong' }]],
  ] as const)('%s takes no frame beyond the largest', (framing, line, findings) => {
    const made = makeFraming({ framing, crc: 'none', maxFrame: 2, measure: messageExtent, isDoubtful });
    expect(play(made, [line, 'gap'])).toEqual(findings);
  });
});
