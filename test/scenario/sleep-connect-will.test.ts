import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { exchangeWill, openOwnConnection, S1 } from '../support/core-bench-frames.ts';
import type { PartialSettings } from '../support/settings-with.ts';

/** `s1` asleep with the will "w/s1" "off"; its connection #2 has broken, and #3 is made a second later. The own connection is #1. */
function asleep(settings: PartialSettings = {}): CoreBench {
  const bench = new CoreBench({ settings });
  openOwnConnection(bench);
  exchangeWill(bench, S1.connectKeepWill);
  bench.up(2);
  bench.from('s', S1.sleep300);
  bench.down(2);
  return bench;
}

const newTopic = '06 07 00 77 2F 6E';
const newMsg = '05 09 6E 65 77';
const withFormerWill = '#3 CONNECT s1 will w/s1 "off" qos1 retain';
const newWillPublished = ['#3 PUBLISH qos0 w/n "new"', '#3 DISCONNECT'];

describe('a sleeper is asked for its will while its connection to the broker comes back (6.2, T-04, T-24)', () => {
  it('no CONNACK before it has said what its will is, which counts from then on', () => {
    const bench = asleep();
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.pass(1_000)).toEqual([withFormerWill]);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', newMsg)).toEqual(['s < 030500']);
    expect(bench.pass(90_001)).toEqual(newWillPublished);
  });

  it('the connection that is being made meanwhile has the former will, not half of the new one', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.pass(1_000)).toEqual([withFormerWill]);
    expect(bench.from('s', newMsg)).toEqual([]);
    expect(bench.up(3, true)).toEqual(['s < 030500']);
    expect(bench.pass(90_001)).toEqual(newWillPublished);
  });

  it('under willUpdate: reconnect the broker is told the new will before CONNACK', () => {
    const bench = asleep({ clients: { willUpdate: 'reconnect' } });
    bench.from('s', S1.connectKeepWill);
    bench.from('s', newTopic);
    bench.pass(1_000);
    bench.from('s', newMsg);
    expect(bench.up(3, true)).toEqual(['#3 DISCONNECT', '#4 CONNECT s1 will w/n "new" qos0']);
    expect(bench.up(4, true)).toEqual(['s < 030500']);
    expect(bench.pass(90_001)).toEqual(['#4 close without DISCONNECT']);
  });

  it('a dialogue that it never finishes leaves it asleep with the former will', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    bench.from('s', newTopic);
    bench.pass(1_000);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.pass(39_000).every((line) => line === 's < 0208')).toBe(true);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
    expect(bench.pass(330_001)).toEqual(['#3 close without DISCONNECT']);
  });

  it('the broker refuses that connection for now: the dialogue goes on, and the next attempt has the new will', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    bench.pass(1_000);
    expect(bench.refused(3, 3)).toEqual([]);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', newMsg)).toEqual(['#4 CONNECT s1 will w/n "new" qos0']);
    expect(bench.up(4, true)).toEqual(['s < 030500']);
  });

  it('a CONNECT that was refused leaves no will behind: the broker has the new one, the former one is published (C-12)', () => {
    const bench = asleep();
    bench.from('s', S1.connectKeepWill);
    bench.from('s', newTopic);
    expect(bench.from('s', newMsg)).toEqual(['#3 CONNECT s1 will w/n "new" qos0']);
    expect(bench.pass(10_000)).toEqual(['s < 030501']);
    expect(bench.up(3, true)).toEqual([]);
    expect(bench.pass(330_001)).toContain('#3 PUBLISH qos1 id1 w/s1 "off" retain');
  });
});

describe('a will that is changed and changed back (T-24)', () => {
  it('is the one that the broker has', () => {
    const bench = new CoreBench();
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(1);
    bench.from('s', '07 1A 30 77 2F 73 32');
    bench.from('s', '07 1A 30 77 2F 73 31');
    expect(bench.pass(90_001)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('a client that was awake, with a message out, connects (2.15, T-04)', () => {
  /** `s1` awake with a QoS 1 message out since now, after a sleep of a second. */
  function awake(): CoreBench {
    const bench = new CoreBench();
    openOwnConnection(bench);
    exchangeWill(bench, S1.connectKeepWill);
    bench.up(2);
    bench.from('s', S1.subscribe);
    bench.suback(2, 1, 1);
    bench.from('s', '04 18 00 01');
    bench.message(2, 'c/d', 'm', { qos: 1, packetId: 9 });
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c20000100016d']);
    return bench;
  }

  it('the message is not repeated before CONNACK, and goes out again behind it', () => {
    const bench = awake();
    bench.from('s', S1.connectKeepWill);
    expect(bench.pass(9_999)).toEqual([]);
    bench.from('s', newTopic);
    expect(bench.pass(9_999)).toEqual([]);
    expect(bench.from('s', newMsg)).toEqual(['s < 030500', 's < 080ca0000100016d']);
  });

  it('the end of the repetitions is no silence of a client that is asked for its will', () => {
    const bench = awake();
    bench.pass(35_000);
    expect(bench.from('s', S1.connectKeepWill)).toEqual(['s < 0206']);
    expect(bench.pass(9_000)).toEqual([]);
    expect(bench.from('s', newTopic)).toEqual(['s < 0208']);
    expect(bench.from('s', newMsg)).toEqual(['s < 030500', 's < 080ca0000100016d']);
  });
});
