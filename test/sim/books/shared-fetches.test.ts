import { describe, expect, it } from '@jest/globals';
import type { BrokerSession } from '../broker-session.ts';
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
    [
      'or the PINGREQ may have waited for the disk since before that came',
      ['PUBLISH', 'PINGREQ', 'PINGRESP'],
      undefined,
    ],
    ['comes no more where that was acknowledged', ['PUBLISH', 'PUBACK', 'PINGREQ', 'PINGRESP'], 'qos0-twice'],
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
      } else if (packet === 'PUBACK') {
        bench.acknowledge('PUBACK', 9);
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

/** A client with a session that outlives the process, and a filter that it has been granted and has had everything of that is retained. */
function served(topicName: string, qos: 0 | 2): { readonly bench: Bench; readonly session: BrokerSession } {
  const bench = new Bench({ clean: false }, [], 'aggregating');
  const session = bench.sharedSession();
  const connected = { type: 'client-connected', clientId: ID, link: LINK, cleanSession: false } as const;
  bench.books.noted({ ...connected, keepAlive: 60, will: false });
  bench.books.emitted({ type: 'upstream-subscribe', connection, packetId: 1, filter: topicName, qos });
  const topic = { topicIdType: 'normal', topicName } as const;
  bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos, msgId: 1, topic });
  session.subscribe(topicName, qos, undefined);
  bench.books.fromBroker({ type: 'upstream-subscribed', connection, packetId: 1, reasonCode: qos });
  bench.books.subscribes(ID, topicName, 1);
  bench.books.sent(LINK, { type: 'SUBACK', qos, topicId: 1, msgId: 1, returnCode: 0 });
  bench.books.emitted({ type: 'upstream-ping', connection });
  bench.books.fromBroker({ type: 'upstream-ponged', connection });
  return { bench, session };
}

describe('the books of what is retained, for those who had all of it before a loss of power', () => {
  const filter = { kind: 'filter', filter: 't/a', identifier: 0, qos: 0 } as const;

  it.each([
    ['may come once more where the disk has them as waiting for it', [{ clientId: ID, qos: 0 }], undefined],
    ['or for a SUBSCRIBE', [{ clientId: ID, qos: 0, generation: 1, awaits: true }], undefined],
    ['comes no more where it has that SUBSCRIBE as served', [{ clientId: ID, qos: 0, generation: 1 }], 'qos0-twice'],
    ['or somebody else as waiting', [{ clientId: 'c1', qos: 0 }], 'qos0-twice'],
    ['or nobody', [], 'qos0-twice'],
  ] as const)('%s', (_what, askers, check) => {
    const { bench } = served('t/a', 0);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 0, true);
    bench.deliver('b.1', 0, 0);
    bench.books.gatewayEnded();
    bench.books.gatewayStarted([{ ...filter, askers }]);
    bench.books.emitted({ type: 'upstream-subscribe', connection, packetId: 1, filter: 't/a', qos: 0 });
    bench.books.routedRetained({ name: 'b.1', topic: 't/a', qos: 0, filter: 't/a' });
    bench.deliver('b.1', 0, 0);
    expect(bench.check).toBe(check);
  });

  it('comes no more to who has not asked in the life before, whatever the disk has', () => {
    const { bench } = served('t/a', 0);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 0, true);
    bench.deliver('b.1', 0, 0);
    bench.books.gatewayEnded();
    bench.books.gatewayStarted();
    bench.books.gatewayEnded();
    bench.books.gatewayStarted([{ ...filter, askers: [{ clientId: ID, qos: 0 }] }]);
    bench.books.emitted({ type: 'upstream-subscribe', connection, packetId: 1, filter: 't/a', qos: 0 });
    bench.books.routedRetained({ name: 'b.1', topic: 't/a', qos: 0, filter: 't/a' });
    bench.deliver('b.1', 0, 0);
    expect(bench.check).toBe('qos0-twice');
  });
});

describe('the books of what is retained and comes for others, where messages name no subscriptions', () => {
  it.each([
    ['take it as for a client that has asked for a filter that matches', 't/+', true, undefined, undefined],
    ['not for one that has not', undefined, true, undefined, 'twice-to-client'],
    ['nor for one that has asked for something else', 'ab', true, undefined, 'twice-to-client'],
    ['nor where it is no copy of what is retained', 't/+', false, undefined, 'twice-to-client'],
    ['nor where messages do name them', 't/+', true, 7, 'twice-to-client'],
  ] as const)('%s', (_what, asked, retain, identifier, check) => {
    const { bench, session } = served('t/+', 2);
    const message = { topic: 't/a', payload: payloadOf('b.1', 0), qos: 2 } as const;
    bench.broker.publish('t/a', message.payload, 2, true);
    bench.deliver('b.1', 2, 1);
    bench.books.clientReleased(ID, 1);
    session.subscribe('t/a', 2, identifier); // another client has asked for it
    if (asked !== undefined) {
      const topic = { topicIdType: 'normal', topicName: asked } as const;
      bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 2, msgId: 2, topic });
    }
    bench.books.fromBroker({ type: 'upstream-message', connection, packetId: 9, dup: true, retain, ...message });
    bench.deliver('b.1', 2, 2);
    expect(bench.check).toBe(check);
  });
});
