import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, registered, sent, subscribed } from '../support/core-bench-traffic.ts';

describe('retransmission by the gateway (6.13, T-r4, T-r5)', () => {
  it('REGISTER: after 10, 20 and 30 s, unchanged', () => {
    const bench = connected();
    subscribed(bench, '#');
    expect(bench.message(1, 'a/b', 'x')).toEqual([sent('0a 0001 0001', 'a/b')]);
    expectRepeats(bench, sent('0a 0001 0001', 'a/b'));
  });

  it.each([
    [1, '20', 'a0'],
    [2, '40', 'c0'],
  ] as const)('PUBLISH QoS %d: after 10, 20 and 30 s, with DUP and the same MsgId', (qos, flags, dup) => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos })).toEqual([sent(`0c ${flags} 0001 0001`, 'x')]);
    expectRepeats(bench, sent(`0c ${dup} 0001 0001`, 'x'));
  });

  it('PUBLISH keeps Retain in its repeats', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1, retain: true });
    expect(bench.pass(10_000)).toEqual([sent('0c b0 0001 0001', 'x')]);
  });

  it('PUBREL: after 10, 20 and 30 s, unchanged; N_retry counts from PUBREL anew', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    bench.pass(25_000);
    bench.from('s', '04 0F 00 01');
    expect(bench.released(1, 10)).toEqual(['s < 04100001']);
    expectRepeats(bench, 's < 04100001');
  });

  it('PUBLISH after REGACK has its own N_retry', () => {
    const bench = connected();
    subscribed(bench, '#');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    expect(bench.pass(35_000)).toHaveLength(3);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 20 0001 0002', 'x')]);
    expectRepeats(bench, sent('0c a0 0001 0002', 'x'));
  });

  it('ends with the acknowledgement', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    bench.pass(15_000);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual(['#1 PUBACK id10']);
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([]); // answer to the repeat, late
  });

  it('follows the settings for T_retry and N_retry', () => {
    const bench = connected({ settings: { timing: { retryInterval: 3_000, retryCount: 1 } } });
    subscribed(bench, 'a/b');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    expect(bench.pass(2_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([sent('0c a0 0001 0001', 'x')]);
    expect(bench.pass(2_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('never repeats what is only sent when the request comes again: REGACK, SUBACK, PUBACK, PINGRESP, QoS 0', () => {
    const bench = subscriber();
    registered(bench, 'c');
    bench.from('s', frame('0c 20 0001 0001', 'x'));
    bench.acked(1, 'PUBACK', 2);
    bench.from('s', '02 16');
    bench.message(1, 'a/b', 'x');
    expect(bench.pass(120_000)).toEqual([]);
  });
});

describe('giving up (T-r6, T-37)', () => {
  it.each([
    ['REGISTER', 'n/ew', 1],
    ['PUBLISH QoS 1', 'a/b', 1],
    ['PUBLISH QoS 2', 'a/b', 2],
  ] as const)('%s, nothing heard since the first transmission: the client is lost', (_what, topic, qos) => {
    const bench = everything();
    bench.message(1, topic, 'x', { packetId: 10, qos });
    bench.pass(39_999);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it.each([
    ['PINGREQ', '02 16'],
    ['a REGISTER', '07 0A 00 00 00 01 7A'],
    ['an acknowledgement that fits nothing', '07 0D 00 01 00 63 00'],
  ])('PUBLISH, %s heard meanwhile: only this message is dropped and acknowledged, the queue goes on', (_what, sign) => {
    const bench = everything();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.message(1, 'a/b', '2', { packetId: 11, qos: 1 });
    bench.pass(1_000);
    bench.from('s', sign);
    bench.pass(38_999);
    expect(bench.pass(1)).toEqual(['#1 PUBACK id10', sent('0c 20 0001 0002', '2')]);
    expect(bench.core.sessionCount).toBe(1);
  });

  it('PUBLISH QoS 2, something heard: the broker gets PUBREC, and PUBCOMP for its PUBREL', () => {
    const bench = everything();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 2 });
    bench.pass(1_000);
    bench.from('s', '02 16');
    bench.pass(38_999);
    expect(bench.pass(1)).toEqual(['#1 PUBREC id10']);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
  });

  it('PUBREL, something heard: the exchange is ended, the broker gets PUBCOMP', () => {
    const bench = everything();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 2 });
    bench.from('s', '04 0F 00 01');
    bench.released(1, 10);
    bench.pass(5_000);
    bench.from('s', '02 16');
    bench.pass(34_999);
    expect(bench.pass(1)).toEqual(['#1 PUBCOMP id10']);
  });

  it('REGISTER, something heard: this message is dropped and acknowledged, the next one on the topic tries again', () => {
    const bench = everything();
    bench.message(1, 'n/ew', '1', { packetId: 10, qos: 1 });
    bench.pass(1_000);
    bench.from('s', '02 16');
    bench.pass(38_999);
    expect(bench.pass(1)).toEqual(['#1 PUBACK id10']);
    expect(bench.message(1, 'n/ew', '2', { packetId: 11, qos: 1 })).toEqual([sent('0a 0002 0002', 'n/ew')]);
    expect(bench.pass(10_000)).toEqual(['#1 PUBACK id11']);
    expect(bench.message(1, 'a/b', '3')).toEqual([sent('0c 00 0001 0000', '3')]);
  });

  it('a message heard at the very moment of the first transmission or before counts for nothing', () => {
    const bench = everything();
    bench.from('s', '02 16');
    bench.pass(1);
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.pass(39_999);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a malformed datagram is no sign of life (T-34)', () => {
    const bench = everything();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.pass(1_000);
    bench.from('s', '03 16');
    bench.pass(38_999);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a lost client with a persistent session gets the message when it is back', () => {
    const bench = connected({}, { clean: false });
    subscribed(bench, 'a/b');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    bench.pass(39_999);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.from('s', connectFrame('s', false))).toEqual(['#2 CONNECT s']);
    expect([...bench.up(2, true), ...bench.message(2, 'a/b', 'x', { packetId: 10, qos: 1, dup: true })]).toEqual([
      's < 030500',
      expect.stringMatching(/^s < 090a0001....612f62$/),
    ]);
  });
});

describe('giving up while awake (T-r7, T-30)', () => {
  it('back to the head of the buffer, asleep without PINGRESP, DUP at the next PINGREQ', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.message(1, 'a/b', '2');
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c 20 0001 0001', '1')]);
    expectRepeats(bench, sent('0c a0 0001 0001', '1'));
    expect(bench.pass(10_000)).toEqual([]);
    expect(bench.message(1, 'a/b', '3')).toEqual([]);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c a0 0001 0001', '1')]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([
      '#1 PUBACK id10',
      sent('0c 00 0001 0000', '2'),
      sent('0c 00 0001 0000', '3'),
      's < 0217',
    ]);
  });

  it('REGISTER counts as well (T-28)', () => {
    const bench = sleeper('#');
    bench.message(1, 'a/b', '1');
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0a 0001 0001', 'a/b')]);
    expectRepeats(bench, sent('0a 0001 0001', 'a/b'));
    expect(bench.pass(10_000)).toEqual([]);
    const lines = bench.from('s', frame('16', 's'));
    expect(lines).toEqual([expect.stringMatching(/^s < 090a0001....612f62$/)]);
    expect(bench.from('s', frame(`0b 0001 ${lines[0]?.slice(12, 16)} 00`))).toEqual([
      sent('0c 00 0001 0000', '1'),
      's < 0217',
    ]);
  });

  it('the sleep timer runs from the last message of the client: 330 s for 300 s (T-30)', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.from('s', frame('16', 's'));
    expect(bench.pass(329_999)).toHaveLength(3);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
  });

  it('a repeated PINGREQ gets the outstanding message at once with DUP (SL-9)', () => {
    const bench = sleeper();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 });
    bench.from('s', frame('16', 's'));
    bench.pass(4_000);
    expect(bench.from('s', frame('16', 's'))).toEqual([sent('0c a0 0001 0001', '1')]);
  });
});

describe('congestion (2.13)', () => {
  it('CONNACK 0x01 where there are as many sessions as may be (N-1)', () => {
    const bench = new CoreBench({ settings: { sessions: { limit: 1 } } });
    bench.connect('s');
    expect(bench.from('t', connectFrame('t'))).toEqual(['t < 030501']);
    bench.from('s', '02 18');
    expect(bench.from('t', connectFrame('t'))).toEqual(['#2 CONNECT t clean']);
  });

  it('REGACK, SUBACK and PUBACK 0x01 at their limits; the client’s other requests go on (N-1)', () => {
    const bench = connected({ settings: { clients: { maxTopics: 1, maxInflight: 1 } } });
    registered(bench, 'a');
    expect(bench.from('s', frame('0a 0000 0001', 'b'))).toEqual([sent('0b 0000 0001 01')]);
    expect(bench.from('s', frame('12 20 0002', 'b'))).toEqual([sent('13 00 0000 0002 01')]);
    bench.from('s', frame('0c 20 0001 0003', 'x'));
    expect(bench.from('s', frame('0c 40 0001 0004', 'x'))).toEqual([sent('0d 0001 0004 01')]);
    expect(bench.from('s', '02 16')).toEqual(['s < 0217']);
  });

  it('a short absence of the broker is bridged without 0x01 (N-3)', () => {
    const bench = connected();
    registered(bench, 'a');
    bench.down(1);
    expect(bench.from('s', frame('0c 20 0001 0003', 'x'))).toEqual([]);
    expect(bench.from('s', frame('12 20 0004', 'a'))).toEqual([]);
  });
});

/** The line comes exactly 10, 20 and 30 s from now, and time then stands at 39.999 s: before the end. */
function expectRepeats(bench: CoreBench, line: string): void {
  for (let repeat = 0; repeat < 3; repeat++) {
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([line]);
  }
  expect(bench.pass(9_999)).toEqual([]);
}

/** A client that subscribed to a/b, QoS 2, topic id 1. */
function subscriber(): CoreBench {
  const bench = connected();
  subscribed(bench, 'a/b', 2);
  return bench;
}

/** The same, and subscribed to n/# beside it. */
function everything(): CoreBench {
  const bench = subscriber();
  subscribed(bench, 'n/#', 2);
  bench.pass(1_000);
  return bench;
}

/** A client asleep for 300 s, subscribed to a topic. */
function sleeper(filter = 'a/b'): CoreBench {
  const bench = connected();
  subscribed(bench, filter, 2);
  expect(bench.from('s', '04 18 01 2C')).toEqual(['s < 0218']);
  return bench;
}
