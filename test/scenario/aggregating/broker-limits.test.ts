import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

const LONG = 'x'.repeat(100);
const connack = { sessionPresent: true, maximumPacketSize: 64 };

describe('SUBSCRIBE that the broker of the shared connection does not take (I-44)', () => {
  it('does not go there, also where its client has been there since before a restart', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    const next = hubRestarted(bench, { connack });
    next.got('a');
    expect(next.asks('a', LONG, 1)).toEqual([]);
    expect(next.got('a')).toEqual([expect.stringMatching(/^0813.*03$/)]);
    expect(next.asks('a', 'x', 1)).toHaveLength(1);
  });

  it('does not go there where it had waited for the connection', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.got('a');
    bench.breaks();
    expect(bench.asks('a', LONG, 1)).toEqual([]);
    bench.wait(2_000);
    expect(bench.stands(connack)).toEqual([]);
    expect(bench.got('a')).toEqual([expect.stringMatching(/^0813.*03$/)]);
  });

  it('of a filter that a client has holds up nobody, and goes to the next broker that takes it', () => {
    const bench = new HubBench();
    bench.client('a', { clean: false });
    bench.subscribe('a', LONG, 1);
    bench.breaks();
    bench.wait(2_000);
    expect(bench.stands({ ...connack, sessionPresent: false })).toEqual([]);
    expect(bench.publishes('a', 1, 1, 'y')).toHaveLength(1);
    bench.acks('PUBACK', 2);
    bench.breaks();
    bench.wait(2_000);
    const told = bench.stands({ sessionPresent: true });
    expect(told).toEqual([expect.stringMatching(/SUBSCRIBE id\d+ x{100} qos1 as 65 without retained/)]);
    bench.grants(told);
    bench.got('a');
    bench.comes(LONG, 'm', { identifiers: [65] });
    expect(bench.got('a')).toEqual([`qos0 ${LONG} "m"`]);
  });
});
