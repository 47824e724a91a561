import { describe, expect, it } from '@jest/globals';
import { LANES, longPlan, planText, shortPlan } from './plan.ts';

describe('the plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(longPlan(7, 60_000)).toEqual(longPlan(7, 60_000));
    expect(shortPlan(7)).toEqual(shortPlan(7));
    expect(longPlan(7, 60_000)).not.toEqual(longPlan(8, 60_000));
  });

  it('has every kind of fault within five minutes, whatever the seed', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const kinds = Object.values(longPlan(seed, 300_000)).flatMap((faults) => faults.map(({ kind }) => kind));
      expect([...new Set(kinds)].sort()).toEqual(Object.values(LANES).flat().sort());
    }
  });

  it('can be read', () => {
    const plan = { broker: [], gateway: [{ kind: 'kill', after: 5, lasts: 0, amount: 0 }], disk: [] } as const;
    expect(planText({ ...plan, disk: [{ kind: 'slow-fsync', after: 1, lasts: 2, amount: 3 }] })).toBe(
      '  broker: \n  gateway: +5 kill 0\n  disk: +1 slow-fsync 2/3',
    );
  });
});
