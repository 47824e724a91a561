import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { wholePackets } from '../../../src/upstream/whole-packets.ts';

/** A client whose packets are lists of pieces, as MQTT.js writes them, and the chunks that its stream was given. */
function clientWith(): {
  write: (pieces: readonly (string | Uint8Array)[]) => void;
  stream: Writable;
  writes: string[][];
} {
  const writes: string[][] = [];
  const stream = new Writable({
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  const client = { stream: stream as Pick<Writable, 'write' | 'destroy'> };
  const write = wholePackets<readonly (string | Uint8Array)[]>(client, (pieces) => {
    for (const piece of pieces) {
      if (piece === 'impossible') {
        client.stream.destroy(new Error('it cannot be encoded'));
        return;
      }
      client.stream.write(piece);
    }
  });
  return { write, stream, writes };
}

describe('packets to the broker', () => {
  it('are written whole, and those of one turn leave together', async () => {
    const { write, stream, writes } = clientWith();
    write(['to', Uint8Array.of(0x70), 'ic']);
    write(['pay', 'load']);
    expect(stream.writableLength).toBe(5 + 7);
    await new Promise((resolve) => setImmediate(resolve));
    write(['last']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toEqual([['topic', 'payload'], ['last']]);
  });

  it('leave before the end of the stream that is asked for in the same turn', async () => {
    const { write, stream, writes } = clientWith();
    write(['fare', 'well']);
    await new Promise<void>((resolve) => {
      stream.end(resolve);
    });
    expect(writes).toEqual([['farewell']]);
  });

  it('end the stream where they cannot be encoded, with nothing of them written', async () => {
    const { write, stream, writes } = clientWith();
    const failed = new Promise((resolve) => stream.once('error', resolve));
    write(['half of it', 'impossible']);
    expect(await failed).toEqual(new Error('it cannot be encoded'));
    write(['more']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toEqual([]);
  });
});
