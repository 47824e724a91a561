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

  describe('of more than any client could get', () => {
    const MIB = 1 << 20;
    /** A PUBLISH with QoS 1 and so many octets behind the fixed header. */
    const publish = (length: number): Buffer => {
      const header = Buffer.of(0x32, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14);
      const body = Buffer.alloc(length, 0x70);
      body.set(Buffer.from('000174' + '0007', 'hex'));
      return Buffer.concat([header, body]);
    };
    const ping = Buffer.from('d000', 'hex');

    it.each([64 << 10, 1000, 3 * MIB])(
      'keeps the first MiB only, in chunks of %i octets, and goes on behind it',
      (size) => {
        for (const length of [MIB, MIB + 1, 2 * MIB - 1]) {
          const all = Buffer.concat([ping, publish(length), ping, publish(200), ping]);
          const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
            all.subarray(n * size, (n + 1) * size),
          );
          const packets = [...cut(chunks).packets];
          const short = (octets: Buffer): string => octets.toString('hex');
          const kept = publish(MIB).equals(Buffer.from(packets[1] as string, 'hex'));
          expect([packets[0], kept, ...packets.slice(2)]).toEqual(['d000', true, 'd000', short(publish(200)), 'd000']);
        }
      },
    );

    it('does not hand it on before its end, and keeps no more of it meanwhile', () => {
      const heard: number[] = [];
      const cutter = new PacketCutter(
        (first) => heard.push(first),
        () => heard.push(-1),
      );
      const chunk = Buffer.alloc(64 << 10);
      cutter.push(Buffer.from('32ffffff7f0001740007', 'hex')); // 256 MB
      const before = process.memoryUsage().arrayBuffers;
      for (let left = 0xfff_ffff - 5; left > 0; left -= chunk.length) {
        expect(heard).toEqual([]);
        cutter.push(left < chunk.length ? chunk.subarray(0, left) : chunk);
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
      expect(heard).toEqual([0x32]);
      cutter.push(Buffer.from('d000', 'hex'));
      expect(heard).toEqual([0x32, 0xd0]);
    });

    it('is unreadable where it is no PUBLISH', () => {
      expect(cut([Buffer.from('90ffffff7f', 'hex')]).unreadable).toEqual(['90ffffff7f']);
    });
  });
});
