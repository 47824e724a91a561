import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

/** That of the first SUBSCRIBE for the first filter. */
const IDENTIFIER = 65;

describe('a QoS 2 message for a client, over an end of the process (3.7 item 8)', () => {
  it('is not published again when the client has said PUBREC: it gets PUBREL, which waited for the disk', () => {
    const bench = new SharedBench();
    bench.up();
    bench.connect('a');
    bench.subscribe('a', 't/a', 2);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 2 });
    bench.message('t/a', 'once', 2, 9, { identifiers: [IDENTIFIER] });
    expect(bench.from('a', { type: 'PUBREC', msgId: 1 })).toEqual(['a < PUBREL 1']);
    const after = new SharedBench(bench.disk.values());
    after.up(true);
    expect(after.connect('a')).toEqual(['a < CONNACK 0x00', 'a < PUBREL 1']);
    after.from('a', { type: 'PUBCOMP', msgId: 1 });
    expect([...after.disk.keys()].filter((key) => key.startsWith('parcel'))).toEqual([]);
  });
});

describe('a message for a client that sleeps, and started clean', () => {
  it('is on the disk before the broker is told to forget it, while the client is awake too', () => {
    const bench = new SharedBench();
    bench.up();
    bench.connect('a', true);
    bench.subscribe('a', 't/a', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
    bench.sleep('a');
    bench.message('t/a', 'one', 1, 9, { identifiers: [IDENTIFIER] });
    bench.from('a', { type: 'PINGREQ', clientId: 'a' });
    bench.message('t/a', 'two', 1, 10, { identifiers: [IDENTIFIER] });
    expect(bench.pass(1_000)).toEqual(['broker < PUBACK 10']);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('parcel'))).toEqual(['parcel/a/1', 'parcel/a/2']);
  });
});
