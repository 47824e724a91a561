import { describe, expect, it } from '@jest/globals';
import type { BrokerSession } from '../broker-session.ts';
import { payloadOf } from '../payload.ts';
import type { Wire } from '../wire.ts';
import { Bench, ID, LINK, publish, SHARED_CONNECTION } from './bench.ts';
import { FULL_DISK } from './calm.ts';

/** A client with `t/a`, QoS 1, on the shared connection. */
function subscribed(isClean = true): { readonly bench: Bench; readonly session: BrokerSession } {
  const bench = new Bench({ clean: isClean }, [], 'aggregating');
  const session = bench.sharedSession();
  bench.connected();
  bench.subscribe(session, 't/a', 1);
  return { bench, session };
}

const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a' } as const;
const full = 'too many messages wait for the client';
const topic = { topicIdType: 'normal', topicName: 't/#' } as const;

describe('the books of several dropped messages', () => {
  it.each([
    ['for each of them a message is left that fits', [1, 2], undefined],
    ['two fit one of them alone', [2, 2], 'stuck-to-client'],
    ['there is one for one of them alone', [1], 'stuck-to-client'],
  ] as const)(
    'take a drop for another one of its kind where a later one fits its first alone: %s',
    (_, qoses, check) => {
      const { bench } = subscribed();
      bench.books.handled(LINK, { type: 'SUBSCRIBE', dup: false, qos: 2, msgId: 2, topic });
      bench.broker.publish('t/a', payloadOf('b.1', 0), 2, false); // with QoS 1 or 2
      bench.broker.publish('t/a', payloadOf('b.2', 0), 1, false);
      for (const qos of qoses) {
        bench.books.noted({ ...drop, qos, reason: 'it does not fit' });
      }
      bench.books.atEnd(new Map([[ID, '']]));
      expect(bench.check).toBe(check);
    },
  );
});

describe('the books of a queue that is full of messages that the gateway has kept and the broker repeats', () => {
  const message = { type: 'upstream-message', topic: 't/a', retain: false, qos: 1, packetId: 1 } as const;
  const payload = payloadOf('b.1', 0);

  it.each([
    ['PUBACK for it came too late for its connection, and the broker has repeated it', true, true, 2, undefined],
    ['the broker has not repeated it', true, false, 2, 'dropped-without-reason'],
    ['nothing was said on the connection before', false, true, 2, 'dropped-without-reason'],
    ['not even with it there are as many as fit', true, true, 3, 'dropped-without-reason'],
  ] as const)('count it twice: %s', (_what, isSaid, isRepeated, fewer, check) => {
    const { bench, session } = subscribed();
    const most = bench.plan.gateway.queueMessages;
    for (let number = 1; number <= most - fewer + 1; number++) {
      bench.broker.publish('t/a', payloadOf(`b.${number}`, 0), 1, false);
    }
    bench.books.fromBroker({ ...message, connection: SHARED_CONNECTION, payload, dup: false });
    const next = { clientId: undefined, cleanSession: false, will: undefined, shared: true } as const;
    bench.books.emitted({ type: 'upstream-connect', connection: SHARED_CONNECTION + 1, ...next });
    session.wire = { number: SHARED_CONNECTION + 1 } as Wire;
    if (isRepeated) {
      bench.books.fromBroker({ ...message, connection: SHARED_CONNECTION + 1, payload, dup: true });
    }
    if (isSaid) {
      bench.acknowledge('PUBACK', 1);
    }
    bench.books.noted({ ...drop, qos: 1, reason: full });
    expect(bench.check).toBe(check);
  });

  it.each([
    ['was full when it came first, and is', 0, 0, false, undefined],
    ['was full when it came first, and has had room for moments', 0, 10_000, false, undefined],
    ['has had room for long', 0, 17_000, false, 'dropped-without-reason'],
    ['became full behind it', 1_000, 0, false, 'dropped-without-reason'],
    ['was full, and the process has ended since', 0, 0, true, 'dropped-without-reason'],
  ] as const)('count it twice where PUBACK may wait, for the disk %s', (_what, before, behind, restarts, check) => {
    const { bench, session } = subscribed();
    const fill = bench.plan.gateway.queueMessages - 1;
    const isFull = before === 0;
    let room = isFull ? bench.calm.begins(FULL_DISK) : undefined;
    for (let number = 1; number <= fill; number++) {
      bench.broker.publish('t/a', payloadOf(`b.${number}`, 0), 1, false);
    }
    bench.books.fromBroker({ ...message, connection: SHARED_CONNECTION, payload, dup: false });
    bench.pass(before);
    room ??= bench.calm.begins(FULL_DISK);
    bench.pass(20_000);
    if (behind > 0) {
      room();
      bench.pass(behind);
    }
    if (restarts) {
      bench.books.gatewayEnded();
      bench.books.gatewayStarted();
    }
    const next = { clientId: undefined, cleanSession: false, will: undefined, shared: true } as const;
    bench.books.emitted({ type: 'upstream-connect', connection: SHARED_CONNECTION + 1, ...next });
    session.wire = { number: SHARED_CONNECTION + 1 } as Wire;
    bench.books.fromBroker({ ...message, connection: SHARED_CONNECTION + 1, payload, dup: true });
    bench.books.noted({ ...drop, qos: 1, reason: full });
    expect(bench.check).toBe(check);
  });
});

describe('the books of a drop that was decided, and not told before the process ended', () => {
  const message = { type: 'upstream-message', connection: SHARED_CONNECTION, topic: 't/a', retain: false } as const;

  it.each([
    ['refused its topic', 'the client refused its topic', true, undefined],
    ['has not refused its topic', 'the client refused its topic', false, 'refused-by-silence'],
    ['has refused it, and the gateway had not dropped it', undefined, true, 'stuck-to-client'],
    ['did not answer', 'no answer to PUBLISH', false, undefined],
    ['has room', full, false, 'dropped-without-reason'],
    ['is sent what fits into no frame', 'it does not fit', false, undefined],
    ['is sent what fits, or the gateway had not dropped it', undefined, false, 'stuck-to-client'],
  ] as const)('take it as they take one that was told: the client %s', (_, reason, isRefused, check) => {
    const { bench, session } = subscribed(false);
    const { wire } = session;
    bench.subscribe(session, 't/#', 1);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 60 });
    if (isRefused) {
      bench.books.sent(LINK, { type: 'REGISTER', topicId: 1, msgId: 7, topicName: 't/a' });
      bench.books.handled(LINK, { type: 'REGACK', topicId: 1, msgId: 7, returnCode: 3 });
    }
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    const comes = { ...message, payload: payloadOf('b.1', 0), qos: 1, packetId: 1 } as const;
    bench.books.fromBroker({ ...comes, dup: false });
    if (reason === 'no answer to PUBLISH') {
      bench.books.sent(LINK, publish('b.1', 1, 1));
    }
    bench.books.gatewayEnded(reason === undefined ? [] : [{ ...drop, qos: 1, reason }]);
    bench.books.gatewayStarted();
    session.wire = wire;
    bench.connected();
    bench.books.fromBroker({ ...comes, dup: true });
    bench.books.atEnd(new Map([[ID, '']]));
    expect(bench.check).toBe(check);
  });
});
