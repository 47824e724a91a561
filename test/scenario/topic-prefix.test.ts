import { describe, expect, it } from '@jest/globals';
import { frame } from '../support/core-bench.ts';
import { exchangeWill, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { DiskBench, restartedAndUp } from '../support/core-bench-restart.ts';
import { connected, registered, sent, subscribed } from '../support/core-bench-traffic.ts';

const prefixed = (topicPrefix: string) => ({ settings: { upstream: { topicPrefix } } });

describe('upstream.topicPrefix', () => {
  it('stands before what a client publishes, with every QoS', () => {
    const bench = connected(prefixed('site/'));
    registered(bench, 'a/b');
    expect(bench.from('s', frame('0c 00 0001 0000', 'x'))).toEqual(['#1 PUBLISH qos0 site/a/b "x"']);
    expect(bench.from('s', frame('0c 20 0001 0001', 'x'))).toEqual(['#1 PUBLISH qos1 id1 site/a/b "x"']);
    expect(bench.from('s', frame('0c 42 6162 0002', 'x'))).toEqual(['#1 PUBLISH qos2 id2 site/ab "x"']);
  });

  it('stands before the filters of SUBSCRIBE and UNSUBSCRIBE, behind the name of a shared one', () => {
    const bench = connected(prefixed('site/'));
    expect(bench.from('s', frame('12 20 0001', 'a/#'))).toEqual(['#1 SUBSCRIBE id1 site/a/# qos1']);
    bench.suback(1, 1, 1);
    expect(bench.from('s', frame('12 20 0002', '$share/g/b'))).toEqual(['#1 SUBSCRIBE id2 $share/g/site/b qos1']);
    bench.suback(1, 2, 1);
    expect(bench.from('s', frame('14 00 0003', 'a/#'))).toEqual(['#1 UNSUBSCRIBE id3 site/a/#']);
  });

  it('is taken off what comes back', () => {
    const bench = connected(prefixed('site/'));
    subscribed(bench, 'a/b');
    expect(bench.message(1, 'site/a/b', 'x')).toEqual([sent('0c 00 0001 0000', 'x')]);
    subscribed(bench, '#', 1);
    expect(bench.message(1, 'site/c', 'x')).toEqual([sent('0a 0002 0001', 'c')]);
  });

  it('has the client id for %c, so that levels stay levels', () => {
    const bench = connected(prefixed('%c/'));
    bench.connect('t', 'a/+', { duration: 1000 });
    subscribed(bench, 'x');
    expect(bench.from('s', frame('0c 02 6162 0000', 'x'))).toEqual(['#1 PUBLISH qos0 s/ab "x"']);
    expect(bench.from('t', frame('0c 02 6162 0000', 'x'))).toEqual(['#2 PUBLISH qos0 a%2F%2B/ab "x"']);
  });

  it('has nothing for %c before a publish with QoS −1', () => {
    const bench = connected(prefixed('%c/all/'));
    openOwnConnection(bench, 2);
    expect(bench.from('any', frame('0c 62 6162 0000', 'x'))).toEqual(['#2 PUBLISH qos0 /all/ab "x"']);
  });

  it('stands before the will', () => {
    const bench = new DiskBench(prefixed('site/'));
    expect(exchangeWill(bench, S1.connectKeepWill).at(-1)).toMatch(/^#1 CONNECT s1 will site\/w\/s1 /);
  });

  it('stands before what has waited for the broker', () => {
    const bench = connected(prefixed('site/'));
    bench.down(1);
    bench.from('s', frame('0c 02 6162 0000', 'x'));
    bench.pass(1_000);
    expect(bench.up(3)).toEqual(['#3 PUBLISH qos0 site/ab "x"']);
  });

  it('a message whose topic has another one is no delivery: the broker may forget it, and it is counted', () => {
    const bench = connected(prefixed('site/'));
    subscribed(bench, '#', 2);
    expect(bench.message(1, 'other/c', 'x', { qos: 1, packetId: 9 })).toEqual(['#1 PUBACK id9']);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'delivery-dropped', topic: 'other/c' }));
    expect(bench.core.session('s')?.counters.dropped).toBe(1);
    expect(bench.message(1, 'other/c', 'x', { qos: 2, packetId: 10 })).toEqual(['#1 PUBREC id10']);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
  });

  it.each([
    ['', '', 'the broker has sent it without a topic name'],
    ['site/', '', 'the broker has sent it without a topic name'],
    ['site/', 'site/', 'its topic at the broker is upstream.topicPrefix, with nothing behind it'],
    ['site/', 'else/a', 'its topic at the broker does not begin with upstream.topicPrefix'],
  ])('%j: a message with the topic %j is dropped, for that reason', (prefix, topic, reason) => {
    const bench = connected(prefixed(prefix));
    subscribed(bench, '#');
    expect(bench.message(1, topic, 'x', { qos: 1, packetId: 9 })).toEqual(['#1 PUBACK id9']);
    expect(bench.notes).toEqual([{ type: 'delivery-dropped', clientId: 's', link: 'udp:s', topic, qos: 1, reason }]);
  });

  it('counts for the Maximum Packet Size of the broker (I-44)', () => {
    const bench = connected(prefixed('a-long-prefix/'));
    bench.down(1);
    bench.pass(1_000);
    bench.feed({ type: 'upstream-connected', connection: 3, sessionPresent: false, maximumPacketSize: 24 });
    expect(bench.from('s', frame('0c 22 6162 0001', '1'))).toEqual(['#3 PUBLISH qos1 id1 a-long-prefix/ab "1"']);
    expect(bench.from('s', frame('0c 22 6162 0002', '22'))).toEqual([sent('0d 6162 0002 03')]);
  });

  it('is another one after a restart: the broker is asked for the subscriptions again, though it has the session', () => {
    const bench = new DiskBench(prefixed('old/'));
    bench.connect('s', 's', { clean: false });
    subscribed(bench, 'a/b');
    const same = restartedAndUp(bench);
    expect(same.restored.filter((line) => line.includes('SUBSCRIBE'))).toEqual([]);
    Object.assign(bench, { options: prefixed('new/') });
    const other = restartedAndUp(bench);
    expect(other.restored.filter((line) => line.includes('SUBSCRIBE'))).toEqual([
      expect.stringMatching(/^#1 SUBSCRIBE id\d+ new\/a\/b qos1/),
    ]);
  });
});
