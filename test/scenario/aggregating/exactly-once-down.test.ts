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

describe('a QoS 2 message for several clients, over an end of the process before any of them has answered', () => {
  it('is not lost for one that has QoS 1, though the broker repeats what another one is known to wait for', () => {
    const bench = new SharedBench();
    bench.up();
    for (const [clientId, qos, packetId] of [
      ['a', 2, 1],
      ['b', 1, 2],
    ] as const) {
      bench.connect(clientId);
      bench.subscribe(clientId, 't/a', qos);
      bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 2 });
    }
    bench.message('t/a', 'once', 2, 9, { identifiers: [IDENTIFIER + 1] });
    const after = new SharedBench(bench.disk.values());
    after.up(true);
    after.connect('a');
    after.connect('b');
    const told = after.message('t/a', 'once', 2, 9, { identifiers: [IDENTIFIER + 1], dup: true });
    expect(told).toEqual(['broker < PUBREC 9']);
    expect([...bench.disk.keys()].filter((key) => key.startsWith('parcel'))).toEqual(['parcel/a/1', 'parcel/b/1']);
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
