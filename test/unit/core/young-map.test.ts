import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { YoungMap, YoungSet } from '../../../src/core/topics/young-map.ts';

/** Few keys, so that they meet, and so many actions that the maps are made anew in between. */
const key = fc.integer({ min: 0, max: 9 });
const action = fc.oneof(
  { weight: 12, arbitrary: fc.record({ what: fc.constant('set' as const), key, value: fc.nat() }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('clear' as const) }) },
);
const actions = fc.array(action, { minLength: 200, maxLength: 400 });

describe('YoungMap', () => {
  it('is a Map, in all that can be asked of it', () => {
    fc.assert(
      fc.property(actions, (acts) => {
        const young = new YoungMap<number, number>();
        const map = new Map<number, number>();
        for (const act of acts) {
          if (act.what === 'set') {
            young.set(act.key, act.value);
            map.set(act.key, act.value);
          } else if (act.what === 'delete') {
            expect(young.delete(act.key)).toBe(map.delete(act.key));
          } else {
            young.clear();
            map.clear();
          }
          expect([...young]).toEqual([...map]);
          expect([young.size, [...young.keys()], [...young.values()]]).toEqual([
            map.size,
            [...map.keys()],
            [...map.values()],
          ]);
          expect([young.has(3), young.get(3)]).toEqual([map.has(3), map.get(3)]);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('may lose what it has while it is gone through', () => {
    const young = new YoungMap<number, string>();
    for (let n = 0; n < 100; n++) {
      young.set(n, `value ${n}`);
    }
    const seen: number[] = [];
    for (const [one] of young) {
      seen.push(one);
      young.delete(one);
      young.delete(one + 1);
    }
    expect([seen.length, seen[1], young.size]).toEqual([50, 2, 0]);
  });
});

describe('YoungSet', () => {
  it('is a Set, in all that can be asked of it', () => {
    fc.assert(
      fc.property(actions, (acts) => {
        const young = new YoungSet<number>();
        const set = new Set<number>();
        for (const act of acts) {
          if (act.what === 'set') {
            young.add(act.key);
            set.add(act.key);
          } else if (act.what === 'delete') {
            expect(young.delete(act.key)).toBe(set.delete(act.key));
          } else {
            young.clear();
            set.clear();
          }
          expect([[...young], [...young.values()], young.size, young.has(3)]).toEqual([
            [...set],
            [...set],
            set.size,
            set.has(3),
          ]);
        }
      }),
      { numRuns: 20 },
    );
  });
});
