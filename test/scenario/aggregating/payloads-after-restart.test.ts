import { describe, expect, it } from '@jest/globals';
import type { RestoredRecord, StoredRecord } from '../../../src/core/contract/stored-records.ts';
import { SharedBench } from '../../support/shared-bench.ts';

/** What a store gives back that has more than fits into memory: no payloads. */
function withheld(records: Iterable<StoredRecord>): RestoredRecord[] {
  return [...records].map((record) => {
    if (record.kind !== 'message') {
      return record;
    }
    const { payload, ...rest } = record;
    return { ...rest, kind: 'withheld', octets: payload.length };
  });
}

/** Persistent clients with `xx`, and one of their own each; the identifiers of these filters are returned. */
function serving(...names: readonly string[]): { bench: SharedBench; of: Record<string, number> } {
  const bench = new SharedBench();
  bench.up();
  const of: Record<string, number> = {};
  let packetId = 0;
  for (const name of names) {
    bench.connect(name);
    for (const filter of [`x${name}`, 'xx']) {
      const told = bench.from(name, {
        ...{ type: 'SUBSCRIBE', dup: false, qos: 1, msgId: packetId + 1 },
        topic: { topicIdType: 'short', topicName: filter },
      });
      of[filter] = Number(/for (\d+)/.exec(told.join())?.[1]);
      bench.broker({ type: 'upstream-subscribed', packetId: ++packetId, reasonCode: 1 });
    }
  }
  return { bench, of };
}

/** All leave with what they have been handed; the gateway is started again, with the payloads on the disk alone. */
function restarted(bench: SharedBench, names: readonly string[], queue: object = {}): SharedBench {
  bench.pass(1_000);
  for (const name of names) {
    bench.from(name, { type: 'DISCONNECT', duration: undefined });
  }
  const next = new SharedBench(withheld(bench.disk.values()), {}, queue);
  for (const [key, record] of bench.disk) {
    next.disk.set(key, record);
  }
  next.up(true);
  return next;
}

const kept = (bench: SharedBench): string[] => [...bench.disk.keys()].filter((key) => /^(message|parcel)/.test(key));

describe('what a client had been handed before a restart, and whose payload is on the disk alone', () => {
  it('is over when it has waited for too long, and is not asked for again and again', () => {
    const { bench, of } = serving('a');
    bench.message('xa', 'one', 1, 1, { identifiers: [of.xa] });
    const next = restarted(bench, ['a'], { age: 10_000 });
    expect(kept(next)).toEqual(['message/1', 'parcel/a/1']);
    next.pass(20_000);
    expect(kept(next)).toEqual([]);
    expect(next.connect('a')).toEqual(['a < CONNACK 0x00']);
    expect(next.notes.filter(({ type }) => type === 'delivery-dropped')).toHaveLength(1);
  });

  it('leaves its place to others where its time is over when it is read', () => {
    const { bench, of } = serving('a');
    bench.message('xa', 'one', 1, 1, { identifiers: [of.xa] });
    const next = restarted(bench, ['a'], { age: 10_000 });
    next.now += 20_000;
    expect(next.connect('a')).toEqual(['disk < message/1', 'a < CONNACK 0x00']);
    expect(next.loaded(['message/1'])).toEqual([]);
    next.from('a', { type: 'DISCONNECT', duration: undefined });
    expect(next.connect('a')).toEqual(['a < CONNACK 0x00']);
    expect(kept(next)).toEqual([]);
  });

  it('comes in its order, and once, also where it has been read for another client before', () => {
    const { bench, of } = serving('a', 'b');
    bench.message('xa', 'one', 1, 1, { identifiers: [of.xa] });
    bench.message('xx', 'two', 1, 2, { identifiers: [of.xx] });
    const next = restarted(bench, ['a', 'b']);
    next.connect('b');
    expect(next.loaded(['message/2'])).toEqual([expect.stringMatching(/^b < PUBLISH \d+ two qos1$/)]);
    expect(next.connect('a')).toEqual(['disk < message/1', 'a < CONNACK 0x00']);
    const [one = ''] = next.loaded(['message/1']);
    expect(one).toMatch(/^a < PUBLISH \d+ one qos1$/);
    const msgId = Number(/PUBLISH (\d+)/.exec(one)?.[1]);
    const [two = '', ...more] = next.from('a', { type: 'PUBACK', topicId: 1, msgId, returnCode: 0 });
    expect([two, ...more]).toEqual([expect.stringMatching(/^a < PUBLISH \d+ two qos1$/)]);
    const second = Number(/PUBLISH (\d+)/.exec(two)?.[1]);
    expect(next.from('a', { type: 'PUBACK', topicId: 2, msgId: second, returnCode: 0 })).toEqual([]);
    expect(kept(next)).toEqual(['message/2', 'parcel/b/2']);
  });

  it('stands for what the broker sends again where there is room for one alone (I-161)', () => {
    const { bench, of } = serving('a');
    bench.from('a', { type: 'DISCONNECT', duration: undefined });
    bench.message('xa', 'one', 1, 1, { identifiers: [of.xa] });
    bench.message('xa', 'two', 1, 2, { identifiers: [of.xa] });
    const next = restarted(bench, [], { messages: 2 });
    next.message('xa', 'one', 1, 1, { identifiers: [of.xa], dup: true });
    expect(kept(next)).toEqual(['message/1', 'parcel/a/1', 'message/2', 'parcel/a/2']);
    expect(next.notes.filter(({ type }) => type === 'delivery-dropped')).toEqual([]);
    next.message('xa', 'longer', 1, 2, { identifiers: [of.xa], dup: true }); // another one
    expect(kept(next)).toEqual(['message/2', 'parcel/a/2', 'message/4', 'parcel/a/4']);
  });
});
