import { describe, expect, it } from '@jest/globals';
import { isoSeconds } from '../../../src/status/client-report.ts';
import { StatusBench } from './status-bench.ts';

describe('the status of a client', () => {
  it('is told when it connects', () => {
    const bench = new StatusBench();
    bench.pass(10_000);
    bench.connects('sensor-7', { waiting: 2 });
    bench.settle();
    expect(bench.json('gw/clients/sensor-7/state')).toEqual({
      clientId: 'sensor-7',
      state: 'active',
      connected: true,
      transport: 'udp',
      address: '192.0.2.7:4711',
      lastSeen: '2026-11-29T12:00:11Z',
      sleepUntil: null,
      waiting: 2,
      rssi: null,
    });
    expect(bench.broker.said.at(-1)?.retain).toBe(true);
  });

  it('says in an aggregating gateway whose connection to the broker it has', () => {
    const bench = new StatusBench();
    bench.connects('meter', { connection: 'own' });
    bench.connects('room', { connection: 'shared' });
    bench.settle();
    bench.pass(10_000);
    expect(bench.json('gw/clients/meter/state')).toMatchObject({ connection: 'own' });
    expect(bench.json('gw/clients/room/state')).toMatchObject({ connection: 'shared' });
  });

  it.each([
    ['active', true],
    ['asleep', true],
    ['awake', true],
    ['lost', false],
    ['disconnected', false],
  ] as const)('%s: connected is %j', (state, connected) => {
    const bench = new StatusBench();
    bench.connects('a', { state, ...(state === 'asleep' && { sleepUntil: bench.now + 3_600_000 }) });
    bench.settle();
    expect(bench.json('gw/clients/a/state')).toMatchObject({
      state,
      connected,
      sleepUntil: state === 'asleep' ? '2026-11-29T13:00:01Z' : null,
    });
  });

  it('is told of clients that were there before, once the connection stands', () => {
    const bench = new StatusBench({ isUp: false });
    bench.view('a', { state: 'disconnected' });
    bench.own(true);
    bench.settle();
    expect(bench.json('gw/clients/a/state')).toMatchObject({ state: 'disconnected' });
  });

  it('is told at each change of its state or address, and not when it publishes', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.said();
    bench.note({ type: 'client-published', clientId: 'a', link: 'udp:192.0.2.7:4711', qos: 1 });
    bench.note({ type: 'delivered', clientId: 'a', link: 'udp:192.0.2.7:4711', qos: 1 });
    bench.note({ type: 'subscribed', clientId: 'a', link: 'udp:192.0.2.7:4711', filter: 'x', qos: 1 });
    bench.settle();
    expect(bench.said()).toEqual([]);
    const link = 'udp:192.0.2.8:9';
    bench.view('a', { link, state: 'asleep' });
    bench.note({ type: 'client-asleep', clientId: 'a', link, duration: 60 });
    bench.settle();
    bench.view('a', { link, state: 'awake' });
    bench.note({ type: 'client-awake', clientId: 'a', link, waiting: 0 });
    bench.settle();
    bench.view('a', { link, state: 'asleep' });
    bench.note({ type: 'client-asleep-again', clientId: 'a', link, duration: 60 });
    bench.settle();
    const states = bench.said().map((line) => JSON.parse(line.slice(line.indexOf(' '))));
    expect(states).toMatchObject([
      { state: 'asleep', address: '192.0.2.8:9' },
      { state: 'awake', address: '192.0.2.8:9' },
      { state: 'asleep', address: '192.0.2.8:9' },
    ]);
  });

  it('has when it was seen last, every five minutes where nothing else changes', () => {
    const bench = new StatusBench();
    bench.connects('busy');
    bench.connects('quiet');
    bench.settle();
    bench.said();
    let clients: string[] = [];
    const seconds = 16 * 60;
    for (let second = 0; second < seconds; second++) {
      bench.view('busy');
      bench.pass(1_000);
      clients = [...clients, ...bench.said().filter((line) => line.startsWith('gw/clients'))];
    }
    expect(clients.map((line) => line.split(' ')[0])).toEqual(Array(3).fill('gw/clients/busy/state'));
    const seen = clients.map((line) => Date.parse(JSON.parse(line.slice(line.indexOf('{'))).lastSeen));
    expect(seen.map((time, i) => (i === 0 ? 0 : time - (seen[i - 1] ?? 0)))).toEqual([0, 300_000, 300_000]);
  });

  it('is taken away when its session is forgotten or expires', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.said();
    bench.forgets('a');
    bench.settle();
    expect(bench.said()).toEqual(['gw/clients/a/state ']);
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
    bench.pass(700_000);
    expect(bench.said().filter((line) => line.startsWith('gw/clients'))).toEqual([]);
  });

  it('is taken away when a client that is not there is forgotten', () => {
    const bench = new StatusBench();
    bench.connects('a', { state: 'disconnected' });
    bench.settle();
    bench.views.delete('a');
    bench.note({ type: 'session-forgotten', clientId: 'a', link: 'udp:192.0.2.7:4711' });
    bench.settle();
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it.each([
    ['client-lost', 'lost'],
    ['client-disconnected', 'disconnected'],
  ] as const)('says of one whose session ends with its connection how it left, for an hour (%s)', (type, state) => {
    const bench = new StatusBench();
    const link = 'udp:192.0.2.7:4711';
    bench.connects('a');
    bench.settle();
    bench.pass(90_000);
    bench.views.delete('a');
    bench.note({ type, clientId: 'a', link, reason: 'why', will: false });
    bench.settle();
    expect(bench.json('gw/clients/a/state')).toEqual({
      clientId: 'a',
      state,
      connected: false,
      transport: 'udp',
      address: '192.0.2.7:4711',
      lastSeen: '2026-11-29T12:00:01Z',
      sleepUntil: null,
      waiting: 0,
      rssi: null,
    });
    bench.broker.breaks();
    bench.broker.retained.clear();
    bench.pass(3_500_000);
    expect(bench.json('gw/clients/a/state')).toMatchObject({ state });
    bench.pass(100_000 + 300_000);
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it('says it also of one that left while there was no connection', () => {
    const bench = new StatusBench();
    bench.broker.breaks();
    bench.settle();
    bench.connects('a');
    bench.views.delete('a');
    bench.note({ type: 'client-lost', clientId: 'a', link: 'udp:192.0.2.7:4711', reason: 'why', will: false });
    bench.pass(2_000);
    expect(bench.json('gw/clients/a/state')).toMatchObject({ state: 'lost', lastSeen: '2026-11-29T12:00:01Z' });
  });

  it('says it until it comes back, or is forgotten', async () => {
    const bench = new StatusBench({ settings: { requests: true } });
    const link = 'udp:192.0.2.7:4711';
    for (const clientId of ['a', 'b', 'c']) {
      bench.connects(clientId);
      bench.views.delete(clientId);
      bench.note({ type: 'client-lost', clientId, link, reason: 'why', will: false });
    }
    bench.settle();
    bench.connects('a');
    bench.note({ type: 'session-forgotten', clientId: 'b', link });
    bench.broker.publish('gw/request/forget', '{"clientId":"c"}');
    bench.settle();
    await new Promise((resolve) => setImmediate(resolve));
    bench.settle();
    expect(bench.json('gw/clients/a/state')).toMatchObject({ state: 'active' });
    expect(bench.broker.retained.has('gw/clients/b/state')).toBe(false);
    expect(bench.broker.retained.has('gw/clients/c/state')).toBe(false);
    bench.forgets('a');
    bench.settle();
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it('says it of the last 10,000', () => {
    const bench = new StatusBench();
    for (let i = 0; i < 10_100; i++) {
      bench.note({ type: 'client-lost', clientId: `c${i}`, link: 'udp:192.0.2.7:4711', reason: 'why', will: false });
      if (i % 100 === 0) {
        bench.pass(1_000);
      }
    }
    bench.pass(10_000);
    expect(bench.broker.retained.has('gw/clients/c99/state')).toBe(false);
    expect(bench.broker.retained.has('gw/clients/c100/state')).toBe(true);
    expect([...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'))).toHaveLength(10_000);
  });

  it('is taken away though nothing was noted, within five minutes', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.views.delete('a');
    bench.pass(300_000);
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it('is taken away on the next connection where the session went while there was none', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.broker.breaks();
    bench.settle();
    bench.forgets('a');
    bench.connects('b');
    bench.pass(1_000);
    expect([...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients'))).toEqual([
      'gw/clients/b/state',
    ]);
  });

  it('is taken away though the connection breaks on the way', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.broker.acknowledges = false;
    bench.forgets('a');
    bench.settle();
    bench.broker.retained.set('gw/clients/a/state', 'the broker has not got it');
    bench.broker.breaks();
    bench.broker.acknowledges = true;
    bench.pass(2_000);
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it('is told of one who comes back while it is being taken away', () => {
    const bench = new StatusBench();
    bench.connects('a');
    bench.settle();
    bench.broker.acknowledges = false;
    bench.forgets('a');
    bench.settle();
    bench.connects('a');
    bench.settle();
    bench.broker.acknowledge();
    bench.settle();
    bench.forgets('a');
    bench.settle();
    bench.broker.acknowledge();
    bench.settle();
    expect(bench.broker.retained.has('gw/clients/a/state')).toBe(false);
  });

  it('has nothing to say of clients that come and go before it can be said', () => {
    const bench = new StatusBench();
    bench.said();
    bench.connects('a');
    bench.forgets('a');
    bench.settle();
    expect(bench.said()).toEqual([]);
  });

  it('has the strength of the signal where the radio tells it', () => {
    const bench = new StatusBench();
    const link = 'xbee:0013a20040014011';
    bench.note({ type: 'radio-signal', link, rssi: -71, retries: undefined });
    bench.note({ type: 'radio-signal', link, rssi: undefined, retries: 2 });
    bench.connects('a', { link, transport: 'xbee' });
    bench.settle();
    expect(bench.json('gw/clients/a/state')).toMatchObject({
      transport: 'xbee',
      address: '0013a20040014011',
      rssi: -71,
    });
  });

  it('has odd client ids as one level each, and no more than a topic can hold', () => {
    const bench = new StatusBench();
    const odd = ['a/b', 'a%2Fb', '+', '#', 'a/../../state', '\u0001', '<b>', '$SYS', '😀'];
    for (const clientId of [...odd, 'x'.repeat(6_000), '\u0001'.repeat(6_000), 'x'.repeat(6_001)]) {
      bench.connects(clientId);
    }
    bench.settle();
    const topics = [...bench.broker.retained.keys()].filter((topic) => topic.startsWith('gw/clients/'));
    expect(topics.map((topic) => topic.split('/').length)).toEqual(Array(odd.length + 2).fill(4));
    expect(new Set(topics).size).toBe(odd.length + 2);
    expect(Math.max(...topics.map((topic) => Buffer.byteLength(topic)))).toBeLessThan(65_535);
    expect(bench.json('gw/clients/a%2F..%2F..%2Fstate/state')).toMatchObject({ clientId: 'a/../../state' });
  });

  it('has nothing of payloads, topics, subscriptions and wills', () => {
    const bench = new StatusBench();
    bench.connects('a', {
      willTopic: 'secret/will',
      lastTopic: 'secret/topic',
      subscriptions: [{ filter: 'secret/filter', qos: 1 }],
      topicIds: [{ topicId: 1, topicName: 'secret/name', known: true }],
    });
    bench.settle();
    expect(JSON.stringify([...bench.broker.retained])).not.toContain('secret');
  });
});

it('times are cut, not rounded: none lies in the future', () => {
  expect(isoSeconds(Date.UTC(2026, 10, 29, 12, 0, 1, 900))).toBe('2026-11-29T12:00:01Z');
});
