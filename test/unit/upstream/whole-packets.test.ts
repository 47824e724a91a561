import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { wholePackets } from '../../../src/upstream/whole-packets.ts';

/** A client whose packets are lists of pieces, as MQTT.js writes them, the packets that came of them, and its stream. */
function clientWith(): {
  write: (pieces: readonly (string | Uint8Array)[]) => void;
  stream: Writable;
  packets: string[];
} {
  const packets: string[] = [];
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('it was written to the stream')) });
  const client = { stream: stream as Pick<Writable, 'write' | 'destroy'> };
  const write = wholePackets<readonly (string | Uint8Array)[]>(
    client,
    (pieces) => {
      for (const piece of pieces) {
        if (piece === 'impossible') {
          client.stream.destroy(new Error('it cannot be encoded'));
          return;
        }
        client.stream.write(piece);
      }
    },
    (packet) => packets.push(String(packet)),
  );
  return { write, stream, packets };
}

describe('packets to the broker that MQTT.js encodes', () => {
  it('are put together, and nothing of them is written to the stream', () => {
    const { write, stream, packets } = clientWith();
    write(['to', Uint8Array.of(0x70), 'ic']);
    write(['pay', 'load']);
    expect(packets).toEqual(['topic', 'payload']);
    expect(stream.writableLength).toBe(0);
  });

  it('end the stream where they cannot be encoded, with nothing of them left', async () => {
    const { write, stream, packets } = clientWith();
    const failed = new Promise((resolve) => stream.once('error', resolve));
    write(['half of it', 'impossible']);
    expect(await failed).toEqual(new Error('it cannot be encoded'));
    expect(packets).toEqual([]);
  });
});
