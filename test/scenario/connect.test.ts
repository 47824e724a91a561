import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, keepSession, openOwnConnection, S1 } from '../support/core-bench-frames.ts';

describe('connection set-up (6.2)', () => {
  it('answers a CONNECT without Will by CONNACK, as soon as the broker has accepted and not before (C-1, C-5)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.pass(5_000)).toEqual([]);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('hands CleanSession on to the broker (C-1, 3.4)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectKeep)).toEqual(['#1 CONNECT s1']);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('asks for will topic and will message, connects upstream with both, and answers last (C-2, C-5)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['s < 0206']);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', S1.willMsg)).toEqual(['#1 CONNECT s1 clean will w/s1 "off" qos1 retain']);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('skips WILLMSGREQ after an empty WILLTOPIC and connects without will (C-3)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', '02 07')).toEqual(['#1 CONNECT s1 clean']);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('refuses a ProtocolId other than 1 and creates no state (C-6, T-05)', () => {
    const bench = new CoreBench();
    expect(bench.from('s', '08 04 04 02 00 3C 73 31')).toEqual(['s < 030503']);
    expect(bench.core.sessionCount).toBe(0);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0218']);
  });

  it('refuses a ProtocolId other than 1 of an active client without touching its session (C-6, C-12)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    expect(bench.from('s', '08 04 00 00 00 3C 73 31')).toEqual(['s < 030503']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
  });

  it('takes the long form, and no other flag than Will and CleanSession (T-41, 1.3)', () => {
    expect(new CoreBench().from('s', '01 00 0A 04 04 01 00 3C 73 31')).toEqual(['#1 CONNECT s1 clean']);
    expect(new CoreBench().from('s', '08 04 F7 01 00 3C 73 31')).toEqual(['#1 CONNECT s1 clean']);
    expect(new CoreBench().from('s', '08 04 F3 01 00 3C 73 31')).toEqual(['#1 CONNECT s1']);
  });

  it('starts the keep-alive supervision with CONNACK (C-10)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    bench.pass(8_000);
    bench.up(1);
    expect(bench.pass(89_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('is Active from CONNACK on (C-10)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    expect(bench.from('s', S1.register)).toEqual([]);
    bench.up(1);
    expect(bench.from('s', S1.register)).toEqual(['s < 070b0001000100']);
  });
});

describe('will prompts that get no answer (C-7)', () => {
  it.each([
    ['WILLTOPICREQ', [S1.connectCleanWill], 's < 0206', S1.willTopic],
    ['WILLMSGREQ', [S1.connectCleanWill, S1.willTopic], 's < 0208', S1.willMsg],
  ])(
    '%s goes out again after each T_retry, N_retry times, and then the attempt is forgotten without CONNACK',
    (_, frames, prompt, late) => {
      const bench = new CoreBench();
      for (const frame of frames) {
        bench.from('s', frame);
      }
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect(bench.pass(9_999)).toEqual([]);
        expect(bench.pass(1)).toEqual([prompt]);
      }
      expect(bench.pass(1_000_000)).toEqual([]);
      expect(bench.core.sessionCount).toBe(0);
      expect(bench.from('s', late)).toEqual(['s < 0218']);
    },
  );

  it('takes an answer to the last prompt until T_retry after it (C-7)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.pass(39_999)).toEqual(['s < 0206', 's < 0206', 's < 0206']);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
    expect(bench.pass(10_000)).toEqual(['s < 0208']);
  });

  it('follows the configured T_retry and N_retry (T-r4)', () => {
    const bench = new CoreBench({ settings: { timing: { retryInterval: 2_000, retryCount: 1 } } });
    bench.from('s', S1.connectCleanWill);
    expect(bench.pass(1_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['s < 0206']);
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0218']);
  });

  it('keeps a stored session when the attempt of its client is forgotten (C-7, C-12)', () => {
    const bench = new CoreBench();
    keepSession(bench);
    bench.from('s', S1.disconnect);
    bench.from('s', S1.connectCleanWill);
    expect(bench.pass(100_000)).toEqual(['s < 0206', 's < 0206', 's < 0206']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1']);
    expect(bench.up(2, true)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#2 PUBLISH qos0 a/b "x"']);
  });
});

describe('a repeated CONNECT while the exchange runs (C-8)', () => {
  it('repeats WILLTOPICREQ', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['s < 0206']);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
  });

  it('repeats WILLMSGREQ and keeps the will topic', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    bench.from('s', S1.willTopic);
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['s < 0208']);
    expect(bench.from('s', S1.willMsg)).toEqual(['#1 CONNECT s1 clean will w/s1 "off" qos1 retain']);
  });

  it('does nothing while the broker is asked: never a second upstream connection', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectClean);
    expect(bench.from('s', S1.connectClean)).toEqual([]);
    expect(bench.from('s', S1.connectClean)).toEqual([]);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });
});

describe('a CONNECT that differs from the one under way starts over (2.15)', () => {
  it.each([
    ['without Will', S1.connectClean, '#1 CONNECT s1 clean'],
    ['without CleanSession', S1.connectKeep, '#1 CONNECT s1'],
  ])('%s, while WILLTOPIC is awaited', (_, connect, upstream) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', connect)).toEqual([upstream]);
    expect(bench.up(1)).toEqual(['s < 030500']);
    expect(bench.pass(80_000)).toEqual([]);
  });

  it('with another Duration, while WILLMSG is awaited: asks for the topic again', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    bench.from('s', S1.willTopic);
    expect(bench.from('s', '08 04 0C 01 00 78 73 31')).toEqual(['s < 0206']);
    expect(bench.from('s', S1.willMsg)).toEqual([]);
  });

  it('while the broker is asked: ends that connection with MQTT DISCONNECT, then opens another (T-52)', () => {
    const bench = new CoreBench();
    exchangeWill(bench);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1']);
    expect(bench.up(1)).toEqual([]);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('from another address: the exchange goes on there, and the old address hears nothing more', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('t', S1.connectCleanWill)).toEqual(['t < 0206']);
    expect(bench.pass(10_000)).toEqual(['t < 0206']);
    expect(bench.from('t', S1.willTopic)).toEqual(['t < 0208']);
  });
});

describe('messages that do not fit the exchange', () => {
  it('ignores WILLMSG before WILLTOPIC (C-9)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', S1.willMsg)).toEqual([]);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
  });

  it('ignores a second WILLTOPIC (C-9)', () => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    bench.from('s', S1.willTopic);
    expect(bench.from('s', '06 07 00 77 2F 6E')).toEqual([]);
    expect(bench.from('s', S1.willMsg)).toEqual(['#1 CONNECT s1 clean will w/s1 "off" qos1 retain']);
  });

  it('ignores both of an active client (C-9)', () => {
    const bench = new CoreBench();
    bench.connect('s', 's1');
    expect(bench.from('s', S1.willTopic)).toEqual([]);
    expect(bench.from('s', S1.willMsg)).toEqual([]);
  });

  it.each([
    ['REGISTER', S1.register],
    ['SUBSCRIBE', S1.subscribe],
    ['UNSUBSCRIBE', S1.unsubscribe],
    ['PUBLISH QoS 0', S1.publishQos0],
    ['PUBLISH QoS 1', S1.publishQos1],
    ['WILLTOPICUPD', S1.willTopicUpd],
  ])('ignores %s until CONNACK (C-11)', (_, request) => {
    const bench = new CoreBench();
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', request)).toEqual([]);
    bench.from('s', S1.willTopic);
    expect(bench.from('s', request)).toEqual([]);
    bench.from('s', S1.willMsg);
    expect(bench.from('s', request)).toEqual([]);
    expect(bench.up(1)).toEqual(['s < 030500']);
  });

  it('forwards PUBLISH with QoS −1 in the middle of the exchange (C-11)', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.from('s', S1.connectCleanWill);
    expect(bench.from('s', S1.publishQosMinus1)).toEqual(['#1 PUBLISH qos0 tp "4"']);
    expect(bench.from('s', S1.willTopic)).toEqual(['s < 0208']);
  });
});
