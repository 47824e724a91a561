import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../../src/core/contract/effect.ts';
import type { Note } from '../../../src/core/contract/note.ts';
import { HubBench, type HubBenchOptions } from '../../support/hub-bench.ts';

type Drop = Extract<Note, { type: 'delivery-dropped' }>;

/** Persistent clients with `tp`, QoS 2, that sleep. */
function asleep(sessions: object, names: readonly string[] = ['a'], upstream: object = {}): HubBench {
  const bench = new HubBench({ settings: { sessions, upstream } } as HubBenchOptions);
  for (const name of names) {
    bench.client(name, { clean: false });
    bench.subscribe(name, 'tp', 2);
    bench.says(name, '04 18 0E 10');
    bench.got(name);
  }
  return bench;
}

let last = 0;

function comes(bench: HubBench, text: string, qos: 0 | 1 | 2 = 1, topic = 'tp'): string[] {
  const identifiers = [...bench.disk.values()].flatMap((one) => (one.kind === 'filter' ? one.identifier : []));
  return bench.comes(topic, text, { qos, packetId: qos === 0 ? 0 : ++last, identifiers: identifiers.slice(-1) });
}

function wakes(bench: HubBench, name = 'a'): string[] {
  bench.says(name, `03 16 ${Buffer.from(name).toString('hex')}`);
  return bench.got(name).slice(0, -1);
}

function drops(bench: HubBench): Drop[] {
  const notes = bench.turns.flat().flatMap((effect: Effect) => (effect.type === 'note' ? [effect.note] : []));
  return notes.filter((note): note is Drop => note.type === 'delivery-dropped');
}

const reasons = (bench: HubBench): string[] => drops(bench).map(({ reason }) => reason);
const BIG = 'B'.repeat(150);

describe('a message that is larger than what may wait (I-99)', () => {
  it.each([
    ['for the client', { queue: { octets: 100 } }, 1, 'the client (sessions.queue.octets: 100)'],
    ['for all', { queue: { octetsInAll: 100 } }, 1, 'all clients together (sessions.queue.octetsInAll: 100)'],
    ['for the client', { queue: { octets: 100 } }, 0, 'the client (sessions.queue.octets: 100)'],
    ['with QoS 0', { sleepBufferOctets: 100 }, 0, 'the client (sessions.sleepBufferOctets: 100)'],
    [
      'with QoS 0 for all',
      { sleepBufferOctetsInAll: 100 },
      0,
      'all clients together (sessions.sleepBufferOctetsInAll: 100)',
    ],
  ] as const)('%s is dropped alone, and told: %j, QoS %i', (_what, sessions, qos, limit) => {
    const bench = asleep(sessions);
    comes(bench, 'one', qos);
    comes(bench, 'two', qos);
    const told = comes(bench, BIG, qos);
    expect(told).toEqual(qos === 0 ? [] : [`#2 PUBACK id${last}`]);
    expect(reasons(bench)).toEqual([`it is larger than what may wait for ${limit}`]);
    expect(wakes(bench)).toEqual([`qos${qos} tp "one"`, `qos${qos} tp "two"`]);
    expect([...bench.disk.keys()].filter((key) => /^(message|parcel)/.test(key))).toEqual([]);
  });

  it('reaches a client that takes it at once', () => {
    const bench = asleep({ queue: { octets: 100 } });
    bench.client('a', { clean: false });
    bench.got('a');
    comes(bench, BIG);
    comes(bench, BIG, 0);
    expect(bench.got('a')).toEqual([`qos1 tp "${BIG}"`, `qos0 tp "${BIG}"`]);
    expect(drops(bench)).toEqual([]);
  });
});

describe('what is said of a message that does not wait any more', () => {
  it.each([
    ['messages', { queue: { messages: 2 } }, [1, 1, 1], 'the client (sessions.queue.messages: 2): the oldest goes'],
    ['octets', { queue: { octets: 10 } }, [1, 1, 1], 'the client (sessions.queue.octets: 10): the oldest goes'],
    [
      'a newer one with QoS 0',
      { queue: { messages: 2 } },
      [1, 2, 0],
      'the client (sessions.queue.messages: 2): the new one goes',
    ],
    [
      'an older one with QoS 0',
      { queue: { messages: 2 } },
      [1, 0, 2],
      'the client (sessions.queue.messages: 2): the oldest with QoS 0 goes',
    ],
    ['none may wait', { queue: { messages: 0 } }, [1], 'the client (sessions.queue.messages: 0): the new one goes'],
    [
      'QoS 0',
      { sleepBufferMessages: 2 },
      [0, 0, 0],
      'the client (sessions.sleepBufferMessages: 2): the oldest with QoS 0 goes',
    ],
    [
      'octets with QoS 0',
      { sleepBufferOctets: 10 },
      [0, 0, 0],
      'the client (sessions.sleepBufferOctets: 10): the oldest with QoS 0 goes',
    ],
    [
      'octets of all',
      { queue: { octetsInAll: 10 } },
      [1, 1, 1],
      'all clients together, most of them for this one (sessions.queue.octetsInAll: 10): the oldest goes',
    ],
    [
      'the same with QoS 0',
      { sleepBufferOctetsInAll: 10 },
      [0, 0, 0],
      'all clients together, most of them for this one (sessions.sleepBufferOctetsInAll: 10): the oldest with QoS 0 goes',
    ],
  ] as const)('names the setting, and which one goes: %s', (_what, sessions, qos, reason) => {
    const bench = asleep(sessions);
    for (const [at, one] of qos.entries()) {
      comes(bench, `o${at}`, one);
    }
    expect(reasons(bench)).toEqual([`too many messages wait for ${reason}`]);
  });

  it('names the setting where its time is over, and not where it had one of its own', () => {
    const bench = asleep({ queue: { age: 86_400_000 } });
    comes(bench, 'old');
    bench.comes('tp', 'short', { qos: 1, packetId: ++last, expiryInterval: 3_600, identifiers: [65] });
    bench.wait(86_400_002);
    expect(reasons(bench)).toEqual(['it has waited for too long (sessions.queue.age: 1d)', 'it has expired']);
  });

  it('names it too where the session of the client had it already', () => {
    const bench = asleep({ queue: { age: 60_000 } });
    bench.says('a', '03 16 61');
    bench.client('a', { clean: false });
    bench.of('a').isMute = true;
    comes(bench, 'first');
    comes(bench, 'second');
    bench.says('a', '04 18 0E 10');
    bench.wait(70_000);
    bench.of('a').isMute = false;
    bench.got('a');
    wakes(bench);
    expect(reasons(bench)).toEqual(['it has waited for too long (sessions.queue.age: 1m)']);
  });

  it('is counted for the client, and names the topic as the client does', () => {
    const bench = asleep({ queue: { messages: 1, octets: 100, age: 60_000 } }, ['a'], { topicPrefix: 'site/' });
    for (const text of ['one', 'two', BIG]) {
      comes(bench, text, 1, 'site/tp');
    }
    expect(bench.core.session('a')?.counters.dropped).toBe(2);
    bench.wait(60_002);
    expect(bench.core.session('a')?.counters.dropped).toBe(3);
    expect(drops(bench).map(({ topic }) => topic)).toEqual(['tp', 'tp', 'tp']);
  });
});
