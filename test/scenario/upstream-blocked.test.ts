import { describe, expect, it } from '@jest/globals';
import { CoreBench, frame } from '../support/core-bench.ts';
import { S1 } from '../support/core-bench-frames.ts';
import { connected, registered, subscribed } from '../support/core-bench-traffic.ts';

/** A bench with the client `s` on connection 1, and "a/b" registered as topic id 1. */
function publishing(options: ConstructorParameters<typeof CoreBench>[0] = {}): CoreBench {
  const bench = connected(options);
  registered(bench, 'a/b');
  return bench;
}

const qos0 = (text: string): string => frame('0c 00 0001 0000', text);
const blocked = (bench: CoreBench, connection = 1): string[] => bench.feed({ type: 'upstream-blocked', connection });
const drained = (bench: CoreBench, connection = 1): string[] => bench.feed({ type: 'upstream-drained', connection });

describe('a broker that takes no more for a while (3.5 item 3)', () => {
  it('gets what was published with QoS 0 meanwhile, in order, when it takes more, and what comes behind it at once', () => {
    const bench = publishing();
    expect(bench.from('s', qos0('one'))).toEqual(['#1 PUBLISH qos0 a/b "one"']);
    expect(blocked(bench)).toEqual([]);
    expect(bench.from('s', qos0('two'))).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'client-published', clientId: 's', link: 'udp:s', qos: 0 }]);
    expect(bench.from('s', qos0('three'))).toEqual([]);
    expect(drained(bench)).toEqual(['#1 PUBLISH qos0 a/b "two"', '#1 PUBLISH qos0 a/b "three"']);
    expect(bench.from('s', qos0('four'))).toEqual(['#1 PUBLISH qos0 a/b "four"']);
    expect(drained(bench)).toEqual([]);
  });

  it('QoS 1 and 2, subscriptions and answers go on: their number is bounded already', () => {
    const bench = publishing();
    subscribed(bench, 'c/d');
    blocked(bench);
    expect(bench.from('s', frame('0c 20 0001 0001', 'x'))).toEqual(['#1 PUBLISH qos1 id2 a/b "x"']);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual(['s < 070d0001000100']);
    expect(bench.from('s', frame('12 20 0002', 'e'))).toEqual(['#1 SUBSCRIBE id3 e qos1']);
    expect(bench.message(1, 'c/d', 'y')).toEqual(['s < 080c000002000079']);
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
  });

  it.each([
    ['oldest', ['two', 'three']],
    ['newest', ['one', 'two']],
  ] as const)('no more wait than upstream.offlineQueue.messages: the %s is dropped, and noted', (drop, kept) => {
    const bench = publishing({ settings: { upstream: { offlineQueue: { messages: 2, drop } } } });
    blocked(bench);
    bench.from('s', qos0('one'));
    bench.from('s', qos0('two'));
    bench.from('s', qos0('three'));
    const reason = 'too many wait for the broker';
    const dropped = { type: 'client-publish-dropped', clientId: 's', link: 'udp:s', qos: 0, reason };
    expect(bench.notes.filter(({ type }) => type === 'client-publish-dropped')).toEqual([dropped]);
    expect(drained(bench)).toEqual(kept.map((text) => `#1 PUBLISH qos0 a/b "${text}"`));
  });

  it('holds up nobody else: each connection takes more or less for itself', () => {
    const bench = publishing();
    bench.connect('t', 't', { duration: 1000 });
    bench.from('t', frame('0a 0000 0701', 'e/f'));
    blocked(bench);
    expect(bench.from('t', qos0('mine'))).toEqual(['#2 PUBLISH qos0 e/f "mine"']);
    expect(bench.from('s', qos0('waits'))).toEqual([]);
    expect(drained(bench, 2)).toEqual([]);
  });

  it('QoS −1 waits for the connection of the gateway in the same way', () => {
    const bench = new CoreBench();
    expect(bench.from('anyone', S1.publishQosMinus1)).toEqual(['#1 CONNECT (gateway) clean']);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 tp "4"']);
    blocked(bench);
    expect(bench.from('anyone', S1.publishQosMinus1)).toEqual([]);
    expect(drained(bench)).toEqual(['#1 PUBLISH qos0 tp "4"']);
    expect(bench.from('anyone', S1.publishQosMinus1)).toEqual(['#1 PUBLISH qos0 tp "4"']);
  });

  it('what waits goes out before the DISCONNECT of a client that leaves', () => {
    const bench = publishing();
    blocked(bench);
    bench.from('s', qos0('last words'));
    expect(bench.from('s', '02 18')).toEqual(['s < 0218', '#1 PUBLISH qos0 a/b "last words"', '#1 DISCONNECT']);
  });

  it('what waits goes out before the gateway stops, also that of QoS −1', () => {
    const bench = publishing();
    bench.from('anyone', S1.publishQosMinus1);
    bench.up(2);
    blocked(bench);
    blocked(bench, 2);
    bench.from('s', qos0('last words'));
    bench.from('anyone', S1.publishQosMinus1);
    expect(bench.feed({ type: 'operator-stopped' })).toEqual([
      's < 0218',
      '#1 PUBLISH qos0 a/b "last words"',
      '#1 DISCONNECT',
      '#2 PUBLISH qos0 tp "4"',
      '#2 DISCONNECT',
    ]);
  });

  it('what waits survives the end of the connection, and the next one takes it at once', () => {
    const bench = publishing();
    blocked(bench);
    bench.from('s', qos0('one'));
    bench.down(1);
    bench.pass(1_000);
    bench.from('s', qos0('two'));
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos0 a/b "one"', '#3 PUBLISH qos0 a/b "two"']);
    expect(bench.from('s', qos0('three'))).toEqual(['#3 PUBLISH qos0 a/b "three"']);
  });

  it('a word of a connection that is gone means nothing', () => {
    const bench = publishing();
    bench.down(1);
    bench.pass(1_000);
    expect(blocked(bench, 1)).toEqual([]);
    expect(drained(bench, 1)).toEqual([]);
    expect(drained(bench, 77)).toEqual([]);
    bench.from('s', qos0('waits for the connection'));
    expect(drained(bench, 3)).toEqual([]);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos0 a/b "waits for the connection"']);
    expect(bench.from('s', qos0('x'))).toEqual(['#3 PUBLISH qos0 a/b "x"']);
  });
});
