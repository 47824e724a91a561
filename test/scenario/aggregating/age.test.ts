import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

/** Twenty messages come for a persistent client that answers none, and leaves; they are kept for 100 s. */
function left(): HubBench {
  const bench = new HubBench({ settings: { sessions: { queue: { age: 100_000 } } } });
  bench.client('a', { clean: false });
  bench.subscribe('a', 'tp', 1);
  bench.of('a').isMute = true;
  for (let packetId = 1; packetId <= 20; packetId++) {
    bench.comes('tp', `m${packetId}`, { qos: 1, packetId, identifiers: [65] });
  }
  bench.wait(1_000);
  bench.says('a', '02 18');
  bench.got('a');
  bench.of('a').isMute = false;
  return bench;
}

const messages = (bench: HubBench): string[] => bench.got('a').filter((line) => line.startsWith('qos'));

describe('how long messages wait for a client of the shared connection (sessions.queue.age)', () => {
  it('counts for those as well that its session has, and that have never gone out', () => {
    const bench = left();
    bench.wait(100_000);
    bench.client('a', { clean: false });
    expect(messages(bench)).toEqual(['qos1 tp "m1" dup']); // the client may have it
    expect([...bench.disk.keys()].filter((key) => /^(message|parcel)/.test(key))).toEqual([]);
  });

  it('counts for them over a restart', () => {
    const bench = left();
    bench.wait(100_000);
    const next = hubRestarted(bench, { connack: { sessionPresent: true } });
    next.client('a', { clean: false });
    expect(messages(next)).toEqual([]);
    expect([...next.disk.keys()].filter((key) => /^(message|parcel)/.test(key))).toEqual([]);
  });

  it('is not over for what comes before', () => {
    const bench = left();
    bench.wait(98_000);
    bench.client('a', { clean: false });
    expect(messages(bench)).toHaveLength(20);
  });
});
