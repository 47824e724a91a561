import { describe, expect, it } from '@jest/globals';
import { PacketCutter } from '../../../src/upstream/packet-cutter.ts';

/** A PUBACK, a PINGRESP, a PUBLISH of 200 octets, a packet that ends with the stream. */
const PACKETS = [
  Buffer.from('40020001', 'hex'),
  Buffer.from('d000', 'hex'),
  Buffer.concat([Buffer.from('30c8010001', 'hex'), Buffer.alloc(198, 0x74)]),
  Buffer.from('50020002', 'hex'),
];

function cut(chunks: readonly Buffer[]): { packets: string[]; bodies: string[]; unreadable: string[] } {
  const packets: string[] = [];
  const bodies: string[] = [];
  const unreadable: string[] = [];
  const cutter = new PacketCutter(
    (first, octets, start, at, end) => {
      expect(octets[start]).toBe(first);
      packets.push(octets.subarray(start, end).toString('hex'));
      bodies.push(octets.subarray(at, end).toString('hex'));
    },
    (octets) => unreadable.push(octets.toString('hex')),
  );
  for (const chunk of chunks) {
    const memory = Buffer.from(chunk);
    cutter.push(memory);
    memory.fill(0xff); // it is used again
  }
  return { packets, bodies, unreadable };
}

describe('what the broker sends', () => {
  const all = Buffer.concat(PACKETS);
  const whole = PACKETS.map((packet) => packet.toString('hex'));

  it('is cut into packets, however it arrives', () => {
    for (let size = 1; size <= all.length; size++) {
      const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
        all.subarray(n * size, (n + 1) * size),
      );
      expect(cut(chunks)).toEqual({ packets: whole, bodies: expect.anything(), unreadable: [] });
    }
    expect(cut([all]).bodies.map((body) => body.length / 2)).toEqual([2, 0, 200, 2]);
  });

  it('is handed on as it is from a Remaining Length on that is none', () => {
    const bad = Buffer.from('30ffffffff01', 'hex');
    const after = Buffer.from('40020001', 'hex');
    expect(cut([Buffer.concat([PACKETS[0] as Buffer, bad]), after])).toEqual({
      packets: [whole[0]],
      bodies: ['0001'],
      unreadable: [bad.toString('hex'), after.toString('hex')],
    });
    expect(cut([...bad].map((octet) => Buffer.of(octet))).unreadable.join('')).toBe(bad.toString('hex'));
  });
});
