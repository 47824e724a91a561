import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';

const REGISTER = frame('0a 0000 0001', 'a/b');

describe('what can be shown of a session', () => {
  it('is all that an operator asks for', () => {
    const bench = new CoreBench();
    const connection = bench.subscriber('s', 's', { topic: 'c/d', duration: 60 });
    bench.now += 1_000;
    bench.from('s', REGISTER);
    bench.from('s', '08 0c 20 0002 0007 78'); // QoS 1, without the broker's answer
    bench.from('s', '08 0c 00 0002 0000 78'); // QoS 0
    bench.message(connection, 'c/d', 'one');
    bench.message(connection, 'c/d', 'two', { qos: 1, packetId: 9 });
    expect(bench.core.session('s')).toEqual({
      clientId: 's',
      state: 'active',
      since: 1_000_000,
      link: 'udp:s',
      address: 's',
      transport: 'udp',
      identity: undefined,
      accessRule: undefined,
      connection: undefined,
      cleanSession: false,
      keepAlive: 60_000,
      lastHeard: 1_001_000,
      sleepDuration: undefined,
      sleepUntil: undefined,
      waiting: 1,
      inFlight: 1,
      topicIds: [
        { topicId: 1, topicName: 'c/d', known: true },
        { topicId: 2, topicName: 'a/b', known: true },
      ],
      subscriptions: [{ filter: 'c/d', qos: 2 }],
      waitingMessages: [{ topic: 'c/d', qos: 1, octets: 3, since: 1_001_000 }],
      willTopic: undefined,
      lastTopic: 'a/b',
      lastOctets: 1,
      counters: { published: 2, delivered: 1, dropped: 0 },
    });
  });

  it('names the first twenty messages that wait, in their order', () => {
    const bench = new CoreBench();
    const connection = bench.subscriber('s', 's', { topic: 'c/#' });
    for (let number = 1; number <= 25; number++) {
      bench.message(connection, `c/${number}`, 'x'.repeat(number), { qos: 1, packetId: number });
    }
    const view = bench.core.session('s');
    expect([view?.waiting, view?.waitingMessages.length]).toEqual([25, 20]);
    expect(view?.waitingMessages.map(({ octets }) => octets).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('says since when it is in its state, and until when it sleeps', () => {
    const bench = new CoreBench();
    bench.connect('s');
    bench.now += 5_000;
    bench.from('s', '04 18 0258'); // DISCONNECT for 600 s
    const asleepAt = bench.now;
    bench.now += 5_000;
    expect(bench.core.session('s')).toMatchObject({
      state: 'asleep',
      since: asleepAt,
      sleepUntil: asleepAt + 600_000,
      lastHeard: asleepAt,
    });
    bench.from('s', '03 16 73'); // PINGREQ, answered with PINGRESP: it sleeps for the full duration again (SL-5)
    expect(bench.core.session('s')).toMatchObject({
      state: 'asleep',
      since: bench.now,
      sleepUntil: bench.now + 600_000,
    });
  });

  it('counts the sleep from the last message: another DISCONNECT with a Duration begins it anew (SL-12)', () => {
    const bench = new CoreBench();
    bench.connect('s');
    bench.from('s', '04 18 0258');
    bench.now += 50_000;
    bench.from('s', '04 18 0064'); // 100 s
    expect(bench.core.session('s')?.sleepUntil).toBe(bench.now + 100_000);
  });

  it('names the node behind a forwarder, and the topic of a will', () => {
    const bench = new CoreBench();
    bench.from('f', `04 fe 00 01 ${frame('04 0c 01 003c', 'node')}`);
    bench.from('f', `04 fe 00 01 ${frame('07 00', 'w')}`);
    bench.from('f', '04 fe 00 01 03 09 78');
    bench.up(1);
    expect(bench.core.session('node')).toMatchObject({
      state: 'active',
      link: 'udp:f/01',
      address: 'f/01',
      willTopic: 'w',
    });
  });

  it('is of every session, in no more than one look, and of none that is not there', () => {
    const bench = new CoreBench();
    for (const client of ['a', 'b', 'c']) {
      bench.connect(client);
    }
    bench.from('b', '02 18');
    expect([...bench.core.sessions()].map(({ clientId }) => clientId)).toEqual(['a', 'c']);
    expect([...bench.core.clientIds()]).toEqual(['a', 'c']);
    expect(bench.core.session('b')).toBeUndefined();
  });

  it('is summed up by transport and state, without a look at each', () => {
    const bench = new CoreBench();
    bench.open('xbee');
    bench.connect('awake');
    bench.connect('sleeper');
    bench.from('sleeper', '04 18 0258');
    bench.from('xbee:7', connectFrame('radio'));
    bench.up(3);
    expect(bench.core.census()).toEqual(
      new Map([
        ['udp', { active: 1, asleep: 1, awake: 0, lost: 0, disconnected: 0 }],
        ['xbee', { active: 1, asleep: 0, awake: 0, lost: 0, disconnected: 0 }],
      ]),
    );
    bench.from('xbee:8', '09 16 73 6c 65 65 70 65 72'); // PINGREQ of the sleeper, from elsewhere
    bench.from('xbee:7', '02 18');
    expect(bench.core.census().get('udp')).toMatchObject({ active: 1, asleep: 0 });
    expect(bench.core.census().get('xbee')).toMatchObject({ active: 0, asleep: 1 });
  });

  it('has a summary without lists, which says the same of everything else', () => {
    const bench = new CoreBench();
    bench.subscriber('s', 's', { topic: 'c/d', duration: 60 });
    const { topicIds, subscriptions, waitingMessages, ...rest } = bench.core.session('s') ?? {};
    expect([topicIds?.length, subscriptions?.length, waitingMessages?.length]).toEqual([1, 1, 0]);
    const summary = bench.core.summary('s');
    expect(summary).toEqual(rest);
    bench.now += 1_000;
    bench.from('s', REGISTER);
    bench.from('s', '08 0c 00 0002 0000 78');
    expect(summary).toEqual(rest);
    expect(bench.core.summary('s')?.counters.published).toBe(1);
    expect(bench.core.summary('nobody')).toBeUndefined();
  });

  it('is frozen, and does not change with the session', () => {
    const bench = new CoreBench();
    bench.from('s', connectFrame('s'));
    bench.up(1);
    bench.from('s', REGISTER);
    const before = bench.core.session('s');
    bench.from('s', frame('0a 0000 0002', 'c/d'));
    expect(before?.topicIds).toHaveLength(1);
    for (const part of [before, before?.topicIds, before?.topicIds[0], before?.subscriptions, before?.counters]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});
