/** MQTT 3.1.1: filters that a wider one stands for, and what becomes of them when the broker does not take that one again, or is asked for it meanwhile. */
import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
import type { UpstreamConnected } from '../../../src/core/contract/input.ts';
import { frame } from '../../support/core-bench.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';
import { SharedBench } from '../../support/shared-bench.ts';

const OLD_BROKER = { settings: { upstream: { sharedProtocol: 4 as const } } };
/** MQTT 5, and messages name no subscriptions. */
const NAMELESS = { connack: { identifiersAvailable: false } };

/** `n` has `a/b`, and `w` has `a/#`, which stands for it; `n` publishes when the connection is back. */
function nested(options: object): HubBench {
  const bench = new HubBench(options);
  for (const [name, filter] of [
    ['n', 'a/b'],
    ['w', 'a/#'],
  ] as const) {
    bench.client(name, { clean: false });
    expect(answered(bench, bench.asks(name, filter, 1))[0]).toContain(` ${filter} qos1`);
    bench.got(name);
  }
  bench.breaks();
  bench.publishes('n', 1, 9, 'up');
  bench.wait(5_000);
  return bench;
}

/** The broker answers all that it is told, SUBSCRIBE for these filters with a refusal. What it is told in all. */
function answered(bench: HubBench, lines: readonly string[], refused: readonly string[] = []): string[] {
  const told: string[] = [];
  const pending = [...lines];
  for (let line = pending.shift(); line !== undefined; line = pending.shift()) {
    told.push(line);
    const [, packet, id = '', filter = ''] = /#\d+ (SUBSCRIBE|UNSUBSCRIBE) id(\d+) (\S+)/.exec(line) ?? [];
    if (packet === 'SUBSCRIBE') {
      pending.push(...bench.grants([line], refused.includes(filter) ? 0x80 : undefined));
    } else if (packet === 'UNSUBSCRIBE') {
      pending.push(...bench.act(bench.unsuback(bench.shared, Number(id))));
    } else if (line.includes(' PUBLISH ')) {
      pending.push(...bench.acks('PUBACK', Number(/ id(\d+)/.exec(line)?.[1])));
    } else if (line.endsWith('PINGREQ')) {
      pending.push(...bench.act(bench.feed({ type: 'upstream-ponged', connection: bench.shared })));
    }
  }
  return told;
}

function placeOf(lines: readonly string[], part: string): number {
  return lines.findIndex((line) => line.includes(part));
}

describe('a filter that stands for narrower ones, and that the broker has lost and does not take again (I-95, I-97)', () => {
  it.each([
    ['in MQTT 3.1.1', OLD_BROKER],
    ['in MQTT 5 without identifiers', NAMELESS],
  ])('leaves them subscriptions of their own, before anything is published: %s', (_, options) => {
    const bench = nested(options);
    const told = answered(bench, bench.stands(), ['a/#']);
    expect(placeOf(told, ' a/b ')).toBeGreaterThan(placeOf(told, ' a/# '));
    expect(placeOf(told, 'PUBLISH')).toBeGreaterThan(placeOf(told, ' a/b '));
    bench.comes('a/b', 'm', { qos: 1, packetId: 1 });
    expect(bench.got('n')).toContain('qos1 a/b "m"');
  });

  it('stands for them again when the broker takes it, on a later connection', () => {
    const bench = nested(OLD_BROKER);
    answered(bench, bench.stands(), ['a/#']);
    bench.breaks();
    bench.wait(5_000);
    const told = answered(bench, bench.stands({ sessionPresent: true }));
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([
      expect.stringMatching(/ SUBSCRIBE id\d+ a\/# qos1/),
      expect.stringMatching(/ UNSUBSCRIBE id\d+ a\/b$/),
    ]);
  });

  it('the same where the broker takes no wildcards any more', () => {
    const bench = nested(NAMELESS);
    const told = answered(bench, bench.stands({ wildcardAvailable: false } satisfies Partial<UpstreamConnected>));
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toEqual([
      expect.stringMatching(/ SUBSCRIBE id\d+ a\/b qos1/),
    ]);
  });

  it('the same where it closes the connection on it', () => {
    const bench = nested(OLD_BROKER);
    const told = bench.stands();
    for (let falls = 0; falls < 2; falls++) {
      told.push(...bench.breaks());
      for (let second = 0; second < 10; second++) {
        told.push(...bench.wait(1_000));
      }
      told.push(...bench.stands(), ...bench.wait(1_000));
    }
    expect(told.filter((line) => line.includes(' a/# '))).toHaveLength(2);
    expect(told.at(-1)).toContain(' SUBSCRIBE id');
    bench.grants(told.slice(-1));
    bench.comes('a/b', 'm', { qos: 1, packetId: 1 });
    expect(bench.got('n')).toContain('qos1 a/b "m"');
  });
});

describe('a filter that stands for narrower ones, that the broker has lost, and that its client leaves before it is back (3.4)', () => {
  it.each([
    ['in MQTT 3.1.1', OLD_BROKER],
    ['in MQTT 5 without identifiers', NAMELESS],
  ])('leaves them subscriptions of their own, before anything is published: %s', (_, options) => {
    const bench = nested(options);
    bench.stands();
    bench.breaks();
    bench.says('w', frame('14 00 0002', 'a/#'));
    bench.wait(5_000);
    const told = [...bench.stands({ sessionPresent: true }), ...bench.wait(2_000)];
    expect(told.filter((line) => / SUBSCRIBE | PUBLISH /.test(line))).toEqual([
      expect.stringMatching(/ SUBSCRIBE id\d+ a\/b qos1/),
    ]);
    expect([...bench.disk.keys()]).toContain('doubt');
    expect(bench.grants(told)).toContainEqual(expect.stringMatching(/ PUBLISH qos1 id\d+ tp "up"/));
    expect([...bench.disk.keys()]).not.toContain('doubt');
  });
});

describe('a wide filter that a session asks for again while its SUBSCRIBE is out (I-95)', () => {
  it('stands for the narrower ones when all of that is answered', () => {
    const before = nested(OLD_BROKER);
    answered(before, before.stands());
    answered(before, before.asks('w', 'z', 0));
    const bench = hubRestarted(before, { isAway: true });
    bench.client('w', { clean: false });
    bench.up(bench.own);
    const told = bench.stands();
    expect(told.filter((line) => / a\/[#b] /.test(line))).toHaveLength(2);
    bench.asks('w', 'z', 1);
    bench.client('w', { clean: false }); // nobody hears of that any more: the session asks for all that it had
    const narrow = told.filter((line) => line.includes(' a/b '));
    const all = answered(bench, [...narrow, ...told.filter((line) => !narrow.includes(line))]);
    expect(all.filter((line) => line.includes('UNSUBSCRIBE'))).toEqual([
      expect.stringMatching(/ UNSUBSCRIBE id\d+ a\/b$/),
    ]);
  });
});

describe('a narrower filter that is asked for with another QoS while a wider one comes (I-95)', () => {
  it('has no subscription of its own any more when that is answered', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    for (const [at, name] of ['one', 'two', 'wide'].entries()) {
      bench.connect(name);
      bench.subscribe(name, name === 'wide' ? 'a/#' : 'a/b', name === 'one' ? 1 : 0);
      bench.broker({ type: 'upstream-subscribed', packetId: at + 1, reasonCode: 1 });
      if (name !== 'wide') {
        bench.broker({ type: 'upstream-ponged' });
      }
    }
    const topic = { topicIdType: 'normal', topicName: 'a/b' } as const;
    expect(bench.from('one', { type: 'UNSUBSCRIBE', msgId: 2, topic })).toEqual([
      'broker < SUBSCRIBE 4 a/b 0 for 0',
      'one < UNSUBACK 2',
    ]);
    bench.broker({ type: 'upstream-ponged' }); // all that is retained under a/# has come
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 0 })).toEqual([
      'broker < UNSUBSCRIBE 5 a/b',
    ]);
  });
});

describe('a wide filter that nobody has any more while what is retained is fetched for it (I-95)', () => {
  it('stands for no narrower one: that keeps its own subscription, with its QoS', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    bench.connect('n');
    bench.subscribe('n', 'a/b', 2);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 2 });
    bench.broker({ type: 'upstream-ponged' });
    bench.connect('w');
    bench.broker({ type: 'upstream-lost', reason: 'broken', takenOver: false, reasonCode: 0x8b });
    bench.subscribe('w', 'a/#', 1);
    bench.pass(2_000);
    expect(bench.broker({ type: 'upstream-connected', sessionPresent: false })).toEqual([
      'broker < SUBSCRIBE 2 a/b 2 for 0',
      'broker < SUBSCRIBE 3 a/# 1 for 0',
    ]);
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 });
    const topic = { topicIdType: 'normal', topicName: 'a/#' } as const;
    expect(bench.from('w', { type: 'UNSUBSCRIBE', msgId: 2, topic })).toEqual(['w < UNSUBACK 2']);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 2 })).toEqual([]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < UNSUBSCRIBE 4 a/#']);
  });
});

describe('a wide filter that stands for narrower ones, and whose clients are others by the time that the broker is back without its session (MQTT 3.1.1, 3.4)', () => {
  it('is back before anything is published: the narrower ones have nothing else', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    bench.connect('w', true);
    bench.subscribe('w', 'a/#', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
    bench.broker({ type: 'upstream-ponged' });
    bench.connect('n');
    bench.subscribe('n', 'a/b', 1);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    expect(bench.broker({ type: 'upstream-ponged' })).toContain('broker < UNSUBSCRIBE 3 a/b');
    bench.broker({ type: 'upstream-unsubscribed', packetId: 3 });
    bench.broker({ type: 'upstream-lost', reason: 'broken', takenOver: false });
    bench.subscribe('n', 'a/#', 1, 2);
    bench.from('w', { type: 'DISCONNECT', duration: undefined });
    bench.from('n', { ...PUBLISH, topicId: 0x612f });
    bench.pass(2_000);
    expect(bench.broker({ type: 'upstream-connected', sessionPresent: false })).toEqual([
      'broker < SUBSCRIBE 4 a/# 1 for 0',
    ]);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 1 })).toContain(
      'broker < PUBLISH 5 a/ up',
    );
  });
});

const PUBLISH: MessageOf<'PUBLISH'> = {
  ...{ type: 'PUBLISH', dup: false, qos: 1, retain: false, topicIdType: 'short', topicId: 0, msgId: 9 },
  data: Uint8Array.from([...'up'].map((letter) => letter.charCodeAt(0))),
};
