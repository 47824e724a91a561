import { describe, expect, it } from '@jest/globals';
import { CobsFraming } from '../../../../src/transport/framing/cobs-framing.ts';
import { octets } from '../../codec/vectors.ts';
import {
  type FramingVectors,
  hex,
  inOnePiece,
  memoryKeptBy,
  octetByOctet,
  play,
  readFixture,
} from './framing-vectors.ts';

const { encode, decode } = readFixture('cobs.json') as FramingVectors;

describe('COBS framing', () => {
  it.each(encode)('sends $name', ({ crc, frame, line }) => {
    expect(hex(new CobsFraming({ maxFrame: 600, crc }).encode(octets(frame)))).toBe(line);
  });

  it.each(decode)('finds: $name', (vector) => {
    const framing = new CobsFraming(vector);
    expect(play(framing, vector.line)).toEqual(vector.findings);
    if (vector.unfinished !== undefined) {
      expect(framing.unfinished).toBe(vector.unfinished);
    }
  });

  it.each(decode)('finds the same octet by octet and in one piece: $name', (vector) => {
    expect(play(new CobsFraming(vector), octetByOctet(vector.line))).toEqual(vector.findings);
    expect(play(new CobsFraming(vector), inOnePiece(vector.line))).toEqual(vector.findings);
  });

  it('holds something from the first octet of a packet to its zero', () => {
    const framing = new CobsFraming({ maxFrame: 60, crc: 'none' });
    const states = ['00', '03', '02', '17', '00', '05', '00', '02'].map((octet) => {
      framing.receive(octets(octet));
      return framing.unfinished;
    });
    expect(states).toEqual([false, true, true, true, false, true, false, true]);
    framing.gap();
    expect(framing.unfinished).toBe(false);
  });

  it('gives each frame memory of its own', () => {
    const framing = new CobsFraming({ maxFrame: 60, crc: 'none' });
    const piece = octets('03021700');
    const [finding] = framing.receive(piece);
    piece.fill(0xff);
    framing.receive(octets('0405010100'));
    expect(finding).toEqual({ type: 'frame', frame: octets('0217') });
  });

  it('counts a packet that never ends, and does not keep it', () => {
    const framing = new CobsFraming({ maxFrame: 60, crc: 'ccitt' });
    const piece = new Uint8Array(65_536).fill(0x55);
    const kept = memoryKeptBy(() => {
      for (let turn = 0; turn < 256; turn++) {
        framing.receive(piece);
      }
    });
    expect(kept).toBeLessThan(4 * 1024 * 1024);
    expect(framing.receive(octets('00'))).toEqual([{ type: 'discarded', octets: 256 * 65_536, reason: 'tooLong' }]);
  });
});
