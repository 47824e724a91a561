import { describe, expect, it } from '@jest/globals';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';

describe('a QoS 2 publish that was half-way when the gateway was restarted with another upstream.topicPrefix', () => {
  it('is made once, under the prefix that it had', () => {
    const bench = new HubBench({ settings: { upstream: { topicPrefix: 'old/' } } });
    bench.client('a', { clean: false });
    expect(bench.publishes('a', 2, 9, 'x')).toEqual(['#2 PUBLISH qos2 id1 old/tp "x"']);
    const settings = { upstream: { topicPrefix: 'new/' } };
    const next = hubRestarted(bench, { settings, connack: { sessionPresent: true } });
    const published = next.turns.flat().filter(({ type }) => type === 'upstream-publish');
    expect(published).toMatchObject([{ topic: 'old/tp', packetId: 1, dup: true }]);
    next.got('a');
    expect(next.publishes('a', 2, 9, 'x')).toEqual([]);
    expect(next.acks('PUBREC', 1)).toEqual([`#${next.shared} PUBREL id1`]);
    expect(next.got('a')).toEqual(['040f0009']);
    expect(next.publishes('a', 2, 10, 'x')).toEqual([`#${next.shared} PUBLISH qos2 id2 new/tp "x"`]);
  });
});
