import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { lastAttempt, radio } from '../support/core-bench-absence.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';

/** `s1` active on #1 with a clean session. */
function active(): CoreBench {
  const bench = new CoreBench();
  bench.connect('s', 's1');
  return bench;
}

describe('DISCONNECT (6.12)', () => {
  it('is answered, and the upstream connection ends with MQTT DISCONNECT (X-1)', () => {
    const bench = active();
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('publishes no will (X-1)', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
  });

  it('with a Duration is answered without one, and the upstream connection stays (X-2, T-31 c)', () => {
    const bench = active();
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
  });

  it('with Duration 0 is a plain one (T-31 a)', () => {
    const bench = active();
    expect(bench.from('s', '04 18 00 00')).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('leaves subscriptions and topic ids of a kept session in place (X-3)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    bench.pass(10_000_000);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.message(2, 'c/d', 'p')).toEqual(['s < 090a00020001632f64']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });

  it('drops what waits with QoS 0: a broker keeps none for an absent client either (I-16)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.sleep300);
    expect(bench.message(1, 'c/d', '0')).toEqual([]);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    bench.from('s', S1.connectKeep);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('in the same instant as a QoS 0 PUBLISH does not lose it', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect([...bench.from('s', S1.publishQos0), ...bench.from('s', S1.disconnect)]).toEqual([
      '#1 PUBLISH qos0 a/b "x"',
      's < 0218',
      '#1 DISCONNECT',
    ]);
  });

  it.each([
    ['half a Duration', '03 18 01'],
    ['three octets', '05 18 00 01 2C'],
  ])('with %s is dropped (1.9)', (_, frame) => {
    const bench = active();
    expect(bench.from('s', frame)).toEqual([]);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
  });
});

describe('what the broker still says of a connection that the gateway has ended', () => {
  it.each([
    ['that it is lost', (bench: CoreBench) => bench.down(1)],
    ['that it stands', (bench: CoreBench) => bench.up(1)],
    ['that it is refused', (bench: CoreBench) => bench.refused(1, 5)],
    ['a message', (bench: CoreBench) => bench.message(1, 'c/d', 'p', { qos: 1, packetId: 7 })],
    ['PUBACK', (bench: CoreBench) => bench.acked(1, 'PUBACK', 1)],
    ['SUBACK', (bench: CoreBench) => bench.suback(1, 1, 0)],
    ['UNSUBACK', (bench: CoreBench) => bench.unsuback(1, 1)],
    ['PUBREL', (bench: CoreBench) => bench.released(1, 7)],
  ])('%s: nothing comes of it', (_, late) => {
    for (const leave of [
      (bench: CoreBench) => bench.from('s', S1.disconnect),
      (bench: CoreBench) => bench.pass(90_001),
    ]) {
      const bench = new CoreBench();
      keepSession(bench);
      leave(bench);
      expect(late(bench)).toEqual([]);
      expect(bench.pass(1_000_000)).toEqual([]);
      expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    }
  });
});

describe('a repeated DISCONNECT (X-5, T-11)', () => {
  it('is answered each time within T_retry·(N_retry+1), upstream only once', () => {
    const bench = active();
    bench.from('s', S1.disconnect);
    for (let repeat = 1; repeat <= 3; repeat++) {
      expect(bench.pass(10_000)).toEqual([]);
      expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
    }
  });

  it('is not answered later: nobody there can have lost an acknowledgement', () => {
    const bench = active();
    bench.from('s', S1.disconnect);
    expect(bench.pass(40_001)).toEqual([]);
    expect(bench.from('s', S1.disconnect)).toEqual([]);
  });

  it('is answered also by a client that was lost a moment ago (2.15)', () => {
    const bench = active();
    bench.pass(90_001);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
  });

  it('of a kept session is answered too', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
  });

  it('with a Duration is answered each time by a sleeping client (T-31 e, field note 30)', () => {
    const bench = active();
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    for (let repeat = 1; repeat <= 3; repeat++) {
      bench.pass(10_000);
      expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    }
  });
});

describe('DISCONNECT from an address without a session', () => {
  it('is ignored: two peers that answer each other would never end (T-11)', () => {
    const bench = new CoreBench();
    expect(bench.from('x', S1.disconnect)).toEqual([]);
  });

  it('is ignored within T_retry after an unasked DISCONNECT to that address, and also later: it never had a session (T-11)', () => {
    const bench = new CoreBench();
    expect(bench.from('x', S1.publishQos0)).toEqual(['x < 0218']);
    expect(bench.from('x', S1.disconnect)).toEqual([]);
    expect(bench.pass(10_001)).toEqual([]);
    expect(bench.from('x', S1.disconnect)).toEqual([]);
  });

  it('is ignored even where a session has just been, when the gateway has sent an unasked DISCONNECT (T-11)', () => {
    const bench = active();
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0218']);
    expect(bench.from('s', S1.disconnect)).toEqual([]);
    bench.pass(10_001);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218']);
  });

  it.each([
    ['unknown', (bench: CoreBench) => bench.pass(1)],
    [
      'disconnected',
      (bench: CoreBench) => [bench.connect('s', 's1', { clean: false }), ...bench.from('s', S1.disconnect)],
    ],
    ['lost', (bench: CoreBench) => [bench.connect('s', 's1', { clean: false }), ...bench.pass(90_001)]],
  ])('is met with silence if it asks for sleep: %s client (T-31 d)', (_, prepare) => {
    const bench = new CoreBench();
    prepare(bench);
    expect(bench.from('s', S1.sleep300)).toEqual([]);
    expect(bench.pass(500_000)).toEqual([]);
  });
});

describe('requests of an unknown client (T-10)', () => {
  it.each([
    ['REGISTER', S1.register],
    ['SUBSCRIBE', S1.subscribe],
    ['UNSUBSCRIBE', S1.unsubscribe],
    ['PUBLISH QoS 0', S1.publishQos0],
    ['PUBLISH QoS 1', S1.publishQos1],
    ['PUBLISH QoS 2', S1.publishQos2],
    ['PINGREQ', S1.pingReq],
    ['WILLTOPIC', S1.willTopic],
  ])('%s is answered with DISCONNECT and nothing else', (_, frame) => {
    const bench = new CoreBench();
    expect(bench.from('x', frame)).toEqual(['x < 0218']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('are answered once for each address in T_retry', () => {
    const bench = new CoreBench();
    expect(bench.from('x', S1.publishQos0)).toEqual(['x < 0218']);
    expect(bench.from('x', S1.register)).toEqual([]);
    expect(bench.from('y', S1.register)).toEqual(['y < 0218']);
    bench.pass(9_999);
    expect(bench.from('x', S1.pingReq)).toEqual([]);
    bench.pass(2);
    expect(bench.from('x', S1.pingReq)).toEqual(['x < 0218']);
  });

  it('are not all answered when thousands of addresses send them in the same instant: there is a limit for all together', () => {
    const bench = new CoreBench();
    let answers = 0;
    for (let sender = 0; sender < 10_000; sender++) {
      answers += bench.from(`10.0.${sender >> 8}.${sender & 255}:1884`, S1.publishQos0).length;
    }
    expect(answers).toBeGreaterThan(0);
    expect(answers).toBeLessThan(10_000);
    bench.pass(10_001);
    expect(bench.from('x', S1.publishQos0)).toEqual(['x < 0218']);
  });

  it('do not stand in the way of its CONNECT', () => {
    const bench = new CoreBench();
    bench.from('x', S1.publishQos0);
    expect(bench.from('x', S1.connectClean)).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.up(1)).toEqual(['x < 030500']);
  });

  it('open no connection to the broker, however many addresses send them (field note 31)', () => {
    const bench = new CoreBench();
    for (let port = 1; port <= 200; port++) {
      const lines = bench.from(`192.0.2.7:${port}`, port % 2 === 0 ? S1.publishQos1 : '05 FE 00 12 34 02 16');
      expect(lines.filter((line) => line.startsWith('#'))).toEqual([]);
    }
    expect(bench.core.sessionCount).toBe(0);
  });
});

describe('the unasked DISCONNECT of the gateway (X-4, X-6)', () => {
  it('leaves the client disconnected; its session stays', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.register);
    bench.down(2);
    bench.pass(1_000);
    bench.down(3);
    bench.down(1); // nothing stands any more
    const lines = bench.pass(30_001);
    const last = lines.findLast((line) => line.includes('CONNECT (gateway)'));
    expect(radio(lines)).toEqual([]);
    expect(radio(bench.down(lastAttempt([last ?? ''], '(gateway)')))).toEqual(['s < 0218']);
    expect(bench.from('s', S1.disconnect)).toEqual([]);
    const later = bench.pass(10_001);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
    bench.up(lastAttempt(later, '(gateway)'));
    const [connect = ''] = bench.from('s', S1.connectKeep);
    expect(connect).toMatch(/^#\d+ CONNECT s1$/);
    const connection = Number(/#(\d+)/.exec(connect)?.[1]);
    expect(bench.up(connection, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual([`#${connection} PUBLISH qos0 a/b "x"`]);
  });
});

describe('the operator stops the gateway (X-7, T-52)', () => {
  it('tells active and awake clients, not sleeping ones, and ends every upstream connection with MQTT DISCONNECT', () => {
    const bench = new CoreBench();
    bench.connect('a', 'a1');
    bench.connect('s', 's1');
    bench.from('s', S1.sleep300);
    bench.connect('w', 'w1');
    bench.from('w', S1.subscribe);
    bench.suback(3, 1, 1);
    bench.from('w', S1.sleep300);
    bench.message(3, 'c/d', 'p', { packetId: 9, qos: 1 });
    expect(bench.from('w', '04 16 77 31')).toEqual(['w < 080c200001000170']);
    const stopped = bench.feed({ type: 'operator-stopped' });
    expect(stopped.toSorted()).toEqual(['#1 DISCONNECT', '#2 DISCONNECT', '#3 DISCONNECT', 'a < 0218', 'w < 0218']);
  });

  it('ends the own connection and attempts under way as well', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.from('s', S1.connectClean);
    const stopped = bench.feed({ type: 'operator-stopped' });
    expect(stopped.filter((line) => line.startsWith('#')).toSorted()).toEqual(['#1 DISCONNECT', '#2 DISCONNECT']);
    expect(stopped).not.toContain('s < 030500');
  });

  it('publishes no changed will (X-7, T-24)', () => {
    const bench = active();
    bench.from('s', S1.willTopicUpd);
    bench.from('s', S1.willMsgUpd);
    expect(bench.feed({ type: 'operator-stopped' })).toEqual(['s < 0218', '#1 DISCONNECT']);
  });
});
