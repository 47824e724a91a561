import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/core/contract/stored-records.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';
import { SharedBench } from '../../support/shared-bench.ts';

describe('a filter that the broker has, and nobody wants when the gateway starts', () => {
  it.each([4, undefined] as const)(
    'ends, though the broker names no subscriptions (sharedProtocol %s)',
    (sharedProtocol) => {
      const record: StoredRecord = { kind: 'filter', filter: 't/#', identifier: 64, qos: 1 };
      const bench = new SharedBench([record], { sharedProtocol });
      expect(bench.up(true)).toContain('broker < UNSUBSCRIBE 1 t/#');
      expect(bench.broker({ type: 'upstream-unsubscribed', packetId: 1 })).toEqual([]);
      expect([...bench.disk.keys()]).not.toContain('filter/t/#');
    },
  );
});

describe('a filter that the broker gets', () => {
  it('is on the disk soon, though nobody waits for it: after a loss of power it would never end', () => {
    const bench = new SharedBench();
    bench.up();
    bench.connect('a', true);
    bench.effects.length = 0;
    bench.subscribe('a', 't/#', 1);
    const [store] = bench.effects;
    expect(store).toMatchObject({ type: 'store', durable: false, syncs: true });
    expect([...bench.disk.keys()]).toContain('filter/t/#');
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
    bench.connect('b', true);
    bench.effects.length = 0;
    bench.subscribe('b', 't/#', 1); // the disk knows of it
    expect(bench.effects.filter((effect) => effect.type === 'store' && effect.syncs)).toEqual([]);
  });
});

describe('a clean client that has slept and is awake for good when the gateway ends (T-26)', () => {
  it('has nothing after a restart: its filters end, and the next session of it is a new one', () => {
    const bench = new HubBench();
    bench.client('a');
    bench.subscribe('a', 'x/y', 1);
    bench.says('a', '04 18 0E 10');
    bench.client('a', { clean: false });
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    expect(next.stands({ sessionPresent: true })).toContainEqual(expect.stringMatching(/UNSUBSCRIBE id\d+ x\/y$/));
    next.client('a', { clean: false });
    expect(next.comes('x/y', 'm', { qos: 1, packetId: 1, identifiers: [65] })).toEqual([`#${next.shared} PUBACK id1`]);
  });
});
