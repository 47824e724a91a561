/** T-40 where clients share the connection: what waits for a filter in the gateway goes with its UNSUBSCRIBE. */
import { describe, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { HubBench } from '../../support/hub-bench.ts';

/** `a` has these filters, and is away when twenty messages come. */
function away(...filters: readonly string[]): HubBench {
  const bench = new HubBench();
  bench.client('a', { clean: false });
  const identifiers = filters.map((filter) =>
    Number(/ as (\d+)/.exec(bench.subscribe('a', filter, 1).join('\n'))?.[1]),
  );
  bench.says('a', '02 18');
  for (let number = 1; number <= 20; number++) {
    bench.comes('x/y', `${number}`, { qos: 1, packetId: number, identifiers: identifiers.slice(0, 1) });
  }
  bench.got('a');
  return bench;
}

const messages = (bench: HubBench): string[] => bench.got('a').filter((line) => line.startsWith('qos'));

function waiting(bench: HubBench): string[] {
  return [...bench.disk.keys()].filter((key) => /^(?:message|parcel)/.test(key));
}

describe('UNSUBSCRIBE of a client that has much waiting', () => {
  it('ends it, save what it has heard of: nothing is left on the disk, and each one is told', () => {
    const bench = away('x/+');
    bench.of('a').isMute = true;
    bench.client('a', { clean: false });
    expect(messages(bench)).toEqual(['qos1 x/y "1"']);
    bench.unsubscribe('a', 'x/+');
    expect(bench.notes.filter(({ type }) => type === 'delivery-dropped')).toHaveLength(19);
    bench.of('a').isMute = false;
    bench.wait(60_000);
    expect(new Set(messages(bench))).toEqual(new Set(['qos1 x/y "1" dup']));
    expect(waiting(bench)).toEqual([]);
  });

  it('leaves what another filter of it brings as well', () => {
    const bench = away('x/+', 'x/#');
    bench.of('a').isMute = true;
    bench.client('a', { clean: false });
    messages(bench);
    bench.unsubscribe('a', 'x/+');
    bench.of('a').isMute = false;
    bench.wait(60_000);
    expect(messages(bench).filter((line) => !line.endsWith('dup'))).toHaveLength(19);
  });

  it('does so for QoS 0 of one that was asleep', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'x/+', 0);
    bench.says('a', frame('18 012c'));
    bench.of('a').isMute = true;
    bench.comes('x/y', 'sleeps', { identifiers: [65] });
    expect(bench.core.session('a')?.waiting).toBe(1);
    bench.unsubscribe('a', 'x/+');
    expect(bench.core.session('a')?.waiting).toBe(0);
  });
});
