import { describe, expect, it } from '@jest/globals';
import { SlipFraming } from '../../../../src/transport/framing/slip-framing.ts';
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

const { encode, decode } = readFixture('slip.json') as FramingVectors;

describe('SLIP framing (RFC 1055)', () => {
  it.each(encode)('sends $name', ({ crc, frame, line }) => {
    expect(hex(new SlipFraming({ maxFrame: 600, crc }).encode(octets(frame)))).toBe(line);
  });

  it.each(decode)('finds: $name', (vector) => {
    const framing = new SlipFraming(vector);
    expect(play(framing, vector.line)).toEqual(vector.findings);
    if (vector.unfinished !== undefined) {
      expect(framing.unfinished).toBe(vector.unfinished);
    }
  });

  it.each(decode)('finds the same octet by octet and in one piece: $name', (vector) => {
    expect(play(new SlipFraming(vector), octetByOctet(vector.line))).toEqual(vector.findings);
    expect(play(new SlipFraming(vector), inOnePiece(vector.line))).toEqual(vector.findings);
  });

  it('holds something from the first octet of a packet to its END', () => {
    const framing = new SlipFraming({ maxFrame: 60, crc: 'none' });
    const states = ['c0', '02', '17', 'c0', 'db', 'c0', '02'].map((octet) => {
      framing.receive(octets(octet));
      return framing.unfinished;
    });
    expect(states).toEqual([false, true, true, false, true, false, true]);
    framing.gap();
    expect(framing.unfinished).toBe(false);
  });

  it('gives each frame memory of its own', () => {
    const framing = new SlipFraming({ maxFrame: 60, crc: 'none' });
    const piece = octets('0217c0');
    const [finding] = framing.receive(piece);
    piece.fill(0xff);
    framing.receive(octets('050001c0'));
    expect(finding).toEqual({ type: 'frame', frame: octets('0217') });
  });

  it('counts a packet that never ends, and does not keep it', () => {
    const framing = new SlipFraming({ maxFrame: 60, crc: 'ccitt' });
    const piece = new Uint8Array(65_536).fill(0x55);
    const kept = memoryKeptBy(() => {
      for (let turn = 0; turn < 256; turn++) {
        framing.receive(piece);
      }
    });
    expect(kept).toBeLessThan(4 * 1024 * 1024);
    expect(framing.receive(octets('c0'))).toEqual([{ type: 'discarded', octets: 256 * 65_536, reason: 'tooLong' }]);
  });
});
