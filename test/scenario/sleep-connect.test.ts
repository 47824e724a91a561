import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` asleep on #1 with the will "w/s1" "off", "c/d" subscribed as id 1, and one QoS 0 message waiting. */
function asleep(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  exchangeWill(bench, S1.connectKeepWill);
  bench.up(1);
  bench.from('s', S1.subscribe);
  bench.suback(1, 1, 1);
  bench.from('s', S1.sleep300);
  bench.message(1, 'c/d', 'm');
  return bench;
}

const waiting = 's < 080c00000100006d';
const newTopic = '06 07 00 77 2F 6E';
const newMsg = '05 09 6E 65 77';

describe('CONNECT of a sleeping client (T-04, SL-10)', () => {
  it('0/0 resumes at once, without the broker, and gets what waits after CONNACK', () => {
    const bench = asleep();
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500', waiting]);
    expect(bench.message(1, 'c/d', 'n')).toEqual(['s < 080c00000100006e']);
    expect(bench.pass(90_001)).toEqual(['#1 close without DISCONNECT']);
  });

  it('0/0 takes Duration over as the new keep-alive (field note 15)', () => {
    const bench = asleep();
    bench.pass(200_000);
    expect(bench.from('s', S1.connectKeep120)).toEqual(['s < 030500', waiting]);
    expect(bench.pass(131_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('0/0 may come from a new address; nothing goes to the old one (T-07)', () => {
    const bench = asleep();
    expect(bench.from('t', S1.connectKeep)).toEqual(['t < 030500', 't < 080c00000100006d']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
  });

  it('0/0 repeated because CONNACK was lost: CONNACK again (T-03 a)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeep);
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500']);
  });

  it('0/1 asks for the new will and resumes; the gateway publishes it when the client is lost (T-24)', () => {
    const bench = asleep();
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', newMsg)).toEqual(['s < 030500', waiting]);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos0 w/n "new"', '#1 DISCONNECT']);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#2 CONNECT s1 will w/n "new" qos0']);
  });

  it('0/1 with an empty WILLTOPIC deletes the will and resumes (S-2, T-24)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.from('s', S1.emptyWillTopic)).toEqual(['s < 030500', waiting]);
    expect(bench.pass(90_001)).toEqual(['#1 DISCONNECT']);
  });

  it('0/1 connects anew with the new will under willUpdate: reconnect (T-24)', () => {
    const bench = asleep({ clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.connectKeepWill);
    bench.from('s', newTopic);
    const lines = [...bench.from('s', newMsg), ...bench.up(2, true)];
    expect(lines.filter((line) => line.startsWith('#'))).toEqual([
      '#1 DISCONNECT',
      '#2 CONNECT s1 will w/n "new" qos0',
    ]);
    expect(lines.filter((line) => line.startsWith('s'))).toEqual(['s < 030500', waiting]);
    expect(bench.pass(90_001)).toEqual(['#2 close without DISCONNECT']);
  });

  it('0/0 while what it has subscribed to is restored: CONNACK at once, for what it publishes reaches the broker behind that (3.4, 3.5 item 6)', () => {
    const bench = asleep();
    openOwnConnection(bench, 2);
    bench.down(1);
    bench.pass(1_000);
    expect(bench.up(3, false)).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ c\/d qos1$/)]);
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500', waiting]);
    expect(bench.from('s', S1.publishQos0)).toEqual(['#3 PUBLISH qos0 c/d "x"']);
  });

  it('0/0 while one of them is suspected: what it publishes waits until that is granted (I-42)', () => {
    const bench = asleep();
    openOwnConnection(bench, 2);
    bench.pass(60_000);
    bench.down(1);
    bench.pass(1_000);
    expect(bench.up(3, false)).toEqual([expect.stringMatching(/^#3 SUBSCRIBE id\d+ c\/d qos1$/)]);
    bench.down(3);
    bench.pass(2_000);
    expect(bench.up(4, true)).toEqual([]);
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500', waiting]);
    expect(bench.from('s', S1.publishQos0)).toEqual([]);
    const [asked] = bench.pass(5_000);
    expect(asked).toMatch(/^#4 SUBSCRIBE id\d+ c\/d qos1$/);
    const packetId = Number(/ id(\d+) /.exec(asked ?? '')?.[1]);
    expect(bench.suback(4, packetId, 1)).toEqual(['#4 PUBLISH qos0 c/d "x"']);
  });

  it('1/0 starts clean: will, subscriptions, ids and buffer are gone', () => {
    const bench = asleep();
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
    expect(bench.pass(90_001)).toEqual(['#2 close without DISCONNECT']);
  });

  it('1/1 starts clean with the new will', () => {
    const bench = asleep();
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['#1 DISCONNECT', 's < 0206']);
    bench.from('s', newTopic);
    expect(bench.from('s', newMsg)).toEqual(['#2 CONNECT s1 clean will w/n "new" qos0']);
    expect(bench.up(2)).toEqual(['s < 030500']);
  });

  it('1/0 resumes under cleanConnectWhileAsleep: resume; nothing is dropped', () => {
    const bench = asleep({ sessions: { cleanConnectWhileAsleep: 'resume' } });
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030500', waiting]);
    expect(bench.message(1, 'c/d', 'n')).toEqual(['s < 080c00000100006e']);
  });

  it('1/1 asks for the new will and resumes under cleanConnectWhileAsleep: resume', () => {
    const bench = asleep({ sessions: { cleanConnectWhileAsleep: 'resume' } });
    expect(bench.from('s', S1.connectCleanWill)).toEqual(['s < 0206']);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', newMsg)).toEqual(['s < 030500', waiting]);
    expect(bench.pass(90_001)).toEqual(['#1 PUBLISH qos0 w/n "new"', '#1 DISCONNECT']);
  });

  it('goes out with QoS 1 like to any active client: repeated after T_retry (SL-10)', () => {
    const bench = asleep();
    bench.message(1, 'c/d', 'q', { qos: 1, packetId: 9 });
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500', waiting, 's < 080c200001000171']);
    expect(bench.pass(10_000)).toEqual(['s < 080ca00001000171']);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id9']);
  });
});

describe('CONNECT of a client that is awake (T-04)', () => {
  function awake(settings: PartialSettings = {}): CoreBench {
    const bench = asleep(settings);
    bench.message(1, 'c/d', 'q', { qos: 1, packetId: 9 });
    expect(bench.from('s', S1.pingReqId)).toEqual([waiting, 's < 080c200001000171']);
    return bench;
  }

  it('0/0 resumes: what is out comes again, with DUP; no PINGRESP follows', () => {
    const bench = awake();
    expect(bench.from('s', S1.connectKeep)).toEqual(['s < 030500', 's < 080ca00001000171']);
    expect(bench.from('s', '07 0D 00 01 00 01 00')).toEqual(['#1 PUBACK id9']);
    expect(bench.message(1, 'c/d', 'n')).toEqual(['s < 080c00000100006e']);
  });

  it('1/0 starts clean', () => {
    const bench = awake();
    expect(bench.from('s', S1.connectClean)).toEqual(['#1 DISCONNECT', '#2 CONNECT s1 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.pass(60_000)).toEqual([]);
  });

  it('1/0 resumes under cleanConnectWhileAsleep: resume', () => {
    const bench = awake({ sessions: { cleanConnectWhileAsleep: 'resume' } });
    expect(bench.from('s', S1.connectClean)).toEqual(['s < 030500', 's < 080ca00001000171']);
  });
});

describe("a sleeper's CONNECT that comes to nothing (I-1, I-15, C-7)", () => {
  it('sleeps on when the will exchange is abandoned', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.pass(40_001)).toEqual(['s < 0206', 's < 0206', 's < 0206']);
    expect(bench.from('s', S1.pingReqId)).toEqual([waiting, 's < 0217']);
  });

  it('sleeps on when its will topic is refused (W-6, C-12)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.from('s', '04 07 00 23')).toEqual(['s < 030503']);
    expect(bench.from('s', S1.pingReqId)).toEqual([waiting, 's < 0217']);
  });

  it('keeps the old will then (C-12)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    bench.from('s', newTopic);
    bench.pass(50_000);
    bench.from('s', S1.pingReqId);
    expect(bench.pass(330_001)).toEqual(['#1 close without DISCONNECT']);
  });

  it('waits for a broker that is away, and resumes when it is back (3.5, I-2)', () => {
    const bench = asleep();
    bench.down(1);
    const held = bench.from('s', S1.connectKeep);
    expect(held.filter((line) => line.startsWith('s'))).toEqual([]);
    const reconnect = [...held, ...bench.pass(1_000)].filter((line) => line.includes('CONNECT s1'));
    expect(reconnect).toEqual([expect.stringMatching(/^#\d+ CONNECT s1 will w\/s1 "off" qos1 retain$/)]);
    const connection = Number(/#(\d+)/.exec(reconnect[0] ?? '')?.[1]);
    expect(bench.up(connection, true)).toEqual(['s < 030500', waiting]);
  });

  it('goes back to sleep with DISCONNECT(Duration) while its CONNECT waits for the broker (I-15)', () => {
    const bench = asleep();
    bench.down(1);
    bench.from('s', S1.connectKeep);
    expect(bench.from('s', S1.sleep300).filter((line) => line.startsWith('s'))).toEqual(['s < 0218']);
    const reconnect = bench.pass(1_000).filter((line) => line.includes('CONNECT s1'));
    const connection = Number(/#(\d+)/.exec(reconnect[0] ?? '')?.[1]);
    expect(bench.up(connection, true)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual([waiting, 's < 0217']);
  });

  it('goes back to sleep with DISCONNECT(Duration) in the middle of the will exchange (I-1, I-15)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.from('s', S1.sleep300)).toEqual(['s < 0218']);
    expect(bench.pass(50_000)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual([waiting, 's < 0217']);
  });

  it('is disconnected by a DISCONNECT in the middle of the will exchange (2.15, SL-11)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#1 DISCONNECT']);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  it('is not lost while the exchange runs, even if its sleep was shorter than that (2.15)', () => {
    const bench = asleep();
    bench.from('s', '04 18 00 0A');
    bench.from('s', S1.connectKeepWill);
    expect(bench.pass(39_999)).toEqual(['s < 0206', 's < 0206', 's < 0206']);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });

  it('is lost in time when it vanishes in the middle of the will exchange (SL-3)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    const lines = bench.pass(330_001);
    expect(lines).toEqual(['s < 0206', 's < 0206', 's < 0206', '#1 close without DISCONNECT']);
  });
});

describe('CONNECT of a sleeper with a clean session while the broker is away (T-04, 3.4)', () => {
  it('0/0: its connection is clean again when the broker is back, so that no session of it stays there', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.connect('s', 's1');
    bench.from('s', S1.sleep300);
    bench.down(2);
    bench.down(1);
    expect(bench.from('s', S1.connectKeep)).toEqual([]);
    expect(bench.pass(1_000)).toEqual(['#3 CONNECT (gateway) clean']);
    bench.up(3);
    expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 clean']);
    expect(bench.up(4)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.disconnect)).toEqual(['s < 0218', '#4 DISCONNECT']);
    expect(bench.core.sessionCount).toBe(0);
  });

  it('a retry after a pause of its own is clean as well', () => {
    const bench = new CoreBench();
    openOwnConnection(bench);
    bench.connect('s', 's1');
    bench.from('s', S1.sleep300);
    bench.down(2);
    expect(bench.from('s', S1.connectKeep)).toEqual(['#3 CONNECT s1 clean']);
    bench.down(3);
    expect(bench.pass(1_000)).toEqual(['#4 CONNECT s1 clean']);
  });
});
