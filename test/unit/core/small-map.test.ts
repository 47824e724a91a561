import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SmallMap, SmallSet } from '../../../src/core/topics/small-map.ts';

/** Few keys, so that they meet; 0 is one of them. */
const key = fc.integer({ min: 0, max: 5 });
const action = fc.oneof(
  fc.record({ what: fc.constant('set' as const), key, value: fc.option(fc.nat(), { nil: undefined }) }),
  fc.record({ what: fc.constant('delete' as const), key }),
  fc.record({ what: fc.constant('clear' as const) }),
);

describe('SmallMap', () => {
  test('is a Map, in all that can be asked of it', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const small = new SmallMap<number, number | undefined>();
        const map = new Map<number, number | undefined>();
        for (const act of actions) {
          if (act.what === 'set') {
            small.set(act.key, act.value);
            map.set(act.key, act.value);
          } else if (act.what === 'delete') {
            expect(small.delete(act.key)).toBe(map.delete(act.key));
          } else {
            small.clear();
            map.clear();
          }
          expect(small.size).toBe(map.size);
          expect([...small.keys()]).toEqual([...map.keys()]);
          expect([...small.values()]).toEqual([...map.values()]);
          for (let asked = 0; asked <= 5; asked++) {
            expect(small.has(asked)).toBe(map.has(asked));
            expect(small.get(asked)).toBe(map.get(asked));
          }
        }
      }),
    );
  });

  test.each([1, 2, 3])('of %d: each may be deleted while all are gone through', (size) => {
    const small = new SmallMap<number, string>();
    for (let n = 0; n < size; n++) {
      small.set(n, `value ${n}`);
    }
    const seen: number[] = [];
    for (const one of small.keys()) {
      seen.push(one);
      small.delete(one);
    }
    expect(seen).toEqual([0, 1, 2].slice(0, size));
    expect(small.size).toBe(0);
  });

  test('what is deleted before its turn is left out', () => {
    const small = new SmallMap<number, string>().set(1, 'a').set(2, 'b').set(3, 'c');
    const seen: string[] = [];
    for (const value of small.values()) {
      seen.push(value);
      small.delete(2);
    }
    expect(seen).toEqual(['a', 'c']);
  });
});

test('SmallSet has each thing once, the oldest first', () => {
  const set = new SmallSet<string>().add('b').add('a').add('b');
  expect([...set]).toEqual(['b', 'a']);
  expect(set.size).toBe(2);
  set.delete('b');
  set.add('b');
  expect([...set]).toEqual(['a', 'b']);
});
