import { describe, expect, it } from '@jest/globals';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK, SHARED_CONNECTION } from './bench.ts';

const connection = SHARED_CONNECTION;
const LOST = { type: 'upstream-lost', connection, reason: 'closed by the broker', takenOver: false } as const;

describe('the books of what is retained, for a newcomer on a connection that breaks (I-96)', () => {
  it.each([
    ['may come once more where the gateway has no PINGRESP', [], undefined],
    ['or one to a PINGREQ of before', ['PINGRESP'], undefined],
    ['or something has come before it', ['PINGREQ', 'PUBLISH', 'PINGRESP'], undefined],
    ['or the answer is of before it is asked for once more', ['broken', 'PINGREQ', 'PINGRESP'], undefined],
    ['comes no more where it has', ['PINGREQ', 'PINGRESP'], 'qos0-twice'],
  ] as const)('%s', (_what, said, check) => {
    const bench = new Bench({ clean: false }, [], 'aggregating');
    const session = bench.sharedSession();
    bench.connected();
    const subscribe = { type: 'upstream-subscribe', connection, packetId: 1, filter: 't/a', qos: 0 } as const;
    const asks = () => bench.books.emitted(subscribe);
    const topic = { topicIdType: 'normal', topicName: 't/a' } as const;
    bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 0, msgId: 1, topic });
    asks();
    session.subscribe('t/a', 0, undefined);
    bench.books.granted('(shared)', 't/a', 0);
    bench.books.fromBroker({ type: 'upstream-subscribed', connection, packetId: 1, reasonCode: 0 });
    bench.books.subscribes(ID, 't/a', 1);
    bench.books.sent(LINK, { type: 'SUBACK', qos: 0, topicId: 1, msgId: 1, returnCode: 0 });
    for (const packet of said) {
      if (packet === 'PINGREQ') {
        bench.books.emitted({ type: 'upstream-ping', connection });
      } else if (packet === 'broken') {
        bench.books.fromBroker(LOST);
      } else if (packet === 'PINGRESP') {
        bench.books.fromBroker({ type: 'upstream-ponged', connection });
      } else {
        const message = { topic: 't/b', payload: payloadOf('b.9', 0), retain: false, dup: false } as const;
        bench.books.fromBroker({ type: 'upstream-message', connection, packetId: 9, qos: 1, ...message });
      }
    }
    bench.broker.publish('t/a', payloadOf('b.1', 0), 0, true);
    bench.deliver('b.1', 0, 0);
    bench.books.fromBroker(LOST);
    asks();
    bench.books.routedRetained({ name: 'b.1', topic: 't/a', qos: 0, filter: 't/a' });
    bench.deliver('b.1', 0, 0);
    expect(bench.check).toBe(check);
  });
});
