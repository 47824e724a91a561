import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
import { HubBench, hubRestarted } from '../../support/hub-bench.ts';
import { SharedBench } from '../../support/shared-bench.ts';

describe('a filter that is asked for once more while a wider one comes (MQTT 3.1.1)', () => {
  it.each([
    ['the first one', 'n/a', 'n/b'],
    ['the last one', 'n/b', 'n/a'],
  ])('has no UNSUBSCRIBE behind its SUBSCRIBE, and stays when the wider one goes: %s', (_, asked, other) => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 1);
    subscribed(bench, 'another', 'n/b', 2, 1);
    bench.connect('wide');
    expect(bench.subscribe('wide', 'n/#', 1)).toEqual(['broker < SUBSCRIBE 3 n/# 1 for 0']);
    expect(bench.subscribe(asked === 'n/a' ? 'one' : 'another', asked, 2, 2)).toEqual([]); // one at a time
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 4 n/# 2 for 0',
      `broker < SUBSCRIBE 5 ${asked} 2 for 0`,
      `broker < UNSUBSCRIBE 6 ${other}`,
    ]);
    bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 2 });
    bench.broker({ type: 'upstream-subscribed', packetId: 5, reasonCode: 2 });
    expect(bench.from('wide', UNSUBSCRIBE)).toEqual([
      `broker < SUBSCRIBE 7 ${other} 1 for 0`,
      'broker < UNSUBSCRIBE 8 n/#',
      'wide < UNSUBACK 2',
    ]);
  });
});

describe('a filter that stands for narrower ones, and that nobody has any more (MQTT 3.1.1)', () => {
  /** `n/+` (QoS 1) of `two` stands for `n/a` (QoS 2) of `one`, and is asked for with QoS 2; `n/#` (QoS 1) of `three` has been granted. */
  function nested(): SharedBench {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 2);
    bench.connect('two');
    expect(bench.subscribe('two', 'n/+', 1)).toEqual(['broker < SUBSCRIBE 2 n/+ 1 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 3 n/+ 2 for 0',
      'broker < UNSUBSCRIBE 4 n/a',
    ]);
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 2 });
    bench.broker({ type: 'upstream-unsubscribed', packetId: 4 });
    bench.connect('three');
    expect(bench.subscribe('three', 'n/#', 1)).toEqual(['broker < SUBSCRIBE 5 n/# 1 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 5, reasonCode: 1 });
    return bench;
  }

  const leave = () => ({ ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/+' } }) as const;

  it('leaves them to a wider one with their QoS', () => {
    const bench = nested();
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 6 n/# 2 for 0',
      'broker < UNSUBSCRIBE 7 n/+',
    ]);
    expect(bench.from('two', leave())).toEqual(['two < UNSUBACK 2']);
  });

  it('the same while the wider one is still fetched for: it is asked for with their QoS first', () => {
    const bench = nested();
    expect(bench.from('two', leave())).toEqual([
      'broker < SUBSCRIBE 6 n/# 2 for 0',
      'broker < UNSUBSCRIBE 7 n/+',
      'two < UNSUBACK 2',
    ]);
  });

  it('gives them subscriptions of their own where no wider one is left', () => {
    const bench = nested();
    bench.broker({ type: 'upstream-ponged' });
    expect(bench.from('two', leave())).toEqual(['two < UNSUBACK 2']); // n/# stands for it by now
    bench.broker({ type: 'upstream-subscribed', packetId: 6, reasonCode: 2 });
    expect(bench.from('three', { ...UNSUBSCRIBE })).toEqual([
      'broker < SUBSCRIBE 8 n/a 2 for 0',
      'broker < UNSUBSCRIBE 9 n/#',
      'three < UNSUBACK 2',
    ]);
  });
});

describe('a filter that is wanted with less by the time that it is to stand for a narrower one (MQTT 3.1.1)', () => {
  it('is not lowered to less than that has, which would be without its QoS until it is raised again', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 1);
    bench.connect('two');
    bench.connect('three');
    expect(bench.subscribe('two', 'n/#', 2)).toEqual([
      'broker < SUBSCRIBE 2 n/a 2 for 0',
      'broker < SUBSCRIBE 3 n/# 2 for 0',
    ]);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 2 });
    bench.subscribe('three', 'n/#', 0);
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 2 });
    bench.broker({ type: 'upstream-ponged' });
    bench.from('two', UNSUBSCRIBE);
    bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 2 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < UNSUBSCRIBE 5 n/a',
      'broker < SUBSCRIBE 6 n/# 1 for 0',
    ]);
  });

  it('stands for it later where it is not raised at once, for newcomers of it wait for those of another filter', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'wide', '#', 1, 1);
    subscribed(bench, 'one', 'n/a', 2, 1);
    bench.broker({ type: 'upstream-unsubscribed', packetId: 3 });
    subscribed(bench, 'two', '+/a', 4, 0);
    bench.broker({ type: 'upstream-unsubscribed', packetId: 5 });
    bench.connect('three');
    expect(bench.subscribe('three', 'x', 0)).toEqual(['broker < SUBSCRIBE 6 x 1 for 0']);
    const all = { topicIdType: 'normal', topicName: '#' } as const;
    expect(bench.from('wide', { ...UNSUBSCRIBE, topic: all })).toEqual([
      'broker < SUBSCRIBE 7 +/a 0 for 0',
      'broker < SUBSCRIBE 8 n/a 1 for 0',
      'broker < UNSUBSCRIBE 9 #',
      'wide < UNSUBACK 2',
    ]);
    bench.connect('four');
    expect(bench.subscribe('four', '+/a', 0)).toEqual([]); // behind `x`
    bench.broker({ type: 'upstream-subscribed', packetId: 7, reasonCode: 0 });
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 8, reasonCode: 1 })).toEqual([]);
    bench.broker({ type: 'upstream-subscribed', packetId: 6, reasonCode: 1 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < PINGREQ']);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 10 +/a 0 for 0',
      'broker < SUBSCRIBE 11 x 0 for 0',
    ]);
    bench.broker({ type: 'upstream-subscribed', packetId: 10, reasonCode: 0 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 12 +/a 1 for 0',
      'broker < UNSUBSCRIBE 13 n/a',
    ]);
  });
});

describe('a filter that has all that is retained, and is just being raised for a wider one (MQTT 3.1.1)', () => {
  it('is not given up before SUBACK, which would be taken for that it is there: it has its own when the wider one goes', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'wide', 'n/#', 1, 0);
    bench.connect('one');
    expect(bench.subscribe('one', 'n/a', 0)).toEqual(['broker < SUBSCRIBE 2 n/a 0 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 0 });
    bench.connect('two');
    expect(bench.subscribe('two', 'n/#', 1)).toEqual(['broker < SUBSCRIBE 3 n/a 1 for 0']);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 4 n/# 1 for 0']);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 })).toEqual([]);
    bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 1 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < UNSUBSCRIBE 5 n/a']);
    expect(bench.from('two', UNSUBSCRIBE)).toEqual(['broker < SUBSCRIBE 6 n/# 0 for 0', 'two < UNSUBACK 2']);
    bench.broker({ type: 'upstream-subscribed', packetId: 6, reasonCode: 0 });
    expect(bench.from('wide', UNSUBSCRIBE)).toEqual([
      'broker < SUBSCRIBE 7 n/a 0 for 0',
      'broker < UNSUBSCRIBE 8 n/#',
      'wide < UNSUBACK 2',
    ]);
  });
});

describe('a filter that mosquitto finds before another one, of which it has one copy (MQTT 3.1.1)', () => {
  it('has the QoS of a wider one before that is granted', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'narrow', 'n/a', 1, 0);
    bench.connect('wide');
    expect(bench.subscribe('wide', 'n/#', 2)).toEqual([
      'broker < SUBSCRIBE 2 n/a 2 for 0',
      'broker < SUBSCRIBE 3 n/# 2 for 0',
    ]);
  });

  it('has it also where its own SUBSCRIBE is out by then', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 1);
    subscribed(bench, 'other', 'n/a', 2, 0);
    expect(bench.from('one', { ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/a' } })).toContain(
      'broker < SUBSCRIBE 3 n/a 0 for 0',
    );
    bench.connect('wide');
    expect(bench.subscribe('wide', 'n/#', 2)).toEqual([]); // what is retained would come with QoS 0
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 0 })).toEqual([
      'broker < SUBSCRIBE 4 n/a 2 for 0',
      'broker < PINGREQ',
    ]);
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual([]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 5 n/# 2 for 0']);
  });

  it('keeps others waiting also where nobody has it any more', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 1);
    subscribed(bench, 'other', 'n/a', 2, 0);
    const unsubscribe = { ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/a' } } as const;
    bench.from('one', unsubscribe);
    bench.from('other', unsubscribe);
    bench.connect('wide');
    expect(bench.subscribe('wide', 'n/#', 1)).toEqual([]);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 0 })).toEqual([
      'broker < PINGREQ',
      'broker < UNSUBSCRIBE 4 n/a',
    ]);
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual([]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 5 n/# 1 for 0']);
  });

  it('does not wait for long where the broker cannot be known to have nothing left', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 1);
    subscribed(bench, 'other', 'n/a', 2, 0);
    bench.message('n/a', 'without PUBREL', 2, 7);
    bench.from('one', { ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/a' } });
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 0 });
    bench.connect('wide');
    const told = bench.subscribe('wide', 'n/#', 1);
    expect(told).toEqual(['broker < SUBSCRIBE 4 n/a 1 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 1 });
    expect(bench.pass(4_000)).toContain('broker < SUBSCRIBE 5 n/# 1 for 0');
  });

  it.each(['#', 's/#', 's/+', 's/1'])('has the QoS of a shared one, whichever comes first: %s', (filter) => {
    const late = new SharedBench([], { sharedProtocol: 4 });
    late.up();
    subscribed(late, 'plain', filter, 1, 0);
    late.connect('member');
    expect(late.subscribe('member', '$share/g/s/+', 1)).toEqual([
      `broker < SUBSCRIBE 2 ${filter} 1 for 0`,
      'broker < SUBSCRIBE 3 $share/g/s/+ 1 for 0',
    ]);
    const early = new SharedBench([], { sharedProtocol: 4 });
    early.up();
    subscribed(early, 'member', '$share/g/s/+', 1, 1);
    early.connect('plain');
    expect(early.subscribe('plain', filter, 0)).toEqual([`broker < SUBSCRIBE 2 ${filter} 1 for 0`]);
  });
});

const UNSUBSCRIBE: MessageOf<'UNSUBSCRIBE'> = {
  ...{ type: 'UNSUBSCRIBE', msgId: 2, topic: { topicIdType: 'normal', topicName: 'n/#' } },
};

/** A client that has a subscription, and all that is retained. */
function subscribed(bench: SharedBench, clientId: string, filter: string, packetId: number, qos: 0 | 1 | 2): void {
  bench.connect(clientId);
  bench.subscribe(clientId, filter, qos);
  bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 2 });
  bench.broker({ type: 'upstream-ponged' });
}

describe('a filter that stands for narrower ones, over a restart (MQTT 3.1.1, I-95)', () => {
  it('keeps its QoS: the broker has it for all of them until they have subscriptions of their own', () => {
    const settings = { upstream: { sharedProtocol: 4 } } as const;
    const bench = new HubBench({ settings });
    bench.client('wide', { clean: false });
    bench.client('narrow', { clean: false });
    bench.subscribe('wide', 'n/+', 0);
    const told = bench.grants(bench.asks('narrow', 'n/a', 2));
    expect(told).toEqual(['#2 SUBSCRIBE id3 n/+ qos2 without retained', '#2 UNSUBSCRIBE id4 n/a']);
    bench.grants(told);
    bench.act(bench.feed({ type: 'upstream-unsubscribed', connection: 2, packetId: 4 }));
    const next = hubRestarted(bench, { isAway: true });
    next.up(next.own);
    const asked = next.stands({ sessionPresent: true }).filter((line) => line.includes(' SUBSCRIBE '));
    expect(asked.filter((line) => line.includes(' n/+ '))).toEqual([expect.stringContaining(' n/+ qos2 ')]);
  });
});

describe('filters that a broker without Subscription Identifiers has lost', () => {
  it.each([
    ['a shared one', '$share/g/n/#', 'n/#'],
    ['one that crosses', 'n/+', '+/a'],
  ])(
    'are asked for with the highest QoS first: what comes by %s meanwhile is for the others as well',
    (_, lesser, better) => {
      const bench = new HubBench({ connack: { identifiersAvailable: false } });
      bench.client('lesser', { clean: false });
      bench.client('better', { clean: false });
      bench.subscribe('lesser', lesser, 1);
      bench.pongs();
      bench.subscribe('better', better, 2);
      bench.pongs();
      bench.breaks();
      bench.wait(2_000);
      const asked = bench.stands().filter((line) => line.includes(' SUBSCRIBE '));
      expect(asked.map((line) => line.replace(/^.* id\d+ /, ''))).toEqual([
        `${better} qos2 without retained`,
        `${lesser} qos1 without retained`,
      ]);
    },
  );
});
