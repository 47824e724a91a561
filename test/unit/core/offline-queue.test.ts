import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OfflineQueue, type WaitingPublish } from '../../../src/core/state/offline-queue.ts';

describe('offline queue (3.5 item 3)', () => {
  it('keeps the order of each owner and gives everything once', () => {
    const queue = new OfflineQueue(10, 10_000);
    const [one, other] = [{}, {}];
    for (const [owner, text] of [
      [one, '1'],
      [other, 'a'],
      [one, '2'],
      [other, 'b'],
      [one, '3'],
    ] as const) {
      expect(queue.push(owner, publish(text))).toEqual([]);
    }
    expect(texts(queue.drain(one))).toEqual(['1', '2', '3']);
    expect(texts(queue.drain(one))).toEqual([]);
    expect(texts(queue.drain(other))).toEqual(['a', 'b']);
  });

  it('has one bound for all owners: the oldest of all is dropped, and told', () => {
    const queue = new OfflineQueue(2, 10_000);
    const [one, other] = [{}, {}];
    queue.push(one, publish('oldest'));
    queue.push(other, publish('a'));
    expect(texts(queue.push(other, publish('b')))).toEqual(['oldest']);
    expect(texts(queue.drain(one))).toEqual([]);
    expect(texts(queue.drain(other))).toEqual(['a', 'b']);
  });

  it('can keep the oldest and refuse the newest instead', () => {
    const queue = new OfflineQueue(2, 10_000, 'newest');
    const owner = {};
    for (const text of ['1', '2']) {
      expect(queue.push(owner, publish(text))).toEqual([]);
    }
    expect(texts(queue.push(owner, publish('3')))).toEqual(['3']);
    expect(texts(queue.drain(owner))).toEqual(['1', '2']);
  });

  it('drops one that is larger than all that may wait alone, whichever goes else', () => {
    for (const which of ['oldest', 'newest'] as const) {
      const queue = new OfflineQueue(100, 50, which);
      const owner = {};
      expect(queue.push(owner, publish('1'))).toEqual([]);
      expect(texts(queue.push(owner, publish('2'.repeat(51))))).toEqual(['2'.repeat(51)]);
      expect(texts(queue.drain(owner))).toEqual(['1']);
    }
  });

  it('drops as many as the octets demand, oldest first', () => {
    const queue = new OfflineQueue(100, 150);
    const owner = {};
    for (const text of ['1', '2', '3']) {
      expect(queue.push(owner, publish(text.repeat(40)))).toEqual([]);
    }
    expect(texts(queue.push(owner, publish('4'.repeat(100))))).toEqual(['1'.repeat(40), '2'.repeat(40)]);
    expect(texts(queue.drain(owner))).toEqual(['3'.repeat(40), '4'.repeat(100)]);
  });

  it('what was drained does not count any more', () => {
    const queue = new OfflineQueue(2, 150);
    const owner = {};
    queue.push(owner, publish('x'.repeat(100)));
    queue.push(owner, publish('y'));
    queue.drain(owner);
    expect(queue.push(owner, publish('z'.repeat(100)))).toEqual([]);
    expect(queue.push(owner, publish('z'))).toEqual([]);
  });

  it('never keeps a message that is larger than the bound alone', () => {
    const queue = new OfflineQueue(10, 150);
    const owner = {};
    expect(texts(queue.push(owner, publish('x'.repeat(151))))).toEqual(['x'.repeat(151)]);
    expect(queue.drain(owner)).toEqual([]);
    expect(queue.push(owner, publish('small'))).toEqual([]);
  });

  it('keeps nothing where the bound is 0', () => {
    const queue = new OfflineQueue(0, 10_000);
    expect(texts(queue.push(queue, publish('x')))).toEqual(['x']);
    expect(queue.drain(queue)).toEqual([]);
  });

  it('loses nothing but what it tells, whatever is pushed and drained', () => {
    const operation = fc.record({ owner: fc.nat(3), drain: fc.boolean(), octets: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const queue = new OfflineQueue(8, 200);
        const owners = [{}, {}, {}, {}];
        let model: { owner: number; publish: WaitingPublish }[] = [];
        for (const { owner, drain, octets } of operations) {
          const who = owners[owner] ?? {};
          expect(queue.first(who)).toEqual(model.find((each) => each.owner === owner)?.publish);
          if (drain) {
            expect(queue.drain(who)).toEqual(model.filter((each) => each.owner === owner).map((each) => each.publish));
            model = model.filter((each) => each.owner !== owner);
          } else {
            const message = publish('x'.repeat(octets));
            model.push({ owner, publish: message });
            const dropped = queue.push(who, message);
            expect(dropped).toEqual(model.slice(0, dropped.length).map((each) => each.publish));
            model = model.slice(dropped.length);
            expect(model.length).toBeLessThanOrEqual(8);
            expect(model.reduce((sum, each) => sum + each.publish.payload.length, 0)).toBeLessThanOrEqual(200);
          }
        }
      }),
    );
  });
});

describe('one at a time', () => {
  it('gives the oldest of an owner until it is taken, and leaves those of the others', () => {
    const queue = new OfflineQueue(10, 1_000);
    const [one, other] = [{}, {}];
    queue.push(other, publish('other'));
    queue.push(one, publish('1'));
    queue.push(one, publish('2'));
    expect([queue.first(one), queue.first(one)].map((each) => texts(each ? [each] : []))).toEqual([['1'], ['1']]);
    queue.take(one);
    expect(texts(queue.drain(one))).toEqual(['2']);
    queue.take(one);
    expect(queue.first(one)).toBeUndefined();
    expect(texts(queue.drain(other))).toEqual(['other']);
  });
});

describe('is shared fairly between sources (I-50)', () => {
  it.each([
    ['hosts', (n: number) => ({ host: `h${n}` })],
    ['links of one host', (n: number) => ({ link: `l${n}` })],
  ])('one of the %s that floods loses its own oldest, whoever came first', (_what, of) => {
    const queue = new OfflineQueue(4, 10_000);
    const owner = {};
    expect(texts(['a', 'b'].flatMap((text) => queue.push(owner, publish(text, of(1)))))).toEqual([]);
    const flood = ['1', '2', '3', '4'].flatMap((text) => queue.push(owner, publish(text, of(2))));
    expect(texts(flood)).toEqual(['1', '2']);
    expect(texts(queue.push(owner, publish('late', of(3))))).toEqual(['a']); // of two that have as many, the oldest
    expect(texts(queue.drain(owner))).toEqual(['b', '3', '4', 'late']);
  });

  it('with the newest to be dropped, one that floods keeps its oldest, and others have room', () => {
    const queue = new OfflineQueue(4, 10_000, 'newest');
    const owner = {};
    const flood = ['1', '2', '3', '4', '5'].flatMap((text) => queue.push(owner, publish(text, { host: 'flood' })));
    expect(texts(flood)).toEqual(['5']);
    expect(texts(queue.push(owner, publish('a', { host: 'other' })))).toEqual(['4']);
    expect(texts(queue.push(owner, publish('6', { host: 'flood' })))).toEqual(['6']);
    expect(texts(queue.drain(owner))).toEqual(['1', '2', '3', 'a']);
  });

  it('octets count: a few long messages of one make room, not many short ones of another', () => {
    const queue = new OfflineQueue(100, 1_000);
    const owner = {};
    queue.push(owner, publish('L'.repeat(500), { host: 'long' }));
    for (const text of ['1', '2', '3']) {
      queue.push(owner, publish(text, { host: 'short' }));
    }
    expect(texts(queue.push(owner, publish('l'.repeat(498), { host: 'long' })))).toEqual(['L'.repeat(500)]);
  });
});

/** A publish to the topic `t`. */
function publish(text: string, of: Partial<WaitingPublish> = {}): WaitingPublish {
  const payload = new TextEncoder().encode(text);
  return { topic: 't', payload, retain: false, clientId: 's', link: 'udp:s', host: 'udp s', qos: 0, ...of };
}

function texts(publishes: readonly WaitingPublish[]): string[] {
  return publishes.map((each) => new TextDecoder().decode(each.payload));
}
