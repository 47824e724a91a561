import { describe, expect, it } from '@jest/globals';
import type { MessageOf } from '../../../src/codec/message.ts';
import { SharedBench } from '../../support/shared-bench.ts';

/** Client `a` has t/b, and messages on it are unacknowledged; `b` comes, and wants t/a. */
function withNewcomer(): SharedBench {
  const bench = new SharedBench([], { sharedProtocol: 4 });
  bench.up();
  bench.connect('a');
  bench.subscribe('a', 't/b', 1);
  bench.broker({ type: 'upstream-subscribed', packetId: 1, reasonCode: 1 });
  bench.broker({ type: 'upstream-ponged' });
  bench.message('t/b', 'one', 1, 7);
  bench.connect('b');
  expect(bench.subscribe('b', 't/a', 1)).toEqual(['broker < SUBSCRIBE 2 t/a 1 for 0']);
  return bench;
}

describe('a newcomer, where messages name no subscriptions (MQTT 3.1.1)', () => {
  it('has all that is retained when the broker has answered a PINGREQ, and waits for no answer', () => {
    const bench = withNewcomer();
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 })).toEqual(['b < SUBACK 1 0x00']);
    expect(bench.subscribe('b', 't/c', 1, 2)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['broker < PUBACK 7', 'broker < PINGREQ']);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 3 t/c 1 for 0']);
  });

  it('is asked about it behind the acknowledgements, which may wait for the disk', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.pass(1_000);
    const behind = bench.effects.filter(({ type }) => type === 'upstream-acknowledge' || type === 'upstream-ping');
    expect(behind.slice(-2)).toMatchObject([
      { type: 'upstream-acknowledge', owner: '' },
      { type: 'upstream-ping', owner: '' },
    ]);
  });

  it('is asked again where more has come before PINGRESP, and not before PUBCOMP: until then the broker may wait', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    expect(bench.pass(1_000)).toEqual(['broker < PUBACK 7', 'broker < PINGREQ']);
    expect(bench.message('t/a', 'old', 2, 8, { retain: true })).toEqual(['b < PUBLISH 1 old qos1']);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['broker < PUBREC 8']);
    expect(bench.broker({ type: 'upstream-released', packetId: 8 })).toEqual([
      'broker < PUBCOMP 8',
      'broker < PINGREQ',
    ]);
    expect(bench.subscribe('b', 't/c', 1, 2)).toEqual([]);
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < SUBSCRIBE 3 t/c 1 for 0']);
  });

  it('does not keep others waiting for more than ten seconds where other messages never cease', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.subscribe('b', 't/c', 1, 2);
    const told: string[] = [];
    for (let number = 8; number < 34; number++) {
      const said = bench.message('t/b', 'more', 1, number);
      said.push(...bench.from('a', { type: 'PUBACK', topicId: 1, msgId: number - 7, returnCode: 0 }));
      said.push(...bench.message('t/b', 'most', 0, 0), ...bench.pass(400));
      told.push(...said.filter((line) => line.includes('SUBSCRIBE')));
    }
    expect(told).toEqual(['broker < SUBSCRIBE 3 t/c 1 for 0']);
  });

  it('has it also when it comes after that time, because the broker waits for something else, until it has answered a PINGREQ', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.message('t/b', 'without PUBREL', 2, 8);
    expect(bench.subscribe('b', 't/c', 1, 2)).toEqual([]);
    expect(bench.pass(10_000)).toContain('broker < SUBSCRIBE 3 t/c 1 for 0');
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 });
    expect(bench.message('t/a', 'old', 1, 9, { retain: true })).toEqual(['b < PUBLISH 1 old qos1']);
    expect(bench.message('t/a', 'old', 1, 10, { retain: true })).toEqual(['broker < PUBACK 10']);
    bench.pass(1_000);
    expect(bench.broker({ type: 'upstream-released', packetId: 8 })).toContain('broker < PINGREQ');
    bench.broker({ type: 'upstream-ponged' });
    expect(bench.message('t/a', 'newer', 1, 11, { retain: true })).toEqual(['broker < PUBACK 11']);
  });

  it('has it with the higher QoS where it asks by another filter before that time is over for all', () => {
    const bench = withNewcomer();
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 1 });
    bench.message('t/b', 'without PUBREL', 2, 8);
    expect(bench.subscribe('b', 't/#', 0, 2)).toEqual([]);
    const asked = bench.pass(10_000);
    expect(asked.filter((line) => line.includes('SUBSCRIBE'))).toEqual(['broker < SUBSCRIBE 3 t/# 0 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 0 });
    expect(bench.message('t/a', 'old', 1, 9, { retain: true })).toEqual(['b < PUBLISH 1 old qos1']);
  });

  it('has it also when a filter that stood for another one goes meanwhile', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'wide', 'n/#', 1);
    subscribed(bench, 'narrow', 'n/a', 2);
    bench.broker({ type: 'upstream-unsubscribed', packetId: 3 });
    bench.connect('first');
    expect(bench.subscribe('first', 'z', 1)).toEqual(['broker < SUBSCRIBE 4 z 1 for 0']);
    bench.connect('second');
    expect(bench.subscribe('second', 'n/a', 1)).toEqual([]); // one at a time
    expect(bench.from('wide', UNSUBSCRIBE)).toEqual(['wide < UNSUBACK 2']); // UNSUBSCRIBE waits, too
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 4, reasonCode: 1 })).toContain('broker < PINGREQ');
    expect(bench.message('z', 'old', 0, 0, { retain: true })).toContain('first < PUBLISH old qos0');
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual([
      'broker < SUBSCRIBE 5 n/a 1 for 0',
      'broker < UNSUBSCRIBE 6 n/#',
    ]);
    expect(bench.broker({ type: 'upstream-subscribed', packetId: 5, reasonCode: 1 })).toContain('broker < PINGREQ');
    expect(bench.message('n/a', 'older', 0, 0, { retain: true })).toContain('second < PUBLISH older qos0');
  });

  it('lowers no QoS for others, whose wider filter has a higher one', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'wide', 'n/#', 1, 2);
    bench.connect('newcomer');
    expect(bench.subscribe('newcomer', 'n/a', 0)).toEqual(['broker < SUBSCRIBE 2 n/a 2 for 0']);
    bench.broker({ type: 'upstream-subscribed', packetId: 2, reasonCode: 2 });
    expect(bench.broker({ type: 'upstream-ponged' })).toEqual(['broker < UNSUBSCRIBE 3 n/a']);
    expect(bench.message('n/a', 'new', 2, 1)).toEqual(
      expect.arrayContaining(['wide < REGISTER 1', 'newcomer < PUBLISH new qos0']),
    );
  });

  it('has it once where another SUBSCRIBE brings it again', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    bench.up();
    subscribed(bench, 'one', 'n/a', 1, 2);
    subscribed(bench, 'other', 'n/a', 2, 0);
    bench.connect('newcomer');
    bench.subscribe('newcomer', 'n/+', 1);
    expect(bench.from('one', { ...UNSUBSCRIBE, topic: { topicIdType: 'normal', topicName: 'n/a' } })).toContain(
      'broker < SUBSCRIBE 4 n/a 1 for 0',
    );
    bench.broker({ type: 'upstream-subscribed', packetId: 3, reasonCode: 1 });
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual(['newcomer < REGISTER 1']);
    expect(bench.message('n/a', 'old', 0, 0, { retain: true })).toEqual([]);
    expect(bench.from('newcomer', { type: 'REGACK', topicId: 1, msgId: 1, returnCode: 0 })).toEqual([
      'newcomer < PUBLISH old qos0',
    ]);
  });
});

const UNSUBSCRIBE: MessageOf<'UNSUBSCRIBE'> = {
  ...{ type: 'UNSUBSCRIBE', msgId: 2, topic: { topicIdType: 'normal', topicName: 'n/#' } },
};

/** A client that has a subscription, and all that is retained. */
function subscribed(bench: SharedBench, clientId: string, filter: string, packetId: number, qos: 0 | 1 | 2 = 1): void {
  bench.connect(clientId);
  bench.subscribe(clientId, filter, qos);
  bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 2 });
  bench.broker({ type: 'upstream-ponged' });
}

describe('newcomers whose SUBSCRIBEs go out one at a time, for the connection broke with their filters out (I-42)', () => {
  it('have what is retained, also where the next one has been asked for before it comes', () => {
    const bench = new SharedBench([], { sharedProtocol: 4 });
    const breaks = (): void => {
      bench.broker({ type: 'upstream-lost', reason: 'broken', takenOver: false });
    };
    const stands = (): string[] => [
      ...bench.pass(60_000),
      ...bench.broker({ type: 'upstream-connected', sessionPresent: false }),
    ];
    bench.up();
    for (const [name, packetId] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      bench.connect(name);
      bench.subscribe(name, `x/${name}`, 1);
      bench.broker({ type: 'upstream-subscribed', packetId, reasonCode: 1 });
      bench.broker({ type: 'upstream-ponged' });
    }
    breaks();
    expect(stands().filter((line) => line.includes('SUBSCRIBE'))).toHaveLength(2);
    breaks();
    stands(); // and nothing goes out for a second
    for (const [name, filter] of [
      ['c', 'x/a'],
      ['d', 'x/b'],
    ] as const) {
      bench.connect(name);
      bench.subscribe(name, filter, 1);
    }
    const [first = ''] = bench.pass(2_000).filter((line) => line.includes('SUBSCRIBE'));
    const [, packetId, filter = ''] = /SUBSCRIBE (\d+) (\S+)/.exec(first) ?? [];
    const told = bench.broker({ type: 'upstream-subscribed', packetId: Number(packetId), reasonCode: 1 });
    expect(told.filter((line) => line.includes('SUBSCRIBE'))).toHaveLength(1);
    const name = filter === 'x/a' ? 'c' : 'd';
    expect(bench.message(filter, 'kept', 1, 9, { retain: true }).join()).toContain(`${name} < PUBLISH`);
  });
});
