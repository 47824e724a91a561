import { describe, expect, it } from '@jest/globals';
import { payloadOf } from '../payload.ts';
import { Bench, ID, LINK, publish } from './bench.ts';

const THIEF = 'udp:y1@thief';

describe('books of what others try (I-117)', () => {
  it('object where a session is not as it was, and where there is one that was not there', () => {
    const touched = (before: string | undefined, after: string | undefined) => {
      const bench = new Bench();
      bench.books.touched(ID, THIEF, before, after);
      return bench.check;
    };
    expect(touched('asleep', 'asleep')).toBeUndefined();
    expect(touched(undefined, undefined)).toBeUndefined();
    expect(touched('asleep', 'active')).toBe('foreign-identity');
    expect(touched(undefined, 'active')).toBe('foreign-identity');
  });

  it('are content with refusals, and object to every other answer to a thief', () => {
    const told = (...messages: readonly Parameters<Bench['books']['sent']>[1][]) => {
      const bench = new Bench();
      bench.books.thiefSpeaks(THIEF);
      for (const message of messages) {
        bench.books.sent(THIEF, message);
      }
      return bench.check;
    };
    expect(told({ type: 'CONNACK', returnCode: 3 }, { type: 'DISCONNECT', duration: undefined })).toBeUndefined();
    expect(told({ type: 'CONNACK', returnCode: 0 })).toBe('foreign-identity');
    expect(told({ type: 'PINGRESP' })).toBe('foreign-identity');
    expect(told(publish('b.1', 0, 0))).toBe('foreign-identity');
  });
});

describe('books of what is denied (I-118, I-119)', () => {
  const denied = { publish: ['t/a'], read: ['t/a'] };

  it('object to a publish that reaches the broker all the same', () => {
    const bench = new Bench({ denied });
    bench.books.brokerHas(ID, payloadOf('c0.1', 0), 't/b', 1, true);
    expect(bench.check).toBeUndefined();
    bench.books.brokerHas('', payloadOf('c0.2', 0), 't/a', 0, true);
    expect(bench.check).toBe('denied-done');
  });

  it('object to a message that reaches the client all the same, and to none that is dropped for that', () => {
    const dropped = new Bench({ denied });
    dropped.books.enqueued(ID, 'b.1', 't/a', 1, false);
    const reason = 'reading this topic is not granted (access rule "c0")';
    dropped.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/a', qos: 1, reason });
    expect(dropped.check).toBeUndefined();
    dropped.books.noted({ type: 'delivery-dropped', clientId: ID, link: LINK, topic: 't/b', qos: 1, reason });
    expect(dropped.check).toBe('dropped-without-reason');
    const sent = new Bench({ denied });
    sent.books.enqueued(ID, 'b.1', 't/a', 1, false);
    sent.books.sent(LINK, publish('b.1', 1, 1));
    expect(sent.check).toBe('denied-done');
  });
});
