/** After a start sessions come back some at a time: what that is never shows. */
import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import type { RestoredRecord, StoredSession } from '../../src/core/contract/stored-records.ts';
import { CoreBench } from '../support/core-bench.ts';

/** A persistent session that was active. */
function stored(clientId: string, more: Partial<StoredSession> = {}): StoredSession {
  return {
    ...{ kind: 'session', clientId, protocolVersion: '1.2', link: `udp:${clientId}`, transport: 'udp' },
    ...{ host: clientId, nodeId: undefined, state: 'active', cleanSession: false, keepAlive: 60_000 },
    ...{ sleepDuration: undefined, lastHeard: 0, nextTopicId: 1, epoch: 1 },
    ...more,
  } as StoredSession;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`);

/** A core with a defect: whoever has no keep-alive meets an error while it comes back. What is fed is fed as the driver does. */
function broken(mode: 'transparent' | 'aggregating', records: readonly RestoredRecord[]): CoreBench {
  const bench = new CoreBench({ settings: { upstream: { mode } } });
  const { timing } = bench.settings;
  Object.defineProperty(timing, 'idleProbeAfter', {
    get: () => {
      throw new Error('planted');
    },
  });
  const failed: (string | undefined)[] = [];
  try {
    bench.feed({ type: 'sessions-restored', records });
  } catch (error) {
    failed.push((error as InvariantError).clientId);
  }
  for (const clientId of failed) {
    try {
      bench.feed({ type: 'session-failed', clientId });
    } catch (error) {
      expect(error).toBeInstanceOf(InvariantError);
    }
  }
  return bench;
}

describe.each(['transparent', 'aggregating'] as const)('a start with many sessions, %s', (mode) => {
  it.each([
    ['in the first portion', ['s5']],
    ['as the last one of a portion', ['s63']],
    ['as the first one of the next', ['s64']],
    ['several times', ['s5', 's6', 's63', 's64', 's129']],
  ])('brings all others back where an invariant breaks %s', (_where, bad) => {
    const shared = mode === 'aggregating' ? { shared: true as const } : {};
    const records = names(130).map((name) => stored(name, { ...shared, keepAlive: bad.includes(name) ? 0 : 60_000 }));
    const bench = broken(mode, records);
    expect([...bench.core.clientIds()].sort()).toEqual(
      names(130)
        .filter((name) => !bad.includes(name))
        .sort(),
    );
  });
});
