import { describe, expect, it } from '@jest/globals';
import { frame, hex16 } from '../../support/core-bench.ts';
import { HubBench, type HubBenchOptions, hubRestarted } from '../../support/hub-bench.ts';

const before = { '*': { 7: 'old/name', 8: 'other/name' } };
const after = { '*': { 7: 'new/name', 8: 'other/name' } };

/** Client `a` has subscribed to pre-defined id 7 with QoS 1. */
function subscribedBy7(clean = true, more: HubBenchOptions = {}): HubBench {
  const bench = new HubBench({ predefined: before, ...more });
  bench.client('a', { clean });
  bench.grants(bench.says('a', `071221${hex16(bench.of('a').next++)}0007`));
  bench.of('a').topics.delete(7); // shown as #7
  bench.got('a');
  return bench;
}

/** The number of the SUBSCRIBE for a filter, by which messages name it. */
function identifierOf(filter: string, lines: readonly string[]): number {
  const line = lines.find((one) => one.includes(` ${filter} `)) ?? '';
  return Number(/ as (\d+)/.exec(line)?.[1]);
}

describe('a pre-defined id that means another topic now, where clients share the connection (I-113)', () => {
  it('moves its subscription: SUBSCRIBE for the new name, and UNSUBSCRIBE for the old one when that is granted', () => {
    const bench = subscribedBy7();
    const told = bench.act(bench.changed({ predefined: after }));
    expect(told).toEqual(['#2 SUBSCRIBE id2 new/name qos1 as 129']);
    expect(bench.grants(told)).toEqual(['#2 UNSUBSCRIBE id3 old/name']);
    bench.comes('new/name', 'x', { identifiers: [129] });
    expect(bench.got('a')).toEqual(['qos0 #7 "x"']);
  });

  it('brings what is retained under the new name', () => {
    const bench = subscribedBy7();
    bench.grants(bench.act(bench.changed({ predefined: after })));
    bench.comes('new/name', 'kept', { retain: true, identifiers: [129] });
    expect(bench.got('a')).toEqual(['qos0 #7 "kept" retain']);
  });

  it('is one subscription at the broker, however many clients have it', () => {
    const bench = subscribedBy7();
    bench.client('b');
    bench.grants(bench.says('b', '071221000a0007'));
    const told = bench.act(bench.changed({ predefined: after }));
    expect(told).toEqual(['#2 SUBSCRIBE id3 new/name qos1 as 129']);
    const granted = bench.grants(told);
    expect([...granted, ...bench.grants(granted)].filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringContaining(' old/name'),
    ]);
  });

  it('leaves the old name to others who have asked for it by name', () => {
    const bench = subscribedBy7();
    bench.client('b');
    const asked = bench.subscribe('b', 'old/name', 1);
    const told = bench.act(bench.changed({ predefined: after }));
    expect(bench.grants(told)).toEqual([]);
    bench.comes('old/name', 'x', { identifiers: [identifierOf('old/name', asked)] });
    expect(bench.got('a')).toEqual([]);
    expect(bench.got('b').at(-1)).toBe('qos0 old/name "x"');
  });

  it('lets what waits keep its name', () => {
    const bench = subscribedBy7(false);
    bench.says('a', frame('18 012c'));
    bench.comes('old/name', 'waits', { qos: 1, packetId: 7, identifiers: [65] });
    bench.wait(1_000);
    bench.grants(bench.act(bench.changed({ predefined: after })));
    bench.comes('new/name', 'new', { qos: 1, packetId: 8, identifiers: [129] });
    bench.wait(1_000);
    bench.got('a');
    bench.says('a', frame('16', 'a'));
    expect(bench.got('a')).toEqual(['qos1 old/name "waits"', 'qos1 #7 "new"', '0217']);
  });

  it('while the connection is away moves it when that stands again', () => {
    const bench = subscribedBy7(false);
    bench.breaks();
    expect(bench.act(bench.changed({ predefined: after }))).toEqual([]);
    bench.wait(2_000);
    const told = bench.stands({ sessionPresent: true });
    expect(told.filter((line) => line.includes('new/name'))).toEqual([
      expect.stringMatching(/SUBSCRIBE id\d+ new\/name qos1/),
    ]);
    const then = bench.grants(told);
    expect([...told, ...then].filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringContaining('old/name'),
    ]);
  });

  it('of a client that is away moves it when it comes back', () => {
    const bench = subscribedBy7(false);
    bench.says('a', '0218');
    expect(bench.act(bench.changed({ predefined: after }))).toEqual([]);
    const told = bench.client('a', { clean: false });
    expect(told[0]).toMatch(/SUBSCRIBE id\d+ new\/name qos1/);
    const then = bench.grants(told);
    expect([...told, ...then].filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringContaining('old/name'),
    ]);
  });

  it('moves it over a restart with another file', () => {
    const bench = hubRestarted(subscribedBy7(false), { predefined: after, isAway: true });
    bench.up(bench.own);
    const told = bench.stands({ sessionPresent: true });
    expect(told.some((line) => /SUBSCRIBE id\d+ new\/name qos1/.test(line))).toBe(true);
    const then = bench.grants(told);
    expect([...told, ...then].filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringContaining('old/name'),
    ]);
    expect(bench.core.session('a')?.subscriptions).toEqual([{ filter: 'new/name', qos: 1 }]);
  });

  it('needs nothing over a restart with the same file', () => {
    const bench = hubRestarted(subscribedBy7(false), { isAway: true });
    bench.up(bench.own);
    const told = bench.stands({ sessionPresent: true });
    expect([...told, ...bench.grants(told)].filter((line) => / new\/name|UNSUBSCRIBE/.test(line))).toEqual([]);
    expect(bench.core.session('a')?.subscriptions).toEqual([{ filter: 'old/name', qos: 1 }]);
  });
});

describe('limits that change while the gateway runs, where clients share the connection (I-112)', () => {
  function sleeper(): HubBench {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x', 1);
    bench.says('a', frame('18 012c'));
    bench.got('a');
    return bench;
  }

  function come(bench: HubBench, texts: readonly string[], qos: 0 | 1): void {
    for (const text of texts) {
      bench.comes('x', text, qos === 0 ? { identifiers: [65] } : { qos, packetId: Number(text), identifiers: [65] });
    }
  }

  function wakes(bench: HubBench): string[] {
    bench.says('a', frame('16', 'a'));
    return bench.got('a').map((line) => /"(.*)"/.exec(line)?.[1] ?? line);
  }

  it('what waits for one client above a lower limit stays: for each that comes one goes', () => {
    const bench = sleeper();
    come(bench, ['1', '2', '3', '4'], 1);
    bench.changed({ settings: { sessions: { queue: { messages: 2 } } } });
    come(bench, ['5'], 1);
    expect(bench.notes.filter(({ type }) => type === 'delivery-dropped')).toHaveLength(1);
    expect(wakes(bench)).toEqual(['2', '3', '4', '5', '0217']);
    bench.says('a', frame('18 012c'));
    bench.got('a');
    come(bench, ['6', '7', '8'], 1);
    expect(wakes(bench)).toEqual(['7', '8', '0217']);
  });

  it('what waits for all clients together above a lower limit stays as well', () => {
    const bench = sleeper();
    come(bench, ['1', '2', '3', '4'], 0);
    bench.changed({ settings: { sessions: { sleepBufferOctetsInAll: 4 } } });
    come(bench, ['5'], 0);
    expect(wakes(bench)).toEqual(['2', '3', '4', '5', '0217']);
  });

  it('how long what waits is kept counts at once', () => {
    const bench = sleeper();
    come(bench, ['1'], 1);
    bench.wait(100_000);
    bench.changed({ settings: { sessions: { queue: { age: 60_000 } } } });
    bench.wait(0);
    expect(wakes(bench)).toEqual(['0217']);
  });
});
