import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../support/core-bench.ts';
import { keepSession, S1 } from '../support/core-bench-frames.ts';

const connectS2 = '08 04 04 01 00 3C 73 32';
const pingReqS2 = '04 16 73 32';

/** `s1` asleep on #1, without address s being used by anyone else; "c/d" is id 2 and one message waits. */
function asleep(): CoreBench {
  const bench = new CoreBench();
  keepSession(bench);
  bench.from('s', S1.sleep300);
  bench.message(1, 'c/d', 'm');
  return bench;
}

describe('a sleeper that wakes at a new address (T-08, SL-4)', () => {
  it('is known by its ClientId: its session moves there', () => {
    const bench = asleep();
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080c00000200006d', 't < 0217']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 0218']);
  });

  it('may move again and again, and back', () => {
    const bench = asleep();
    bench.from('t', S1.pingReqId);
    expect(bench.from('u', S1.pingReqId)).toEqual(['u < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
    expect(bench.from('t', S1.pingReq)).toEqual(['t < 0218']);
  });

  it('is not known there by anything else', () => {
    const bench = asleep();
    expect(bench.from('t', S1.pingReq)).toEqual(['t < 0218']);
    expect(bench.from('u', S1.register)).toEqual(['u < 0218']);
    expect(bench.from('v', S1.sleep300)).toEqual([]);
    expect(bench.from('w', S1.disconnect)).toEqual([]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 080c00000200006d', 's < 0217']);
  });

  it('is supervised from there on', () => {
    const bench = asleep();
    bench.pass(300_000);
    bench.from('t', S1.pingReqId);
    expect(bench.pass(329_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#1 close without DISCONNECT']);
  });
});

describe('PINGREQ that fits no client gets DISCONNECT and never PINGRESP (T-09)', () => {
  it.each([
    ['an unknown id from an unknown address', 'x', '04 16 7A 39'],
    ['no id from an unknown address', 'x', '02 16'],
    ['the id of an active client from an unknown address', 'x', '04 16 61 31'],
    ['the id of a disconnected client', 'x', '04 16 64 31'],
    ['the id of a disconnected client from its own address', 'd', '04 16 64 31'],
    ['the id of a lost client', 'x', '04 16 6C 31'],
    ['the id of a lost client from its own address', 'l', '04 16 6C 31'],
    ["an unknown id from an active client's address", 'a', '04 16 7A 39'],
    ["an unknown id from a sleeper's address", 's', '04 16 7A 39'],
    ["another active client's id from an active client's address", 'b', '04 16 61 31'],
    ["a sleeper's id from an active client's address (I-5)", 'a', '04 16 73 31'],
    ["a sleeper's id and one octet more", 's', '05 16 73 31 30'],
    ["the first octet of a sleeper's id", 's', '03 16 73'],
  ])('%s', (_, link, frame) => {
    const bench = new CoreBench();
    bench.connect('l', 'l1', { clean: false, duration: 1 });
    bench.pass(2_000);
    keepSession(bench);
    bench.from('s', S1.sleep300);
    bench.connect('d', 'd1', { clean: false });
    bench.from('d', S1.disconnect);
    bench.connect('a', 'a1');
    bench.connect('b', 'b1');
    expect(bench.from(link, frame)).toEqual([`${link} < 0218`]);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0217']);
    expect(bench.message(2, 'c/d', 'm')).toEqual([]);
  });
});

describe('two sleepers and one address (I-5, field note 2)', () => {
  function twoSleepers(): CoreBench {
    const bench = asleep();
    bench.from('t', connectS2);
    bench.up(2);
    bench.from('t', '08 12 20 00 04 63 2F 64');
    bench.suback(2, 1, 1);
    bench.from('t', S1.sleep300);
    bench.message(2, 'c/d', 'n');
    return bench;
  }

  it('the one that is named gets the address, with its own messages', () => {
    const bench = twoSleepers();
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080c00000200006d', 't < 0217']);
    expect(bench.from('t', S1.publishQos0)).toEqual(['#1 PUBLISH qos0 a/b "x"']);
  });

  it('the other sleeps on and comes back from wherever it likes', () => {
    const bench = twoSleepers();
    bench.from('t', S1.pingReqId);
    expect(bench.from('u', pingReqS2)).toEqual(['u < 080c00000100006e', 'u < 0217']);
  });

  it('they may change places', () => {
    const bench = twoSleepers();
    expect(bench.from('t', S1.pingReqId)).toEqual(['t < 080c00000200006d', 't < 0217']);
    expect(bench.from('s', pingReqS2)).toEqual(['s < 080c00000100006e', 's < 0217']);
  });

  it('the one without address ends as lost when its time is over, and nothing is sent anywhere', () => {
    const bench = twoSleepers();
    bench.pass(200_000);
    bench.from('t', S1.pingReqId);
    expect(bench.pass(129_999)).toEqual([]);
    expect(bench.pass(2)).toEqual(['#2 close without DISCONNECT']);
  });

  it('a stranger that takes a port is not taken for the sleeper that had it (field notes 2 and 4)', () => {
    const bench = asleep();
    expect(bench.from('s', connectS2)).toEqual(['#2 CONNECT s2 clean']);
    expect(bench.up(2)).toEqual(['s < 030500']);
    expect(bench.from('s', S1.publishQos0)).toEqual(['s < 070d0001000002']);
    expect(bench.from('s', S1.pingReq)).toEqual(['s < 0217']);
    expect(bench.from('s', S1.pingReqId)).toEqual(['s < 0218']);
  });
});
