import { describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../support/core-bench.ts';
import { connected, persistent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';

/** SUBSCRIBE to pre-defined id 7, QoS 1, MsgId 0x0700. */
const SUBSCRIBE_7 = '07 12 21 07 00 00 07';
const named = (name: string) => ({ predefined: { '*': { 7: name } } });

/** Filters that the client has, as the gateway knows. */
const filtersOf = ({ core }: ReturnType<typeof connected>): string[] =>
  core.session('s')?.subscriptions.map(({ filter }) => filter) ?? [];

describe('an answer of the broker that something for the same filter has gone out behind', () => {
  it('is not that of the last UNSUBSCRIBE: a name that is given up twice is given up (I-113)', () => {
    const bench = connected(named('one'));
    subscribedWith(bench, SUBSCRIBE_7);
    expect(bench.changed(named('two'))).toEqual(['#1 SUBSCRIBE id2 two qos1']);
    expect(bench.suback(1, 2, 1)).toEqual(['#1 UNSUBSCRIBE id3 one']);
    expect(bench.changed(named('one'))).toEqual(['#1 SUBSCRIBE id4 one qos1']);
    expect(bench.changed(named('two'))).toEqual(['#1 SUBSCRIBE id5 two qos1']);
    expect(bench.unsuback(1, 3)).toEqual([]);
    expect(bench.suback(1, 4, 1)).toEqual([]);
    expect(bench.suback(1, 5, 1)).toEqual(['#1 UNSUBSCRIBE id6 one']);
    expect(bench.unsuback(1, 6)).toEqual([]);
  });

  it('takes no subscription that got the name behind an UNSUBSCRIBE of the client (I-113)', () => {
    const bench = connected(named('one'));
    subscribedWith(bench, SUBSCRIBE_7);
    subscribed(bench, 'two');
    expect(bench.from('s', frame('14 00 0705', 'two'))).toEqual(['#1 UNSUBSCRIBE id3 two']);
    expect(bench.changed(named('two'))).toEqual(['#1 UNSUBSCRIBE id4 one']);
    expect(bench.unsuback(1, 3)).toEqual([`s < ${frame('15 0705')}`]);
    expect(filtersOf(bench)).toEqual([]); // I-8: the client had it there, and any UNSUBSCRIBE ends it

    const other = persistent(named('one'));
    subscribedWith(other, SUBSCRIBE_7);
    expect(other.from('s', frame('14 00 0705', 'two'))).toEqual(['#1 UNSUBSCRIBE id2 two']);
    expect(other.changed(named('two'))).toEqual(['#1 SUBSCRIBE id3 two qos1']);
    expect(other.unsuback(1, 2)).toEqual([`s < ${frame('15 0705')}`]);
    expect(other.suback(1, 3, 1)).toEqual(['#1 UNSUBSCRIBE id4 one']);
    expect(filtersOf(other)).toEqual(['two']);
  });

  it('ends no subscription, though it refuses it: the last SUBSCRIBE decides', () => {
    const bench = connected(named('one'));
    subscribedWith(bench, SUBSCRIBE_7);
    bench.changed(named('two')); // SUBSCRIBE id2 two
    bench.changed(named('one')); // SUBSCRIBE id3 one
    expect(bench.changed(named('two'))).toEqual(['#1 SUBSCRIBE id4 two qos1']);
    expect(bench.suback(1, 2, 0x80)).toEqual([]);
    expect(bench.suback(1, 3, 1)).toEqual([]);
    expect(bench.suback(1, 4, 1)).toEqual(['#1 UNSUBSCRIBE id5 one']);
    expect(filtersOf(bench)).toEqual(['two']);
  });

  it('does not settle what is owed for a request that a CONNECT has cut off, and that was made once more (I-53)', () => {
    const bench = persistent();
    bench.from('s', '04 18 1770');
    expect(bench.from('s', frame('12 20 0701', 'x/y'))).toEqual(['#1 SUBSCRIBE id1 x/y qos1']);
    expect(bench.from('s', connectFrame('s', false))).toEqual(['#1 UNSUBSCRIBE id2 x/y', 's < 030500']);
    bench.from('s', '04 18 1770');
    expect(bench.from('s', frame('12 20 0702', 'x/y'))).toEqual(['#1 SUBSCRIBE id3 x/y qos1']);
    expect(bench.from('s', connectFrame('s', false))).toEqual(['#1 UNSUBSCRIBE id4 x/y', 's < 030500']);
    bench.suback(1, 1, 1);
    bench.unsuback(1, 2);
    bench.suback(1, 3, 1);
    bench.down(1); // it has not had the last one
    const [connect = ''] = bench.pass(2_000).filter((line) => line.endsWith('CONNECT s'));
    const connection = Number(/\d+/.exec(connect)?.[0]);
    const lines = [...bench.up(connection, true), ...bench.pass(20_000)];
    expect(lines.filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringMatching(/^#\d+ UNSUBSCRIBE id\d+ x\/y$/),
    ]);
  });
});
