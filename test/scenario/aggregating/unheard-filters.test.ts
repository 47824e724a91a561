import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

describe('a filter that the broker has, and of which the store did not hear before the process ended (3.7 item 1, I-151)', () => {
  it('its identifier is that of no other filter after the restart: what comes for it is for nobody', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'w/x', 2);
    bench.client('b', { clean: false });
    const disk = structuredClone(bench.disk);
    expect(bench.asks('b', 'x/y', 2)).toEqual(['#2 SUBSCRIBE id2 x/y qos2 as 129']);

    const next = hubRestarted(bench, { connack: { sessionPresent: true }, random: () => 0.5 }, disk);
    const [told = ''] = next.asks('a', 'x/+', 2);
    const identifier = Number(/ x\/\+ qos2 as (\d+)$/.exec(told)?.[1]);
    next.grants([told]);
    next.got('a');
    next.comes('x/y', 'm', { qos: 2, packetId: 1, identifiers: [129] });
    next.comes('x/y', 'm', { qos: 2, packetId: 2, identifiers: [identifier] });
    next.wait(2_000);
    expect(next.got('a').filter((line) => line.includes('"m"'))).toEqual(['qos2 x/y "m"']);
  });

  it('those that the store knows keep theirs, and are older than what comes later', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', 'w/x', 1);
    const next = hubRestarted(bench, { connack: { sessionPresent: true }, random: () => 0.999 });
    const asked = next.turns.flat().filter(({ type }) => type === 'upstream-subscribe');
    expect(asked).toMatchObject([{ filter: 'w/x', identifier: 65 }]);
    next.comes('w/x', 'm', { qos: 1, packetId: 1, identifiers: [65] });
    expect(next.got('a').filter((line) => line.includes('"m"'))).toEqual(['qos1 w/x "m"']);
    const [told = ''] = next.asks('a', 'w/+', 1);
    expect(Number(/ as (\d+)$/.exec(told)?.[1])).toBeGreaterThan(65);
  });
});
