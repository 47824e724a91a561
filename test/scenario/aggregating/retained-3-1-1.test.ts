import { describe, expect, it } from '@jest/globals';
import { SharedBench } from '../../support/shared-bench.ts';

describe('a newcomer, where messages name no subscriptions (MQTT 3.1.1)', () => {
  it('has all that is retained when the broker has answered a PINGREQ behind SUBACK', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    bench.connect('a');
    expect(bench.subscribe('a', 't/a', 1)).toEqual(['broker < SUBSCRIBE 1 t/a 1 for 0']);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 })).toEqual([
      'broker < PINGREQ',
      'a < SUBACK 1 0x00',
    ]);
  });
});
