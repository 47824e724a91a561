import { describe, expect, it } from '@jest/globals';
import { CoreBench, connectFrame, frame } from '../support/core-bench.ts';
import { connected, persistent, sent, subscribed, subscribedWith } from '../support/core-bench-traffic.ts';

const predefined = { '*': { 10: 'x/y' } };

describe('gateway publish in step with the broker (6.10, 3.3)', () => {
  it('QoS 0: one frame, no acknowledgement in either direction', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', '21.5')).toEqual(['s < 0b0c000001000032312e35']);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('QoS 1: the broker gets its PUBACK when the client has acknowledged', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 })).toEqual(['s < 080c200001000178']);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id10']);
  });

  it('QoS 2: PUBREC, PUBREL and PUBCOMP are passed on one by one', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 })).toEqual(['s < 080c400001000178']);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['#1 PUBREC id10']);
    expect(bench.released(1, 10)).toEqual(['s < 04100001']);
    expect(bench.from('s', '04 0E 00 01')).toEqual(['#1 PUBCOMP id10']);
  });

  it('QoS 2: a repeated PUBREC gets nothing before PUBREL of the broker, PUBREL again after it', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    bench.from('s', '04 0F 00 01');
    expect(bench.from('s', '04 0F 00 01')).toEqual([]);
    bench.released(1, 10);
    expect(bench.from('s', '04 0F 00 01')).toEqual(['s < 04100001']);
  });

  it('copies Retain, and sends DUP = 0 first whatever the broker’s hop says (3.1, T-19)', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { retain: true })).toEqual([sent('0c 10 0001 0000', 'x')]);
    expect(bench.message(1, 'a/b', 'y', { packetId: 10, qos: 1, dup: true })).toEqual([sent('0c 20 0001 0001', 'y')]);
  });

  it('delivers an empty payload (T-47)', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', '', { packetId: 10, qos: 1 })).toEqual(['s < 070c2000010001']);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id10']);
  });

  it.each([
    ['PUBACK with another MsgId', '0d 0001 0002 00'],
    ['PUBREC for a QoS 1 message', '0f 0002'],
    ['PUBCOMP with an unknown MsgId', '0e 0009'],
  ])('%s acknowledges nothing upstream', (_what, hex) => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame(hex)).filter((line) => line.startsWith('#'))).toEqual([]);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id10']);
  });

  it('has one QoS 1/2 publish under way at a time, in strict order, QoS 0 behind it (G-6)', () => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', '1', { packetId: 10, qos: 1 })).toEqual([sent('0c 20 0001 0001', '1')]);
    expect(bench.message(1, 'a/b', '2')).toEqual([]);
    expect(bench.message(1, 'a/b', '3', { packetId: 11, qos: 2 })).toEqual([]);
    expect(bench.message(1, 'a/b', '4')).toEqual([]);
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([
      '#1 PUBACK id10',
      sent('0c 00 0001 0000', '2'),
      sent('0c 40 0001 0002', '3'),
    ]);
    expect(bench.from('s', frame('0f 0002'))).toEqual(['#1 PUBREC id11']);
    expect(bench.released(1, 11)).toEqual([sent('10 0002')]);
    expect(bench.from('s', frame('0e 0002'))).toEqual(['#1 PUBCOMP id11', sent('0c 00 0001 0000', '4')]);
  });

  it('keeps a bound on waiting QoS 0 messages, the oldest goes first (SL-16)', () => {
    const bench = connected({ settings: { sessions: { sleepBufferMessages: 2 } } });
    subscribed(bench, 'a/b', 2);
    bench.message(1, 'a/b', '0', { packetId: 10, qos: 1 });
    for (const text of ['1', '2', '3']) {
      expect(bench.message(1, 'a/b', text)).toEqual([]);
    }
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([
      '#1 PUBACK id10',
      sent('0c 00 0001 0000', '2'),
      sent('0c 00 0001 0000', '3'),
    ]);
  });

  it('counts one that goes while REGISTER is out for it once, also where the client refuses the topic then', () => {
    const bench = connected({ settings: { sessions: { sleepBufferMessages: 1 } } });
    subscribed(bench, '#', 0);
    const [register] = bench.message(1, 'n/ew', '1');
    bench.message(1, 'n/ew', '2');
    bench.from('s', frame(`0b ${register?.slice(8, 16)} 03`));
    expect(bench.core.queued()).toEqual({ messages: 0, octets: 0, qos0Octets: 0 });
    expect(bench.core.session('s')?.counters.dropped).toBe(2);
  });

  it('keeps a bound on their octets, too (SL-16)', () => {
    const bench = connected({ settings: { sessions: { sleepBufferOctets: 150 } } });
    subscribed(bench, 'a/b', 2);
    bench.message(1, 'a/b', '0', { packetId: 10, qos: 1 });
    for (const text of ['1', '2', '3']) {
      bench.message(1, 'a/b', text.repeat(60));
    }
    expect(bench.from('s', frame('0d 0001 0001 00'))).toEqual([
      '#1 PUBACK id10',
      sent('0c 00 0001 0000', '2'.repeat(60)),
      sent('0c 00 0001 0000', '3'.repeat(60)),
    ]);
  });

  it('I-7: a broker that never sends PUBREL does not stop the queue; its late PUBREL is answered', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', '1', { packetId: 10, qos: 2 });
    bench.from('s', frame('0f 0001'));
    bench.message(1, 'a/b', '2');
    bench.pass(39_999);
    expect(bench.pass(1)).toEqual([sent('10 0001')]);
    expect(bench.from('s', frame('0e 0001'))).toEqual([sent('0c 00 0001 0000', '2')]);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']);
  });
});

describe('choice of the TopicIdType (G-8)', () => {
  it('a name of two octets reached by a wildcard comes as short topic, no REGISTER', () => {
    const bench = connected();
    subscribed(bench, '#');
    expect(bench.message(1, 'tp', '1')).toEqual([sent('0c 02 7470 0000', '1')]);
    expect(bench.message(1, 'é', '2')).toEqual([sent('0c 02 c3a9 0000', '2')]);
  });

  it('a name of one octet, or of two characters and three octets, comes by REGISTER (T-17)', () => {
    const bench = connected();
    subscribed(bench, '#');
    expect(bench.message(1, 't', '1')).toEqual([sent('0a 0001 0001', 't')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 00 0001 0000', '1')]);
    expect(bench.message(1, 'aé', '2')).toEqual([sent('0a 0002 0002', 'aé')]);
  });

  it('a pre-defined topic reached by a wildcard or by name comes with a normal id (T-16)', () => {
    const bench = connected({ predefined });
    subscribed(bench, 'x/#');
    expect(bench.message(1, 'x/y', '1')).toEqual([sent('0a 000b 0001', 'x/y')]);
  });

  it('type 01 comes before 00 and 10, where the client subscribed by pre-defined id', () => {
    const bench = connected({ predefined: { '*': { 10: 'tp' } } });
    subscribed(bench, 'tp');
    subscribedWith(bench, '07 12 22 00 07 74 70');
    expect(bench.message(1, 'tp', '1')).toEqual([sent('0c 02 7470 0000', '1')]);
    subscribedWith(bench, '07 12 21 00 06 00 0A');
    expect(bench.message(1, 'tp', '2')).toEqual([sent('0c 01 000a 0000', '2')]);
  });
});

describe('PUBACK with a rejection (6.10)', () => {
  it('0x02, QoS 1: REGISTER with the same id and name, then the PUBLISH again (G-2)', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([sent('0a 0001 0002', 'a/b')]);
    const again = bench.from('s', frame('0b 0001 0002 00'));
    expect(again).toEqual([expect.stringMatching(/^s < 080c[2a]00001000[13]78$/)]);
    const msgId = again[0]?.slice(-6, -2) ?? '';
    expect(bench.from('s', frame(`0d 0001 ${msgId} 00`))).toEqual(['#1 PUBACK id10']);
  });

  it('0x02, QoS 2: the same', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    expect(bench.from('s', frame('0d 0001 0001 02'))).toEqual([sent('0a 0001 0002', 'a/b')]);
    const again = bench.from('s', frame('0b 0001 0002 00'));
    expect(again).toEqual([expect.stringMatching(/^s < 080c[4c]00001000[13]78$/)]);
    expect(bench.from('s', frame(`0f ${again[0]?.slice(-6, -2)}`))).toEqual(['#1 PUBREC id10']);
  });

  it('0x02, QoS 0: only the mark is cleared, the next message begins with REGISTER (G-2)', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x');
    expect(bench.from('s', frame('0d 0001 0000 02'))).toEqual([]);
    expect(bench.message(1, 'a/b', 'y')).toEqual([sent('0a 0001 0001', 'a/b')]);
  });

  it('0x02 again and again: two REGISTERs, then the message is dropped and acknowledged, the queue goes on (I-11)', () => {
    const bench = subscriber();
    subscribed(bench, 'c');
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    bench.message(1, 'c', 'next');
    let lines: string[] = [sent('0c 20 0001 0001', 'x')];
    for (let round = 0; round < 2; round++) {
      const registers = bench.from('s', frame(`0d 0001 ${lines[0]?.slice(-6, -2)} 02`));
      expect(registers).toEqual([expect.stringMatching(/^s < 090a0001....612f62$/)]);
      lines = bench.from('s', frame(`0b 0001 ${registers[0]?.slice(12, 16)} 00`));
    }
    expect(bench.from('s', frame(`0d 0001 ${lines[0]?.slice(-6, -2)} 02`))).toEqual([
      '#1 PUBACK id10 reason 83',
      sent('0c 00 0002 0000', 'next'),
    ]);
  });

  it('0x02 for a pre-defined id: a normal id with REGISTER for this client from now on (G-3)', () => {
    const bench = connected({ predefined });
    subscribedWith(bench, '07 12 21 00 06 00 0A');
    expect(bench.message(1, 'x/y', '1', { packetId: 10, qos: 1 })).toEqual([sent('0c 21 000a 0001', '1')]);
    expect(bench.from('s', frame('0d 000a 0001 02'))).toEqual([sent('0a 000b 0002', 'x/y')]);
    const again = bench.from('s', frame('0b 000b 0002 00'));
    expect(again).toEqual([expect.stringMatching(/^s < 080c[2a]0000b000[13]31$/)]);
    expect(bench.from('s', frame(`0d 000b ${again[0]?.slice(-6, -2)} 00`))).toEqual(['#1 PUBACK id10']);
    expect(bench.message(1, 'x/y', '2')).toEqual([sent('0c 00 000b 0000', '2')]);
  });

  it('0x02 for a pre-defined id with QoS 0: the next message comes with a normal id (G-3)', () => {
    const bench = connected({ predefined });
    subscribedWith(bench, '07 12 01 00 06 00 0A', 0);
    bench.message(1, 'x/y', '1');
    expect(bench.from('s', frame('0d 000a 0000 02'))).toEqual([]);
    expect(bench.message(1, 'x/y', '2')).toEqual([sent('0a 000b 0001', 'x/y')]);
  });

  it.each([
    [1, '20', 'a0'],
    [2, '40', 'c0'],
  ] as const)('0x01: not acknowledged, repeated after T_retry with DUP, QoS %d (G-4)', (qos, flags, dup) => {
    const bench = subscriber();
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos })).toEqual([sent(`0c ${flags} 0001 0001`, 'x')]);
    expect(bench.from('s', frame('0d 0001 0001 01'))).toEqual([]);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual([sent(`0c ${dup} 0001 0001`, 'x')]);
  });

  it('0x01 counts: after N_retry repeats the message is dropped and acknowledged, the client stays (G-4, T-r6)', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
    for (let repeat = 0; repeat < 3; repeat++) {
      bench.from('s', frame('0d 0001 0001 01'));
      expect(bench.pass(10_000)).toEqual([sent('0c a0 0001 0001', 'x')]);
    }
    bench.from('s', frame('0d 0001 0001 01'));
    expect(bench.pass(10_000)).toEqual(['#1 PUBACK id10']);
    expect(bench.core.sessionCount).toBe(1);
  });

  it.each(['03', '04', '80', 'ff'])(
    '0x%s: finished, the broker hears 0x83, the queue goes on (G-4, T-44, 3.6)',
    (code) => {
      const bench = subscriber();
      bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 });
      bench.message(1, 'a/b', 'y');
      expect(bench.from('s', frame(`0d 0001 0001 ${code}`))).toEqual([
        '#1 PUBACK id10 reason 83',
        sent('0c 00 0001 0000', 'y'),
      ]);
    },
  );

  it('0x03, QoS 2: PUBREC with 0x83 ends it', () => {
    const bench = subscriber();
    bench.message(1, 'a/b', 'x', { packetId: 10, qos: 2 });
    bench.message(1, 'a/b', 'y');
    expect(bench.from('s', frame('0d 0001 0001 03'))).toEqual([
      '#1 PUBREC id10 reason 83',
      sent('0c 00 0001 0000', 'y'),
    ]);
    expect(bench.released(1, 10)).toEqual(['#1 PUBCOMP id10']); // 3.1.1 knows no reason: the broker goes on
  });
});

describe('persistent sessions without record (3.4)', () => {
  it('a message of a subscription that only the broker remembers is delivered by REGISTER', () => {
    const bench = new CoreBench();
    bench.connect('s', 's', { clean: false, sessionPresent: true });
    expect(bench.message(1, 'a/b', 'x', { packetId: 10, qos: 1 })).toEqual([sent('0a 0001 0001', 'a/b')]);
    expect(bench.from('s', frame('0b 0001 0001 00'))).toEqual([sent('0c 20 0001 0002', 'x')]);
    expect(bench.from('s', frame('0d 0001 0002 00'))).toEqual(['#1 PUBACK id10']);
  });

  it('messages that arrive before CONNACK, while subscriptions are restored, are held until it has been sent (2.15)', () => {
    const bench = persistent();
    subscribed(bench, 'a/b');
    bench.from('s', '02 18');
    bench.from('s', connectFrame('s', false, 1000));
    const [subscribe = ''] = bench.up(2, false);
    expect(bench.message(2, 'a/b', 'kept', { packetId: 10, qos: 1, retain: true })).toEqual([]);
    const lines = bench.suback(2, Number(/SUBSCRIBE id(\d+) a\/b/.exec(subscribe)?.[1]), 1);
    expect(lines).toEqual(['s < 030500', sent('0a 0001 0001', 'a/b')]);
  });
});

/** A client that subscribed to a/b, QoS 2, topic id 1. */
function subscriber(): CoreBench {
  const bench = connected();
  subscribed(bench, 'a/b', 2);
  return bench;
}
