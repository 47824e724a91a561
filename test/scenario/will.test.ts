import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, S1 } from '../support/core-bench-frames.ts';

/** `s1` with a will, a kept session, "a/b" as id 1 and "c/d" subscribed as id 2, on connection #1. */
function keepSessionWithWill(): CoreBench {
  const bench = new CoreBench();
  exchangeWill(bench, S1.connectKeepWill);
  bench.up(1);
  bench.from('s', S1.register);
  bench.from('s', S1.subscribe);
  bench.suback(1, 1, 1);
  return bench;
}

/** The will exchange with topic "w/n" (QoS 0, not retained) and message "new". */
function exchangeNewWill(bench: CoreBench, connect: string): string[] {
  return [...bench.from('s', connect), ...bench.from('s', '06 07 00 77 2F 6E'), ...bench.from('s', '05 09 6E 65 77')];
}

describe('CleanSession and Will at CONNECT (6.3, S-1)', () => {
  it('1/1 deletes what is stored and takes the new will', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    expect(exchangeNewWill(bench, S1.connectCleanWill)).toEqual([
      's < 0206',
      's < 0208',
      '#2 CONNECT s1 clean will w/n "new" qos0',
    ]);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
  });

  it('1/0 deletes what is stored, the will included', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectClean)).toEqual(['#2 CONNECT s1 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
  });

  it('0/1 keeps what is stored and replaces the will', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    expect(exchangeNewWill(bench, S1.connectKeepWill)).toEqual([
      's < 0206',
      's < 0208',
      '#2 CONNECT s1 will w/n "new" qos0',
    ]);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1 will w/n "new" qos0']);
  });

  it('0/0 keeps everything: the stored will goes into the upstream CONNECT (S-3)', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/s1 "off" qos1 retain']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });

  it('0/1 with an empty WILLTOPIC deletes only the will (S-2)', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.from('s', S1.emptyWillTopic)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    bench.from('s', S1.disconnect);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1']);
  });

  it('keeps the stored will when the exchange for a new one is not finished or is refused (C-12)', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.disconnect);
    bench.from('s', S1.connectKeepWill);
    bench.from('s', S1.emptyWillTopic);
    expect(bench.refused(2, 5)).toEqual(['s < 030503']);
    exchangeNewWill(bench, S1.connectKeepWill);
    bench.refused(3, 3);
    bench.from('s', S1.connectKeepWill);
    bench.pass(100_000);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#4 CONNECT s1 will w/s1 "off" qos1 retain']);
  });

  it('forgets a half-finished QoS 2 publish with CleanSession=1 (S-4)', () => {
    const bench = keepSessionWithWill();
    expect(bench.from('s', S1.publishQos2)).toEqual(['#1 PUBLISH qos2 id2 a/b "x"']);
    expect(bench.acked(1, 'PUBREC', 2)).toEqual(['s < 040f0003']);
    bench.from('s', S1.connectClean);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', '04 10 00 03')).toEqual(['s < 040e0003']);
  });

  it('does not take a MsgId for a repetition after CleanSession=1 (S-4)', () => {
    const bench = keepSessionWithWill();
    bench.from('s', S1.publishQos1);
    expect(bench.acked(1, 'PUBACK', 2)).toEqual(['s < 070d0001000200']);
    bench.from('s', S1.connectClean);
    bench.up(2);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0003000100']);
    expect(bench.from('s', '08 0C A0 00 03 00 02 78')).toEqual([
      expect.stringMatching(/^#2 PUBLISH qos1 id\d+ a\/b "x"$/),
    ]);
  });
});

describe('how long stored data live (S-5, S-6)', () => {
  it('the stored will outlives its publication: a lost client has it again (S-6, field note 16)', () => {
    const bench = keepSessionWithWill();
    expect(bench.pass(90_001)).toEqual(['#1 close without DISCONNECT']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/s1 "off" qos1 retain']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
    expect(bench.pass(90_001)).toEqual(['#2 close without DISCONNECT']);
  });

  it('subscriptions outlive the loss of the client: made again where the broker has none (S-5, field note 22)', () => {
    const bench = keepSessionWithWill();
    bench.pass(90_001);
    bench.from('s', S1.connectKeep);
    const [subscribe = '', ...rest] = bench.up(2, false);
    expect(subscribe).toMatch(/^#2 SUBSCRIBE id\d+ c\/d qos1$/);
    expect([...rest, ...bench.suback(2, Number(/id(\d+)/.exec(subscribe)?.[1]), 1)]).toEqual(['s < 030500']);
  });

  it.each([
    ['DISCONNECT', (bench: CoreBench) => bench.from('s', S1.disconnect)],
    ['loss', (bench: CoreBench) => bench.pass(90_001)],
  ])('a session opened with CleanSession=1 is gone after %s (S-5, T-26)', (_, end) => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    bench.from('s', S1.register);
    end(bench);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
  });
});

describe('details of the will exchange (T-23)', () => {
  it('takes a WILLTOPIC with Flags but no topic as empty', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', '03 07 10')).toEqual(['#1 CONNECT s1 clean']);
  });

  it('takes a WILLMSG of two octets as an empty message', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    bench.from('s', S1.willTopic);
    expect(bench.from('s', '02 09')).toEqual(['#1 CONNECT s1 clean will w/s1 "" qos1 retain']);
  });

  it.each([
    ['+', '06 07 00 77 2F 2B'],
    ['#', '06 07 00 77 2F 23'],
    ['invalid UTF-8', '06 07 00 77 2F FF'],
    ['U+0000', '06 07 00 77 2F 00'],
    ['QoS 11', '06 07 60 77 2F 6E'],
  ])('refuses the CONNECT for a will topic with %s (W-6)', (_, willTopic) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', willTopic)).toEqual(['s < 030503']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.pass(100_000)).toEqual([]);
    expect(bench.from('s', S1.willMsg)).toEqual(['s < 0218']);
  });

  it.each([
    ['07 07 00 77 2F 73 31', 'qos0'],
    ['07 07 20 77 2F 73 31', 'qos1'],
    ['07 07 40 77 2F 73 31', 'qos2'],
    ['07 07 50 77 2F 73 31', 'qos2 retain'],
    ['07 07 AF 77 2F 73 31', 'qos1'],
  ])('takes QoS and retain of %s and no other flag (1.3)', (willTopic, text) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    bench.from('s', willTopic);
    expect(bench.from('s', S1.willMsg)).toEqual([`#1 CONNECT s1 clean will w/s1 "off" ${text}`]);
  });
});

describe('when a will is published and when not (T-52, field note 15)', () => {
  it.each([
    [
      'DISCONNECT of an active client',
      (bench: CoreBench) => bench.from('s', S1.disconnect),
      ['s < 0218', '#1 DISCONNECT'],
    ],
    [
      'DISCONNECT of a sleeping client',
      (bench: CoreBench) => [...bench.from('s', S1.sleep300), ...bench.from('s', S1.disconnect)],
      ['s < 0218', 's < 0218', '#1 DISCONNECT'],
    ],
    [
      'a clean CONNECT',
      (bench: CoreBench) => [...bench.from('s', S1.pingReq), ...bench.from('s', S1.connectClean)],
      ['s < 0217', '#1 DISCONNECT', '#2 CONNECT s1 clean'],
    ],
    [
      'the stop of the gateway',
      (bench: CoreBench) => bench.feed({ type: 'operator-stopped' }),
      ['s < 0218', '#1 DISCONNECT'],
    ],
  ])('%s ends the connection with MQTT DISCONNECT', (_, end, expected) => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    expect(end(bench)).toEqual(expected);
  });

  it.each([
    ['keep-alive', (bench: CoreBench) => bench.pass(90_001), ['#1 close without DISCONNECT']],
    [
      'sleep duration',
      (bench: CoreBench) => [...bench.from('s', S1.sleep300), ...bench.pass(330_001)],
      ['s < 0218', '#1 close without DISCONNECT'],
    ],
  ])('silence beyond the %s ends it without (K-3, SL-3)', (_, end, expected) => {
    const bench = new CoreBench();
    exchangeWill(bench);
    bench.up(1);
    expect(end(bench)).toEqual(expected);
    expect(bench.pass(1_000_000)).toEqual([]);
  });
});
