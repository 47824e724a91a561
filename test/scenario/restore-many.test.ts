/** After a start sessions come back some at a time: what that is never shows. */
import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import type { RestoredRecord, StoredRecord, StoredSession } from '../../src/core/contract/stored-records.ts';
import { CoreBench, frame } from '../support/core-bench.ts';
import { HubBench } from '../support/hub-bench.ts';

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

describe.each(['transparent', 'aggregating'] as const)('each of many sessions, %s', (mode) => {
  const settings = { upstream: { mode, maxConnecting: 1_000 } };
  const predefined = { '*': { 7: 'site/7' } };
  const COUNT = 130;

  /** What the broker answers on connections of clients' own. */
  function answered(bench: HubBench, lines: readonly string[]): void {
    for (const line of lines) {
      const [, connection, what] = /^#(\d+) (CONNECT|SUBSCRIBE) /.exec(line) ?? [];
      const [, packetId, qos] = / id(\d+) .*qos(\d)$/.exec(line) ?? [];
      if (what === 'CONNECT') {
        answered(bench, bench.act(bench.up(Number(connection))));
      } else if (what === 'SUBSCRIBE' && Number(connection) !== bench.shared) {
        bench.act(bench.suback(Number(connection), Number(packetId), Number(qos)));
      }
    }
    bench.grants(mode === 'aggregating' ? lines : []);
  }

  /** Sleepers, with and without a message; clients that are away; active ones, with a QoS 2 publish half-way; each second one with a will. */
  function mixed(): HubBench {
    const bench = new HubBench({ settings, predefined, isAway: true });
    bench.up(bench.own);
    if (mode === 'aggregating') {
      bench.stands();
    }
    for (const [at, name] of names(COUNT).entries()) {
      bench.of(name).isMute = at % 3 === 0;
      answered(bench, bench.client(name, { clean: at % 7 === 0, will: at % 2 === 0 ? `${name} is lost` : '' }));
      answered(bench, at % 4 === 0 ? bench.says(name, frame('12 21 0077 0007')) : bench.asks(name, `t/${name}`, 1));
      if (at % 5 < 2) {
        bench.publishes(name, 2, 5, `half-way ${name}`);
      }
      const connection = mode === 'aggregating' ? bench.shared : bench.core.session(name) && bench.connectionOf(name);
      bench.act(bench.message(connection ?? 0, `t/${name}`, 'first', { qos: 1, packetId: at + 1 }));
      bench.says(name, [frame('18 2710'), '02 18', '02 16'][at % 3] ?? '');
      if (at % 3 < 2 && mode === 'aggregating') {
        bench.comes(`t/${name}`, 'second', { qos: 2, packetId: 1_000 + at });
      }
    }
    return bench;
  }

  it('is what it would be if there were no others', () => {
    const before = mixed();
    const start = (records: Iterable<readonly [string, StoredRecord]>): HubBench =>
      new HubBench({ settings, predefined, isAway: true, before }, new Map(records), before.now);
    const all = [...before.disk];
    const together = start(all);
    const kinds = new Set(all.map(([, { kind }]) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['session', 'subscription', 'exchange', 'will', 'topic']));
    expect(together.core.sessionCount).toBeGreaterThan(110);
    for (const name of names(COUNT)) {
      const alone = start(all.filter(([, record]) => !('clientId' in record) || record.clientId === name));
      expect(together.core.session(name)).toEqual(alone.core.session(name));
      const keys = (bench: HubBench) =>
        [...bench.disk].filter(([, record]) => 'clientId' in record && record.clientId === name).sort();
      expect(keys(together)).toEqual(keys(alone));
    }
  });
});
