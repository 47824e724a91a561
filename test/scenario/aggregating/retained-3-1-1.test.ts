import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
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

  it('has it also when a filter that stood for another one goes meanwhile', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'wide', 'n/#', 1);
    subscribed(bench, 'narrow', 'n/a', 2);
    bench.broker({ type: 'upstream-unsubscribed', packetId: 3 });
    bench.connect('first');
    expect(bench.subscribe('first', 'z', 1)).toEqual(['broker < SUBSCRIBE 4 z 1 for 0']);
    bench.connect('second');
    expect(bench.subscribe('second', 'n/a', 1)).toEqual([]); // one at a time
    expect(bench.from('wide', UNSUBSCRIBE)).toEqual([
      'broker < SUBSCRIBE 5 n/a 1 for 0',
      'broker < UNSUBSCRIBE 6 n/#',
      'wide < UNSUBACK 2',
    ]);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 1 })).toContain('broker < PINGREQ');
    expect(bench.message('z', 'old', 0, 0, { retain: true })).toContain('first < PUBLISH old qos0');
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 5, reasonCode: 1 })).toEqual([]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 7 n/a 1 for 0']);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 7, reasonCode: 1 })).toContain('broker < PINGREQ');
    expect(bench.message('n/a', 'older', 0, 0, { retain: true })).toContain('second < PUBLISH older qos0');
  });

  it('has it once where another SUBSCRIBE brings it again', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 2);
    subscribed(bench, 'other', 'n/a', 2, 0);
    bench.connect('newcomer');
    bench.subscribe('newcomer', 'n/+', 1);
    expect(bench.from('one', { ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/a' } })).toContain(
      'broker < SUBSCRIBE 4 n/a 0 for 0',
    );
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 });
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual(['newcomer < REGISTER 1']);
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual([]);
    expect(bench.from('newcomer', { type: 'REGACK', topicId: 1, msgId: 1, returnCode: 0 })).toEqual([
      'newcomer < PUBLISH old qos0',
    ]);
  });
});

const UNSUBSCRIBE: MessageOf<'UNSUBSCRIBE'> = {
  ...{ type: 'UNSUBSCRIBE', msgId: 2, topic: { topicIdType: 'normal', topicName: 'n/#' } },
};

/** A client that has a subscription, and all that is retained. */
function subscribed(bench: SharedBench, clientId: string, filter: string, packetId: number, qos: 0 | 1 | 2 = 1): void {
  bench.connect(clientId);
  bench.subscribe(clientId, filter, qos);
  bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 2 });
  bench.broker({ type: 'upstream-ponged' });
}
