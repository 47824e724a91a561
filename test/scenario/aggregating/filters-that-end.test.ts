import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/core/contract/stored-records.ts';
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
