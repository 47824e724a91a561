import { describe, expect, it } from '@jest/globals';
import { FairRate } from '../../../src/core/state/fair-rate.ts';

/** How many of `asked` are admitted, one after the other at the same moment. */
function burst(rate: FairRate, asked: number, host: string, now: number, link = host): number {
  let admitted = 0;
  for (let i = 0; i < asked; i++) {
    admitted += rate.admits(host, link, now) ? 1 : 0;
  }
  return admitted;
}

describe('a rate that is shared fairly', () => {
  it('gives one source that asks alone everything, in the long run', () => {
    const rate = new FairRate(100);
    let admitted = 0;
    for (let now = 0; now < 60_000; now += 2) {
      admitted += burst(rate, 1, 'a', now);
    }
    expect(admitted).toBeGreaterThanOrEqual(59 * 100);
    expect(admitted).toBeLessThanOrEqual(61 * 100);
  });

  it('admits no more than that however many ask, and so many again a second later', () => {
    const rate = new FairRate(100);
    const all = (now: number) => {
      let admitted = 0;
      for (let i = 0; i < 5_000; i++) {
        admitted += burst(rate, 1, `${now}-${i}`, now);
      }
      return admitted;
    };
    expect([all(0), all(0), all(1_000), all(1_500)]).toEqual([100, 0, 100, 50]);
  });

  it('leaves room for a source that has had nothing, at any moment of a flood', () => {
    const rate = new FairRate(100);
    let refused = 0;
    for (let now = 0; now < 30_000; now += 2) {
      burst(rate, 1, 'flood', now);
      if (now % 1_000 === 998) {
        refused += 20 - [...Array(20).keys()].filter((i) => rate.admits(`client-${i}`, `client-${i}`, now)).length;
      }
    }
    expect(refused).toBe(0);
  });

  it('shares evenly between sources that all ask for too much, and gives those that ask for less what they ask for', () => {
    const rate = new FairRate(100);
    const admitted = new Map<string, number>();
    for (let now = 0; now < 60_000; now += 2) {
      for (const source of ['a', 'b', 'c']) {
        admitted.set(source, (admitted.get(source) ?? 0) + burst(rate, 1, source, now));
      }
      if (now % 100 === 0) {
        admitted.set('modest', (admitted.get('modest') ?? 0) + burst(rate, 1, 'modest', now)); // 10 in a second
      }
    }
    expect(admitted.get('modest')).toBe(600);
    for (const source of ['a', 'b', 'c']) {
      expect(admitted.get(source)).toBeGreaterThan(0.9 * 30 * 60);
      expect(admitted.get(source)).toBeLessThan(1.1 * 30 * 60);
    }
  });

  it('takes all links of a host for one source', () => {
    const rate = new FairRate(90);
    let host = 0;
    let other = 0;
    for (let now = 0; now < 30_000; now += 2) {
      host += burst(rate, 1, 'host', now, `host:${now}`);
      other += burst(rate, 1, 'other', now);
    }
    expect(host).toBeGreaterThan(0.9 * 45 * 30);
    expect(other).toBeGreaterThan(0.9 * 45 * 30);
  });

  it('leaves room for another link of the same host', () => {
    const rate = new FairRate(100);
    let refused = 0;
    for (let now = 0; now < 30_000; now += 2) {
      burst(rate, 1, 'host', now, 'host:flood');
      if (now % 100 === 98) {
        refused += burst(rate, 1, 'host', now, 'host:sensor') === 1 ? 0 : 1;
      }
    }
    expect(refused).toBe(0);
  });

  it('remembers a bounded number of sources, and forgets all of them when nothing is asked', () => {
    const rate = new FairRate(1_000_000);
    for (let i = 0; i < 20_000; i++) {
      rate.admits(`spoofed-${i}`, `spoofed-${i}`, 0);
    }
    expect(rate.size).toBe(2_048);
    rate.admits('a', 'a', 10_000);
    expect(rate.size).toBe(2);
  });

  it('stays exact over hours of a flood', () => {
    const rate = new FairRate(10);
    let admitted = 0;
    for (let second = 0; second < 7_200; second += 0.5) {
      admitted += burst(rate, 10, 'flood', second * 1_000);
    }
    expect(admitted / 7_200).toBeGreaterThan(9.5);
    expect(admitted / 7_200).toBeLessThan(10.1);
    expect(rate.admits('a', 'a', 7_199_500)).toBe(true);
  });

  it.each([1, 2, 3])('of %i in a second is that much for one source', (perSecond) => {
    const rate = new FairRate(perSecond);
    let admitted = 0;
    for (let now = 0; now < 100_000; now += 10) {
      admitted += burst(rate, 1, 'a', now);
    }
    expect(admitted).toBeGreaterThanOrEqual(99 * perSecond * 0.95);
    expect(admitted).toBeLessThanOrEqual(101 * perSecond);
  });

  it('of 0 is no limit', () => {
    expect(burst(new FairRate(0), 10_000, 'a', 0)).toBe(10_000);
  });
});
