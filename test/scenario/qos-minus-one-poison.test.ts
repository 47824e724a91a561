import { describe, expect, it } from '@jest/globals';
import type { Note } from '../../src/core/contract/note.ts';
import { type BenchOptions, CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { PickyBroker, type Seen } from '../support/core-bench-picky-broker.ts';

const LONG = 'x'.repeat(60);

/** A broker that closes the connection on what is longer than 50 octets. */
const tooLong = ({ text }: Seen): boolean => text.length > 50;

interface Scene {
  readonly bench: CoreBench;
  readonly broker: PickyBroker;
  /** All notes so far. */
  readonly notes: Note[];
  /** PUBLISH with QoS −1 and a short topic. */
  publish(sender: string, topic: string, text: string, retain?: boolean): void;
  /** Texts that have arrived and begin so. */
  arrived(beginning: string): string[];
}

/** The own connection stands. */
function scene(isPoison: (publish: Seen) => boolean, options: BenchOptions = {}): Scene {
  const notes: Note[] = [];
  const bench = new CoreBench({ answersPings: false, ...options });
  const feed = bench.feed.bind(bench);
  bench.feed = (input) => {
    const lines = feed(input);
    notes.push(...bench.notes);
    return lines;
  };
  const broker = new PickyBroker(bench, isPoison);
  broker.take(bench.feed({ type: 'sessions-restored', records: [] }));
  broker.pass(1_000);
  return {
    bench,
    broker,
    notes,
    publish: (sender, topic, text, retain = false) => {
      const flags = retain ? '72' : '62';
      broker.take(bench.from(sender, frame(`0c ${flags} ${Buffer.from(topic).toString('hex')} 0000`, text)));
    },
    arrived: (beginning) => broker.arrived.map(({ text }) => text).filter((text) => text.startsWith(beginning)),
  };
}

const warnings = (notes: readonly Note[]): Note[] => notes.filter(({ type }) => type === 'poison-given-up');

/** Ten good senders say something each second, and `bad` something else, for so many seconds. What the good ones said. */
function traffic(s: Scene, seconds: number, bad: (second: number) => void): string[] {
  const said: string[] = [];
  for (let second = 0; second < seconds; second++) {
    for (let sender = 0; sender < 10; sender++) {
      const text = `good ${second} ${sender}`;
      said.push(text);
      s.publish(`192.0.2.${sender}:1`, `g${sender}`, text);
      s.broker.pass(100);
      if (sender === 4) {
        bad(second);
      }
    }
  }
  s.broker.pass(20_000);
  return said;
}

describe('QoS −1 publishes on which the broker closes the shared connection (I-72)', () => {
  it.each([
    ['too long, from one sender', tooLong, (s: Scene) => s.publish('192.0.2.99:1', 'ba', LONG)],
    [
      'too long, from ever new ports',
      tooLong,
      (s: Scene, second: number) => s.publish(`192.0.2.99:${second}`, 'ba', LONG),
    ],
    [
      'too long, to ever new topics',
      tooLong,
      (s: Scene, second: number) => s.publish('192.0.2.99:1', String.fromCharCode(0x41 + (second % 26), 0x61), LONG),
    ],
    [
      'to ever new topics that the broker denies, from ever new ports',
      ({ topic }: Seen) => topic.endsWith('!'),
      (s: Scene, second: number) =>
        s.publish(`192.0.2.99:${second}`, `${String.fromCharCode(0x41 + (second % 26))}!`, 'x'),
    ],
    [
      'retained, to the topic of a good sender',
      ({ retain }: Seen) => retain,
      (s: Scene) => s.publish('192.0.2.99:1', 'g3', 'x', true),
    ],
  ])('cost the others a handful of messages at most: %s', (_what, isPoison, bad) => {
    const s = scene(isPoison);
    const said = traffic(s, 60, (second) => bad(s, second));
    expect(said.length - s.arrived('good').length).toBeLessThanOrEqual(3);
    expect(s.broker.closed).toBeLessThan(15);
    expect(warnings(s.notes).length).toBeGreaterThan(0);
  });

  it('are told with sender, topic and size, once, and counted from then on', () => {
    const s = scene(tooLong);
    traffic(s, 30, () => s.publish('192.0.2.99:1', 'ba', LONG));
    expect(warnings(s.notes)).toEqual([
      {
        type: 'poison-given-up',
        clientId: undefined,
        link: 'udp:192.0.2.99:1',
        message: 'PUBLISH',
        topic: 'ba',
        octets: 60,
      },
    ]);
    const dropped = s.notes.filter((note) => note.type === 'client-publish-dropped');
    expect(dropped.length).toBe(30 - s.broker.closed);
    expect(new Set(dropped.map(({ link }) => link))).toEqual(new Set(['udp:192.0.2.99:1']));
  });

  it('are never sent again', () => {
    const s = scene(tooLong);
    s.publish('a:1', 'ba', LONG);
    s.broker.pass(60_000);
    expect(s.broker.closed).toBe(1);
  });

  it('what the same sender says to the same topic, and is shorter, goes on', () => {
    const s = scene(tooLong);
    traffic(s, 30, (second) => s.publish('192.0.2.99:1', 'ba', second % 2 === 0 ? LONG : `short ${second}`));
    expect(s.arrived('short').length).toBeGreaterThanOrEqual(6);
  });

  it('where the topic has stood with less, longer ones are refused whatever their topic', () => {
    const s = scene(tooLong);
    traffic(s, 20, (second) => s.publish('192.0.2.99:1', 'ba', second % 2 === 0 ? 'short' : LONG));
    const { closed } = s.broker;
    s.publish('192.0.2.77:1', 'bb', `${LONG}x`);
    s.broker.pass(1_000);
    expect(s.broker.closed).toBe(closed);
    expect(s.notes.at(-1)).toMatchObject({ type: 'client-publish-dropped', link: 'udp:192.0.2.77:1' });
  });

  it('keep the order of what one sender says, also where part of it has to wait for its turn', () => {
    const s = scene(tooLong);
    s.publish('a:1', 'ba', LONG);
    s.broker.pass(5_000);
    for (let n = 0; n < 40; n++) {
      s.publish('b:1', 'bb', `n${n}`.padEnd(2 + (n % 7)));
      s.broker.pass(n % 5);
    }
    s.broker.pass(1_000);
    expect(s.arrived('n').map((text) => text.trim())).toEqual(Array.from({ length: 40 }, (_, n) => `n${n}`));
  });

  it('are tried again when the refusal is over, alone, so that a broker that has been mended is noticed', () => {
    const s = scene(tooLong);
    traffic(s, 30, () => s.publish('192.0.2.99:1', 'ba', LONG));
    s.broker.likes(() => false);
    traffic(s, 700, () => s.publish('192.0.2.99:1', 'ba', LONG));
    expect(s.arrived('xxx').length).toBeGreaterThan(50);
    expect(warnings(s.notes)).toHaveLength(1);
  });

  it('a broker that has not been asked anything for 10 s holds nothing up', () => {
    const s = scene(tooLong);
    s.publish('a:1', 'ba', LONG);
    s.broker.pass(5_000);
    const feed = s.bench.feed.bind(s.bench);
    s.bench.feed = (input) => (input.type === 'upstream-ponged' ? [] : feed(input));
    s.publish('b:1', 'bb', 'one');
    s.publish('b:1', 'bb', 'two longer');
    s.broker.pass(1_000);
    s.broker.pass(20_000);
    expect(s.arrived('one')).toHaveLength(1);
    expect(s.arrived('two')).toHaveLength(1);
  });

  it('wait for their turn also where nothing may wait for the broker', () => {
    const s = scene(tooLong, { settings: { upstream: { offlineQueue: { messages: 0 } } } });
    traffic(s, 30, () => s.publish('192.0.2.99:1', 'ba', LONG));
    const before = s.arrived('good').length;
    const said = traffic(s, 30, () => s.publish('192.0.2.99:1', 'ba', LONG));
    expect(s.arrived('good').length - before).toBe(said.length);
  });
});

describe('a good QoS −1 publish beside trouble (I-72)', () => {
  it.each([20, 300, 900])(
    'a broker that falls %d ms after each start condemns nobody, and is asked after pauses that grow',
    (milliseconds) => {
      const s = scene(() => false);
      for (let restart = 0; restart < 30; restart++) {
        s.broker.restart();
        const before = s.notes.length;
        while (!s.notes.slice(before).some(({ type }) => type === 'upstream-up')) {
          s.publish(`192.0.2.${s.bench.now % 5}:1`, `g${s.bench.now % 5}`, `good ${restart}`);
          s.broker.pass(37);
        }
        for (let at = 0; at < milliseconds; at += 10) {
          s.publish(`192.0.2.${s.bench.now % 5}:1`, `g${s.bench.now % 5}`, `good ${restart}`);
          s.broker.pass(10);
        }
      }
      const pauses = s.notes.flatMap((note) => (note.type === 'upstream-down' ? [note.retryIn] : []));
      expect(pauses.slice(0, 4)).toEqual([1_000, 1_000, 4_000, 5_000]); // the first with something out is short (I-72); never longer while a message is fresh (I-40)
      expect(pauses.at(-1)).toBe(5_000);
      expect(warnings(s.notes)).toEqual([]);
    },
  );

  it('costs a second where the broker is back after a long outage, and closes on the first', () => {
    const bench = new CoreBench({ answersPings: false });
    const opened = (lines: readonly string[]): number | undefined => {
      const [, connection] = /^#(\d+) CONNECT \(gateway\)/.exec(lines.join(' ')) ?? [];
      return connection === undefined ? undefined : Number(connection);
    };
    let connection = opened(bench.feed({ type: 'sessions-restored', records: [] })) ?? 0;
    for (let failed = 0; failed < 6; failed++) {
      let lines = bench.down(connection);
      while (opened(lines) === undefined) {
        lines = bench.pass(100);
      }
      connection = opened(lines) ?? 0;
    }
    bench.from('a:1', frame('0c 62 6261 0000', 'poison'));
    expect(bench.up(connection)).toEqual([`#${connection} PUBLISH qos0 ba "poison"`]);
    bench.down(connection);
    expect(bench.notes).toContainEqual(expect.objectContaining({ type: 'upstream-down', retryIn: 1_000 }));
  });

  it('nor one that restarts at any moment, while all kinds are tried', () => {
    const s = scene(() => false);
    for (let restart = 0; restart < 30; restart++) {
      traffic(s, 1 + (restart % 3), () => undefined);
      s.publish('192.0.2.1:1', 'g1', 'out');
      s.broker.pass((restart * 997) % 1_500);
      s.broker.restart();
    }
    expect(warnings(s.notes)).toEqual([]);
    s.broker.pass(20_000);
    s.publish('192.0.2.1:1', 'g1', 'last');
    s.broker.pass(1_000);
    expect(s.arrived('last')).toHaveLength(1);
  });

  it('is not held up by a broker that has started again, however many topics there are', () => {
    const s = scene(() => false, { settings: { upstream: { offlineQueue: { messages: 1_000 } } } });
    const letter = (n: number): string => String.fromCharCode(0x41 + n);
    const say = (messages: number): void => {
      for (let n = 0; n < messages; n++) {
        s.publish(`192.0.2.${n % 250}:1`, `${letter(n % 25)}${letter(Math.floor(n / 25) % 20)}`, `good ${n % 7}`);
        s.broker.pass(2);
      }
    };
    say(1_000); // 500 topics, each once in a second
    s.broker.restart();
    say(1_000);
    const { length } = s.arrived('good');
    expect(length).toBeGreaterThanOrEqual(1_980); // 10 ms away from the broker
  });

  it('nor where the connections of clients break beside it, however often it was out alone', () => {
    const s = scene(({ topic }) => topic === 'ba');
    s.broker.take(s.bench.from('c:1', '08 04 04 01 00 3C 63 31'));
    s.broker.pass(100);
    for (let restart = 0; restart < 6; restart++) {
      s.publish('a:1', 'ba', 'x');
      s.broker.pass(12);
      s.broker.restart();
      s.broker.pass(20_000);
    }
    expect(warnings(s.notes)).toEqual([]);
  });

  it('is no sign that somebody else has the client id of the gateway (I-45)', () => {
    const s = scene(tooLong);
    traffic(s, 30, (second) => s.publish(`192.0.2.9${second % 10}:1`, `b${second % 10}`, LONG));
    expect(s.notes.filter(({ type }) => type === 'own-connection-contested')).toEqual([]);
  });
});

describe('a poison message of a client, while a stranger fells the shared connection again and again (I-42, I-72)', () => {
  it.each([
    ['with one message', (second: number) => ['192.0.2.99:1', 'ba', second] as const],
    ['with ever new ones', (second: number) => [`192.0.2.99:${second}`, `b${second % 10}`, second] as const],
  ])('is found out all the same, and what comes behind it goes on: %s', (_what, stranger) => {
    const s = scene(({ text }) => text.startsWith('poison'));
    s.broker.take(s.bench.from('c:1', connectFrame('c1', true, 1_000)));
    s.broker.pass(100);
    s.broker.take(s.bench.from('c:1', frame('0a 0000 0701', 'a/b')));
    s.broker.pass(30_000);
    for (let second = 0; second < 60; second++) {
      const [sender, topic, n] = stranger(second);
      s.publish(sender, topic, `poison ${n}`);
      if (second === 10) {
        s.broker.take(s.bench.from('c:1', frame('0c 20 0001 0001', 'poison of c1')));
        s.broker.take(s.bench.from('c:1', frame('0c 20 0001 0002', 'good of c1')));
      }
      s.broker.pass(1_000);
    }
    expect(s.broker.others).toContain('c:1 < 070d0001000103'); // PUBACK "not supported"
    expect(s.broker.others).toContain('c:1 < 070d0001000200');
    expect(warnings(s.notes)).toContainEqual(expect.objectContaining({ clientId: 'c1', topic: 'a/b', octets: 12 }));
  });
});

describe('MQTT 5 says why it closes the shared connection (I-72)', () => {
  const named = (bench: CoreBench, connection: number, reasonCode: number): string[] =>
    bench.feed({ type: 'upstream-lost', connection, reason: 'for a reason', takenOver: false, reasonCode });
  const PUBLISH = frame('0c 62 6261 0000', LONG);

  it('a code that decides does so at once, where one publish was out', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.up(1);
    bench.from('a', PUBLISH);
    named(bench, 1, 0x95);
    expect(warnings(bench.notes)).toMatchObject([{ link: 'udp:a', topic: 'ba', octets: 60 }]);
    bench.pass(1_000);
    bench.up(2);
    bench.pass(1_000);
    expect(bench.from('b', PUBLISH)).toEqual([]);
    expect(bench.from('b', frame('0c 62 6261 0000', 'short'))).toEqual(['#2 PUBLISH qos0 ba "short"']);
  });

  it('a code that lies in no packet accuses nobody', () => {
    const bench = new CoreBench();
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.up(1);
    for (let connection = 1; connection < 5; connection++) {
      expect(bench.from('a', PUBLISH)).toHaveLength(1);
      named(bench, connection, 0x8b);
      bench.pass(10_000);
      bench.up(connection + 1);
    }
  });
});
