import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, keepSession, S1 } from '../support/core-bench-frames.ts';

describe('CONNECT of an active client (T-03)', () => {
  it('repeats CONNACK for the same CONNECT with nothing in between: CONNACK was lost', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.pass(39_999);
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030500']);
  });

  it('repeats CONNACK without a new will exchange', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['s < 030500']);
  });

  it('connects anew when T_retry·(N_retry+1) have passed since CONNACK', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.pass(40_001);
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it.each([
    ['PINGREQ', S1.pingReq],
    ['REGISTER', S1.register],
    ['PUBLISH', S1.publishQosMinus1],
    ['an acknowledgement', '07 0D 00 01 00 01 00'],
  ])('connects anew when %s came in between', (_, frame) => {
    const bench = new CoreBench();
    bench.connect('own', 'own');
    bench.connect('s', 's1');
    bench.from('s', frame);
    const next = frame === S1.publishQosMinus1 ? 4 : 3;
    expect(bench.from('s', S1.connectClean)).toEqual(['#2 DISCONNECT', `#${next} CONNECT s1 clean`]);
    expect(bench.up(next)).toEqual(['s < 030500']);
  });

  it.each([
    ['another Duration', S1.connectClean120, ['#1 DISCONNECT', '#2 CONNECT s1 clean']],
    ['another CleanSession', S1.connectKeep, ['#1 DISCONNECT', '#2 CONNECT s1']],
    ['another Will', S1.connectCleanWill, ['#1 DISCONNECT', 's < 0206']],
  ])('connects anew with %s', (_, connect, expected) => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('s', connect)).toEqual(expected);
  });

  it('supervises with the new Duration', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    bench.from('s', S1.connectClean120);
    bench.up(2);
    expect(bench.pass(131_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#2 close without DISCONNECT']);
  });

  it('never lets the will of the old connection fire (T-52)', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    bench.from('s', S1.pingReq);
    expect(exchangeWill(bench)).toEqual([
      '#1 DISCONNECT',
      's < 0206',
      's < 0208',
      '#2 CONNECT s1 clean will w/s1 "off" qos1 retain',
    ]);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('keeps the topic ids with CleanSession=0 (T-03 b, R-11)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0001000100']);
  });

  it('no longer relies on the client knowing an id, though the id stays (T-03 b, R-11)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.connectKeep);
    bench.up(2, true);
    expect(bench.message(2, 'c/d', 'p')).toEqual(['s < 090a00020001632f64']);
    expect(bench.from('s', '07 0B 00 02 00 01 00')).toEqual(['s < 080c000002000070']);
    expect(bench.message(2, 'c/d', 'q')).toEqual(['s < 080c000002000071']);
  });

  it('keeps the queue with CleanSession=0 (T-03 b)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 1, 1);
    expect(bench.message(1, 'g/h', 'p')).toEqual(['s < 090a00010001672f68']);
    expect(bench.message(1, 'g/h', 'q')).toEqual([]);
    bench.from('s', S1.connectKeep);
    const [connack, register = '', ...rest] = bench.up(2, true);
    expect([connack, rest]).toEqual(['s < 030500', []]);
    expect(register).toMatch(/^s < 090a0001....672f68$/);
    expect(bench.from('s', `07 0B 00 01 ${register.slice(12, 16)} 00`)).toEqual([
      's < 080c000001000070',
      's < 080c000001000071',
    ]);
  });

  it('subscribes anew when the broker has lost the kept session (3.4)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.connectKeep);
    const [subscribe = '', ...rest] = bench.up(2, false);
    expect(subscribe).toMatch(/^#2 SUBSCRIBE id\d+ c\/d qos1$/);
    const packetId = Number(/id(\d+)/.exec(subscribe)?.[1]);
    expect([...rest, ...bench.suback(2, packetId, 1)]).toEqual(['s < 030500']);
  });

  it('drops topic ids and queue with CleanSession=1, and goes on numbering (S-4, R-13)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.subscribeWildcard);
    bench.suback(1, 1, 1);
    bench.message(1, 'g/h', 'p');
    bench.from('s', S1.connectClean);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos1)).toEqual(['s < 070d0001000202']);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0002000100']);
    expect(bench.pass(60_000)).toEqual([]);
  });
});

describe('CONNECT of an active client that comes to nothing (I-1, C-12)', () => {
  it.each([
    ['no answer to WILLTOPICREQ', (bench: CoreBench) => bench.pass(200_000), ['s < 0206', 's < 0206', 's < 0206']],
    ['a bad will topic (W-6)', (bench: CoreBench) => bench.from('s', '04 07 00 23'), ['s < 030503']],
    ['DISCONNECT', (bench: CoreBench) => bench.from('s', S1.disconnect), ['s < 0218']],
    ['DISCONNECT with a Duration (I-15)', (bench: CoreBench) => bench.from('s', S1.sleep300), ['s < 0218']],
  ])('%s leaves it disconnected, with its session and without supervision', (_, end, expected) => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['#1 DISCONNECT', 's < 0206']);
    expect(end(bench)).toEqual(expected);
    expect(bench.pass(1_000_000)).toEqual([]);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });
});

describe('keep-alive 0 (T-06, K-7)', () => {
  const connectForever = '08 04 04 01 00 00 73 31';

  function connected(): CoreBench {
    const bench = new CoreBench();
    bench.from('s', connectForever);
    bench.up(1);
    return bench;
  }

  it('is probed after an hour of silence, N_retry times again, and then lost', () => {
    const bench = connected();
    expect(bench.pass(3_599_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['s < 0216']);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(bench.pass(9_999)).toEqual([]);
      expect(bench.pass(1)).toEqual(['s < 0216']);
    }
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.pass(10_000_000)).toEqual([]);
  });

  it.each([
    ['PINGRESP', S1.pingResp, []],
    ['PINGREQ', S1.pingReq, ['s < 0217']],
    ['any other message', S1.register, ['s < 070b0001000100']],
  ])('is left alone for another hour after %s', (_, answer, expected) => {
    const bench = connected();
    expect(bench.pass(3_610_000)).toEqual(['s < 0216', 's < 0216']);
    expect(bench.from('s', answer)).toEqual(expected);
    expect(bench.pass(3_599_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['s < 0216']);
  });

  it('is probed after the configured time', () => {
    const bench = new CoreBench({
      settings: { timing: { idleProbeAfter: 5_000, retryInterval: 1_000, retryCount: 1 } },
    });
    bench.from('s', connectForever);
    bench.up(1);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['s < 0216']);
    expect(bench.pass(1_000)).toEqual(['s < 0216']);
    expect(bench.pass(1_000)).toEqual(['#1 close without DISCONNECT']);
  });

  it('is never probed while it sleeps (T-35)', () => {
    const bench = connected();
    bench.from('s', '04 18 FF FF');
    expect(bench.pass(72_088_499)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('of a CONNECT that ends a sleep ends the supervision too (T-04)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1', { clean: false });
    bench.from('s', S1.sleep300);
    expect(bench.from('s', '08 04 00 01 00 00 73 31')).toEqual(['s < 030500']);
    expect(bench.pass(3_599_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['s < 0216']);
  });
});
