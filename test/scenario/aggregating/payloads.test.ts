import { describe, expect, it } from '@jest/globals';
import type { Hub } from '../../../src/core/aggregate/hub.ts';
import type { SharedMessage } from '../../../src/core/aggregate/member.ts';
import { holdPayload } from '../../../src/core/aggregate/payloads.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';
import { SharedBench } from '../../support/shared-bench.ts';

/** A sleeper with a subscription; two payloads of four octets fit into memory. */
function asleep(queue: object = {}): SharedBench {
  const bench = new SharedBench([], {}, { octetsInMemory: 8, ...queue });
  bench.up();
  bench.connect('a');
  bench.subscribe('a', 't/a', 1);
  bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
  bench.sleep('a');
  return bench;
}

function fill(bench: SharedBench, count: number): void {
  for (let number = 1; number <= count; number++) {
    bench.message('t/a', `m-${number}.`.padEnd(4), 1, number, { identifiers: [IDENTIFIER] });
  }
}

/** That of the first SUBSCRIBE for the first filter. */
const IDENTIFIER = 65;

const wake = (bench: SharedBench): string[] => bench.from('a', { type: 'PINGREQ', clientId: 'a' });
const puback = (bench: SharedBench, msgId: number): string[] =>
  bench.from('a', { type: 'PUBACK', topicId: 1, msgId, returnCode: 0 });

describe('payloads of what waits for a sleeper (3.7 item 4)', () => {
  it('are on the disk alone where there are too many for memory, and are read when it wakes; PINGRESP comes behind them', () => {
    const bench = asleep();
    fill(bench, 4);
    expect(wake(bench)).toEqual(['disk < message/1 message/2']);
    expect(bench.loaded(['message/1', 'message/2'])).toEqual(['a < PUBLISH 1 m-1. qos1']);
    const told = [1, 2, 3, 4].flatMap((msgId) => puback(bench, msgId));
    expect(told).toEqual([
      'a < PUBLISH 2 m-2. qos1',
      'a < PUBLISH 3 m-3. qos1',
      'a < PUBLISH 4 m-4. qos1',
      'a < PINGRESP',
    ]);
    expect([...bench.disk.keys()].filter((key) => /^(message|parcel)/.test(key))).toEqual([]);
  });

  it('that no frame can carry wait for nobody, are not kept, and push nothing out (G-5)', () => {
    const bench = asleep({ octets: 100_000, octetsInAll: 100_000 });
    fill(bench, 1);
    const long = bench.message('t/a', 'x'.repeat(99_000), 1, 2, { identifiers: [IDENTIFIER] });
    expect(long).toEqual(['broker < PUBACK 2']);
    expect(bench.notes.at(-1)).toMatchObject({
      ...{ type: 'delivery-dropped', clientId: 'a', reason: 'its payload does not fit into any frame' },
    });
    expect([...bench.disk.keys()].filter((key) => key.startsWith('message'))).toEqual(['message/1']);
    expect(wake(bench)).toEqual(['a < PUBLISH 1 m-1. qos1']);
  });

  it('that cannot be read are dropped, counted and told; the others come', () => {
    const bench = asleep();
    fill(bench, 3);
    expect(wake(bench)).toEqual(['disk < message/1']);
    expect(bench.loaded(['message/1'], ['message/1'])).toEqual(['a < PUBLISH 1 m-2. qos1']);
    expect(bench.notes.filter(({ type }) => type === 'delivery-dropped')).toEqual([
      {
        type: 'delivery-dropped',
        clientId: 'a',
        link: 'udp:a:1',
        topic: 't/a',
        qos: 1,
        reason: 'its record cannot be read',
      },
    ]);
  });

  it('are read once, however often the client asks meanwhile, and nothing is sent where it has left by then', () => {
    const bench = asleep();
    fill(bench, 3);
    expect(wake(bench)).toEqual(['disk < message/1']);
    expect(wake(bench)).toEqual([]);
    bench.from('a', { type: 'DISCONNECT', duration: undefined });
    expect(bench.loaded(['message/1'])).toEqual([]);
    bench.connect('a');
    expect(puback(bench, 0)).toEqual([]);
  });

  it('of a message for two sleepers are read for both', () => {
    const bench = asleep();
    bench.connect('b');
    bench.subscribe('b', 't/a', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.sleep('b');
    for (let number = 1; number <= 3; number++) {
      bench.message('t/a', `m-${number}.`, 1, number, { identifiers: [IDENTIFIER + 1] });
    }
    expect(wake(bench)).toEqual(['disk < message/1']);
    expect(bench.from('b', { type: 'PINGREQ', clientId: 'b' })).toEqual(['disk < message/1']);
    expect(bench.loaded(['message/1'])).toEqual(['a < PUBLISH 1 m-1. qos1', 'b < PUBLISH 1 m-1. qos1']);
    expect(bench.loaded(['message/1'])).toEqual([]);
  });
});

describe('a payload that waits', () => {
  it('does not keep what the broker has sent beside it in memory', () => {
    const chunk = Buffer.alloc(65_536, 'x');
    const message = { payload: chunk.subarray(10, 14), octets: 4 } as unknown as SharedMessage;
    holdPayload(message, { settings: DEFAULT_CORE_SETTINGS, held: new Set(), heldOctets: 0 } as unknown as Hub);
    expect(Buffer.from(message.payload ?? []).toString()).toBe('xxxx');
    expect(message.payload?.buffer.byteLength).toBe(4);
  });
});
