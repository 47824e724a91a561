import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

/** Client `a` has t/b, and messages on it are unacknowledged; `b` comes, and wants t/a. */
function withNewcomer(): SharedBench {
  const bench = new SharedBench([], { sharedProtocol: 4 });
  bench.up();
  bench.connect('a');
  bench.subscribe('a', 't/b', 1);
  bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
  bench.broker({ type: 'upstream-ponged' });
  bench.message('t/b', 'one', 1, 7);
  bench.connect('b');
  expect(bench.subscribe('b', 't/a', 1)).toEqual(['broker < SUBSCRIBE 2 t/a 1 for 0']);
  return bench;
}

describe('a newcomer, where messages name no subscriptions (MQTT 3.1.1)', () => {
  it('has all that is retained when the broker has answered a PINGREQ, and waits for no answer', () => {
    const bench = withNewcomer();
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 })).toEqual([
      'broker < PINGREQ',
      'b < SUBACK 1 0x00',
    ]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([]);
    expect(bench.subscribe('b', 't/c', 1, 2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['broker < PUBACK 7', 'broker < PINGREQ']);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 3 t/c 1 for 0']);
  });

  it('does not keep others waiting for more than ten seconds where other messages never cease', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.broker({ type: 'upstream-ponged' });
    bench.subscribe('b', 't/c', 1, 2);
    const told: string[] = [];
    for (let number = 8; number < 34; number++) {
      const said = bench.message('t/b', 'more', 1, number);
      said.push(...bench.from('a', { type: 'PUBACK', topicId: 1, msgId: number - 7, returnCode: 0 }));
      const pings = said.filter((line) => line === 'broker < PINGREQ');
      told.push(...pings.flatMap(() => bench.broker({ type: 'upstream-ponged' })));
      bench.pass(400);
    }
    expect(told).toEqual(['broker < SUBSCRIBE 3 t/c 1 for 0']);
  });
});
