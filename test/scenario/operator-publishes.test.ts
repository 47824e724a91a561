import { describe, expect, it } from '@jest/globals';
import type { Qos } from '../../src/codec/message.ts';
import type { OperatorPublished } from '../../src/core/contract/input.ts';
import type { Note } from '../../src/core/contract/note.ts';
import { type BenchOptions, CoreBench, frame } from '../support/core-bench.ts';
import { openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import { PickyBroker, type Seen } from '../support/core-bench-picky-broker.ts';

let lastToken = 0;

/** The operator publishes "x" to `topic`, with QoS 1 and a token that counts from 1 in each test. */
function publish(bench: CoreBench, topic: string, qos: Qos = 1, more: Partial<OperatorPublished> = {}): string[] {
  const payload = new TextEncoder().encode('x');
  return bench.feed({ type: 'operator-published', token: ++lastToken, topic, payload, qos, retain: false, ...more });
}

/** The own connection is #1, and stands; the broker is known to have had the publish that opened it. */
function up(options: BenchOptions = {}): CoreBench {
  lastToken = 0;
  const bench = new CoreBench(options);
  openOwnConnection(bench);
  bench.feed({ type: 'upstream-kept', connection: 1, publishes: 1 });
  return bench;
}

const UNKNOWN = 'whether it has the message is not known';

describe('a publish of the operator (I-104)', () => {
  it('with QoS 0 is done when it has gone out', () => {
    expect(publish(up(), 'a/b', 0)).toEqual(['#1 PUBLISH qos0 a/b "x"', 'operator 1: done']);
  });

  it('with QoS 1 is done with PUBACK', () => {
    const bench = up();
    expect(publish(bench, 'a/b', 1, { retain: true })).toEqual(['#1 PUBLISH qos1 id1 a/b "x" retain']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['operator 1: done']);
    expect(bench.pass(100_000)).toEqual([]);
  });

  it('with QoS 2 is done with PUBCOMP', () => {
    const bench = up();
    expect(publish(bench, 'a/b', 2)).toEqual(['#1 PUBLISH qos2 id1 a/b "x"']);
    expect(bench.acked(1, 'PUBREC', 1)).toEqual(['#1 PUBREL id1']);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['operator 1: done']);
  });

  it('has the topic that it says, or that which a client would mean by it', () => {
    const bench = up({ settings: { upstream: { topicPrefix: 'site/%c/' } } });
    expect(publish(bench, 'a', 0)).toEqual(['#1 PUBLISH qos0 a "x"', 'operator 1: done']);
    expect(publish(bench, 'a', 0, { clientId: 's/1' })).toEqual([
      '#1 PUBLISH qos0 site/s%2F1/a "x"',
      'operator 2: done',
    ]);
  });

  it.each([
    ['a wildcard', 'a/+', 'a topic name must not contain the wildcards + or #'],
    ['nothing', '', 'a topic name must not be empty'],
    [
      'a character for which a broker may close the connection (T-48)',
      'a\u0007',
      'a topic name must not contain U+0007',
    ],
    ['too much', 'a'.repeat(65_536), 'a topic name must not be longer than 65535 octets'],
  ])('is not sent where its topic has %s', (_, topic, problem) => {
    expect(publish(up(), topic)).toEqual([`operator 1: ${problem}`]);
  });

  it('is refused as the broker refuses it (MQTT 5)', () => {
    const bench = up();
    publish(bench, 'a');
    publish(bench, 'b', 2);
    expect(bench.acked(1, 'PUBACK', 1, 0x87)).toEqual([
      'operator 1: the broker refused: not authorized (0x87): check upstream.username and upstream.password, and what the broker permits',
    ]);
    expect(bench.acked(1, 'PUBREC', 2, 0x97)).toEqual(['operator 2: the broker refused: quota exceeded (0x97)']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(bench.notes).toEqual([{ type: 'broker-answer-ignored', clientId: undefined, packet: 'PUBACK' }]);
  });

  it('counts as published also where nobody is subscribed (MQTT 5, 0x10)', () => {
    const bench = up();
    publish(bench, 'a');
    expect(bench.acked(1, 'PUBACK', 1, 0x10)).toEqual(['operator 1: done']);
  });

  it('is not sent where the broker has said that it takes no such thing (I-44)', () => {
    lastToken = 0;
    const bench = new CoreBench();
    bench.from('anyone', S1.publishQosMinus1);
    bench.feed({
      type: 'upstream-connected',
      connection: 1,
      sessionPresent: false,
      maximumQos: 1,
      retainAvailable: false,
    });
    expect(publish(bench, 'a', 2)).toEqual(['operator 1: its QoS is higher than the broker takes']);
    expect(publish(bench, 'a', 1, { retain: true })).toEqual(['operator 2: the broker keeps no retained messages']);
  });

  it('waits for the answers to others, as many at a time as the broker takes (MQTT 5 Receive Maximum)', () => {
    lastToken = 0;
    const bench = new CoreBench();
    bench.from('anyone', S1.publishQosMinus1);
    bench.feed({ type: 'upstream-connected', connection: 1, sessionPresent: false, receiveMaximum: 2 });
    expect(publish(bench, 'a')).toEqual(['#1 PUBLISH qos1 id1 a "x"']);
    expect(publish(bench, 'b', 2)).toEqual(['#1 PUBLISH qos2 id2 b "x"']);
    expect(publish(bench, 'c')).toEqual([]);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['#1 PUBREL id2']);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual(['operator 1: done', '#1 PUBLISH qos1 id3 c "x"']);
  });

  it('is bounded in number and in octets', () => {
    const bench = up();
    const lines = Array.from({ length: 257 }, () => publish(bench, 'a'));
    expect(lines.flat().filter((line) => line.startsWith('#'))).toHaveLength(16);
    expect(lines.at(-2)).toEqual([]);
    expect(lines.at(-1)).toEqual(['operator 257: too many publishes are under way already: try again in a moment']);
    for (let id = 1; id <= 256; id++) {
      bench.acked(1, 'PUBACK', id);
    }
    expect(publish(bench, 'a', 1, { payload: new Uint8Array(5 << 20) })).toHaveLength(1);
    expect(publish(bench, 'b')).toEqual([
      'operator 259: too many publishes are under way already: try again in a moment',
    ]);
  });

  it('with QoS 0 waits where the broker does not take what is written', () => {
    const bench = up();
    bench.feed({ type: 'upstream-blocked', connection: 1 });
    expect(publish(bench, 'a', 0)).toEqual([]);
    expect(bench.feed({ type: 'upstream-drained', connection: 1 })).toEqual([
      '#1 PUBLISH qos0 a "x"',
      'operator 1: done',
    ]);
  });

  it('ends with the gateway', () => {
    const bench = up();
    publish(bench, 'a');
    expect(bench.feed({ type: 'operator-stopped' })).toEqual(['operator 1: the gateway stops', '#1 DISCONNECT']);
  });

  it('is the same in an aggregating gateway: on the own connection, not on the shared one', () => {
    lastToken = 0;
    const bench = new CoreBench({ settings: { upstream: { mode: 'aggregating' } } });
    bench.feed({ type: 'sessions-restored', records: [] });
    bench.up(1);
    expect(publish(bench, 'a', 2)).toEqual(['#1 PUBLISH qos2 id1 a "x"']);
    bench.acked(1, 'PUBREC', 1);
    expect(bench.acked(1, 'PUBCOMP', 1)).toEqual(['operator 1: done']);
  });
});

describe('a publish of the operator while the broker is away (I-104)', () => {
  it('waits for the first attempt to connect', () => {
    lastToken = 0;
    const bench = new CoreBench();
    expect(publish(bench, 'a', 0)).toEqual(['#1 CONNECT (gateway) clean']);
    expect(publish(bench, 'b')).toEqual([]);
    expect(bench.up(1)).toEqual(['#1 PUBLISH qos0 a "x"', 'operator 1: done', '#1 PUBLISH qos1 id1 b "x"']);
  });

  it('is told so when an attempt has been in vain, within five seconds', () => {
    const bench = up();
    bench.down(1);
    for (let connection = 2; connection < 8; connection++) {
      bench.pass(60_000);
      bench.down(connection);
    }
    expect(publish(bench, 'a')).toEqual([]);
    expect(bench.pass(5_000)).toEqual(['#8 CONNECT (gateway) clean']);
    expect(bench.down(8)).toEqual(['operator 1: the broker cannot be reached']);
  });

  it('goes out once more, as a new one, where the connection broke before the answer', () => {
    const bench = up();
    publish(bench, 'a');
    publish(bench, 'b', 2);
    expect(bench.down(1)).toEqual([]);
    expect(bench.notes.map(({ type }) => type)).toEqual(['upstream-down']);
    expect(bench.pass(1_000)).toEqual(['#2 CONNECT (gateway) clean']);
    const lines = [...bench.up(2), ...bench.pass(1_000)];
    expect(lines).toEqual(['#2 PUBLISH qos1 id3 a "x"', '#2 PUBLISH qos2 id4 b "x"']); // each alone, with a ping behind it
    expect(bench.acked(2, 'PUBACK', 3)).toEqual(['operator 1: done']);
    bench.acked(2, 'PUBREC', 4);
    expect(bench.acked(2, 'PUBCOMP', 4)).toEqual(['operator 2: done']);
  });

  it('is not sent again where PUBREL had gone out: the broker may have passed the message on (I-6)', () => {
    const bench = up();
    publish(bench, 'a', 2);
    bench.acked(1, 'PUBREC', 1);
    expect(bench.down(1)).toEqual([
      `operator 1: the connection to the broker broke before it had finished: ${UNKNOWN}`,
    ]);
  });

  it('is told after half a minute where the broker does not answer, and a late answer surprises nobody', () => {
    const bench = up();
    publish(bench, 'a');
    expect(bench.pass(29_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([`operator 1: the broker has not answered within 30 s: ${UNKNOWN}`]);
    expect(bench.acked(1, 'PUBACK', 1)).toEqual([]);
    expect(bench.notes).toEqual([]);
  });

  it('is told after half a minute where it could not go out', () => {
    const bench = up();
    bench.feed({ type: 'upstream-blocked', connection: 1 });
    publish(bench, 'a', 0);
    expect(bench.pass(30_000)).toEqual(['operator 1: it could not be sent within 30 s']);
    expect(bench.feed({ type: 'upstream-drained', connection: 1 })).toEqual([]);
  });
});

interface Scene {
  readonly bench: CoreBench;
  readonly broker: PickyBroker;
  readonly notes: Note[];
  /** PUBLISH with QoS −1 and a short topic. */
  sensor(sender: string, topic: string, text: string): void;
  /** What the operator has been told, by token. */
  told(): Record<string, string>;
}

/** A broker that closes the connection on what is poison; the own connection stands. */
function scene(isPoison: (publish: Seen) => boolean): Scene {
  lastToken = 0;
  const notes: Note[] = [];
  const bench = new CoreBench({ answersPings: false });
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
    sensor: (sender, topic, text) =>
      broker.take(bench.from(sender, frame(`0c 62 ${Buffer.from(topic).toString('hex')} 0000`, text))),
    told: () =>
      Object.fromEntries(broker.others.map((line) => /^operator (\d+): (.*)$/.exec(line)?.slice(1) ?? [line, ''])),
  };
}

const CLOSES = 'the broker closes the connection on it';

describe('a publish of the operator on which the broker closes the connection (I-104)', () => {
  const isPoison = ({ topic }: Seen): boolean => topic === 'bad';

  it.each([1, 2] as const)('with QoS %i is found and given up, and the operator is told', (qos) => {
    const s = scene(isPoison);
    s.broker.take(publish(s.bench, 'bad', qos));
    s.broker.pass(30_000);
    expect(s.told()).toEqual({ 1: CLOSES });
    expect(s.broker.closed).toBeLessThanOrEqual(3);
    expect(s.notes).toContainEqual({
      type: 'poison-given-up',
      clientId: undefined,
      link: 'operator',
      message: 'PUBLISH',
      topic: 'bad',
      octets: 1,
    });
    expect(s.notes.map(({ type }) => type)).not.toContain('own-connection-contested');
    s.broker.take(publish(s.bench, 'good', qos));
    s.broker.take(publish(s.bench, 'bad', qos));
    s.broker.pass(10_000);
    expect(s.told()).toEqual({ 1: CLOSES, 2: 'done', 3: CLOSES });
    expect(s.broker.closed).toBeLessThanOrEqual(3);
  });

  it('with QoS 0 is not sent again, and after a few of them nothing of its kind is sent any more', () => {
    const s = scene(isPoison);
    for (let time = 0; time < 10; time++) {
      s.broker.take(publish(s.bench, 'bad', 0));
      s.broker.take(publish(s.bench, 'good', 0));
      s.broker.pass(20_000);
    }
    expect(s.broker.closed).toBeLessThanOrEqual(4);
    expect(s.told()[19]).toBe(CLOSES);
    expect(s.told()[20]).toBe('done');
    expect(s.broker.arrived.filter(({ topic }) => topic === 'good').length).toBeGreaterThanOrEqual(7);
  });

  it('costs others a handful of messages at most', () => {
    const s = scene(isPoison);
    let sent = 0;
    for (let second = 0; second < 60; second++) {
      for (let sender = 0; sender < 10; sender++) {
        s.sensor(`192.0.2.${sender}:1`, `g${sender}`, `good ${sent++}`);
        s.broker.pass(100);
      }
      s.broker.take(publish(s.bench, 'bad', second % 3 === 0 ? 0 : 1));
    }
    s.broker.pass(20_000);
    expect(sent - s.broker.arrived.filter(({ text }) => text.startsWith('good')).length).toBeLessThanOrEqual(4);
    expect(s.broker.closed).toBeLessThan(8);
  });
});

describe('publishes with QoS −1 on which the broker closes the connection (I-72)', () => {
  it('keep the operator from nothing: each of its publishes arrives within seconds', () => {
    const s = scene(({ text }) => text.startsWith('poison'));
    const asked = new Map<string, number>();
    const slow: string[] = [];
    let sent = 0;
    for (let step = 0; step < 600; step++) {
      s.sensor(`192.0.2.${step % 7}:1`, `g${step % 7}`, `good ${sent++}`);
      s.sensor(`198.51.100.${step % 50}:${step}`, String.fromCharCode(0x41 + (step % 26), 0x61), `poison ${step}`);
      if (step % 20 === 0) {
        const qos = (step / 20) % 3;
        s.broker.take(publish(s.bench, `op/${step}`, qos as Qos));
        asked.set(String(lastToken), s.bench.now);
      }
      s.broker.pass(100);
      for (const token of Object.keys(s.told())) {
        if (asked.has(token) && s.bench.now - (asked.get(token) ?? 0) > 12_000) {
          slow.push(token);
        }
        asked.delete(token);
      }
    }
    s.broker.pass(30_000);
    expect(slow).toEqual([]);
    expect(new Set(Object.values(s.told()))).toEqual(new Set(['done']));
    const lost = Array.from({ length: 30 }, (_, n) => 20 * n).filter(
      (step) => (step / 20) % 3 > 0 && !s.broker.arrived.some(({ topic }) => topic === `op/${step}`),
    );
    expect(lost).toEqual([]);
  });

  it('are told without those of the operator, which go out again (I-70)', () => {
    const bench = up();
    bench.from('anyone', S1.publishQosMinus1);
    publish(bench, 'a');
    bench.down(1);
    expect(bench.notes).toContainEqual({ type: 'qos0-unconfirmed', clientId: undefined, publishes: 1 });
  });
});
