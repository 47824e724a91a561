import { describe, expect, it } from '@jest/globals';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK } from './bench.ts';
import { FULL_DISK } from './calm.ts';

const drop = { type: 'delivery-dropped', clientId: ID, link: LINK, qos: 1, topic: 't/a' } as const;

describe('the books of a note that a message was dropped, which waits for a disk that stays full', () => {
  it.each([
    ['while it is', 60_000, 60_000, undefined],
    ['when it has room again, and may hang', 60_000, 75_000, undefined],
    ['when it has had room for long', 60_000, 78_000, 'acknowledged-not-delivered'],
    ['long after a shorter time without', 15_000, 40_000, 'acknowledged-not-delivered'],
  ] as const)('wait for it where it comes %s', (_what, over, told, check) => {
    const bench = new Bench({ clean: false }, [], 'aggregating');
    const session = bench.sharedSession();
    bench.connected();
    bench.subscribe(session, 't/a', 1);
    bench.books.noted({ type: 'client-asleep', clientId: ID, link: LINK, duration: 600 });
    const room = bench.calm.begins(FULL_DISK);
    bench.pass(10_000);
    bench.broker.publish('t/a', payloadOf('b.1', 0), 1, false);
    bench.acknowledge('PUBACK', 1);
    bench.pass(over);
    room();
    bench.pass(told - over);
    bench.books.noted({ ...drop, reason: 'it does not fit' });
    bench.pass(100_000);
    expect(bench.check).toBe(check);
  });
});
