import { describe, expect, it } from '@jest/globals';
import { CoreBench } from '../../support/core-bench.ts';

const PUBLISH = '08 0C 00 00 01 00 00 78';

describe('messages from unknown senders (T-10, T-11)', () => {
  it('are answered with DISCONNECT, once for each address in T_retry', () => {
    const bench = new CoreBench();
    expect(bench.from('a', PUBLISH)).toEqual(['a < 0218']);
    expect(bench.from('a', PUBLISH)).toEqual([]);
    bench.now += 9_999;
    expect(bench.from('a', '02 16')).toEqual([]);
    bench.now += 1;
    expect(bench.from('a', PUBLISH)).toEqual(['a < 0218']);
  });

  it('of several addresses are answered each', () => {
    const bench = new CoreBench();
    expect(bench.from('a', PUBLISH)).toEqual(['a < 0218']);
    expect(bench.from('b', PUBLISH)).toEqual(['b < 0218']);
  });

  it('count as several behind one forwarder', () => {
    const bench = new CoreBench();
    expect(bench.from('f', `04 FE 00 01 ${PUBLISH}`)).toEqual(['f < 04fe00010218']);
    expect(bench.from('f', `04 FE 00 02 ${PUBLISH}`)).toEqual(['f < 04fe00020218']);
    expect(bench.from('f', `04 FE 00 01 ${PUBLISH}`)).toEqual([]);
  });

  it('from ever new addresses are answered at a bounded rate, and again in the next second', () => {
    const bench = new CoreBench();
    let sender = 0;
    const burst = (): number => {
      let answers = 0;
      for (let i = 0; i < 5_000; i++) {
        answers += bench.from(`flood-${sender++}`, PUBLISH).length;
      }
      return answers;
    };
    const first = burst();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(1_000);
    expect(burst()).toBe(0);
    bench.now += 1_000;
    expect(burst()).toBe(first);
  });

  it('leave no sessions and no deadlines behind', () => {
    const bench = new CoreBench();
    for (let i = 0; i < 20_000; i++) {
      bench.from(`flood-${i}`, PUBLISH);
    }
    expect([bench.core.sessionCount, bench.core.nextDeadline]).toEqual([0, undefined]);
  });

  it('DISCONNECT from an address that never had a session is ignored, however often', () => {
    const bench = new CoreBench();
    expect([bench.from('a', '02 18'), bench.from('a', '02 18'), bench.from('a', '04 18 01 2C')]).toEqual([[], [], []]);
  });

  it('DISCONNECT is answered again for T_retry·(N_retry+1) after a client left, with a Duration never (X-5, T-31 d)', () => {
    const bench = new CoreBench();
    bench.connect('s');
    bench.from('s', '02 18');
    bench.now += 39_999;
    expect(bench.from('s', '04 18 01 2C')).toEqual([]);
    expect(bench.from('s', '02 18')).toEqual(['s < 0218']);
    bench.now += 2;
    expect(bench.from('s', '02 18')).toEqual([]);
  });

  it('DISCONNECT is no reason for DISCONNECT within T_retry of an unasked one: no ping-pong (T-11)', () => {
    const bench = new CoreBench();
    bench.connect('s');
    bench.from('s', '02 18');
    expect(bench.from('s', PUBLISH)).toEqual(['s < 0218']);
    expect(bench.from('s', '02 18')).toEqual([]);
    bench.now += 9_999;
    expect(bench.from('s', '02 18')).toEqual([]);
    bench.now += 1;
    expect(bench.from('s', '02 18')).toEqual(['s < 0218']);
  });
});
