import { describe, expect, it } from '@jest/globals';
import { IdSequence } from '../../../src/core/state/msg-id.ts';

const free = new Set<number>();

describe('message ids (G-7, 1.5)', () => {
  it('count 1, 2, 3 …', () => {
    const ids = new IdSequence();
    expect([ids.next(free), ids.next(free), ids.next(free)]).toEqual([1, 2, 3]);
  });

  it('go through all of 1…0xFFFF, then begin with 1 again, never 0', () => {
    const ids = new IdSequence();
    const seen = new Set<number | undefined>();
    for (let i = 0; i < 0xffff; i++) {
      seen.add(ids.next(free));
    }
    expect([seen.size, seen.has(0), seen.has(0xffff), seen.has(undefined)]).toEqual([0xffff, false, true, false]);
    expect(ids.next(free)).toBe(1);
  });

  it('skip those in use, at the end too', () => {
    const ids = new IdSequence();
    const used = new Set([2, 3, 0xffff, 1]);
    expect(ids.next(new Set([1]))).toBe(2);
    for (let i = 3; i < 0xffff; i++) {
      ids.next(free);
    }
    expect(ids.next(used)).toBe(4);
  });

  it('find the last free one, and nothing where all are in use', () => {
    const ids = new IdSequence();
    ids.next(free);
    expect(ids.next({ has: (id) => id !== 1 })).toBe(1);
    expect(ids.next({ has: () => true })).toBeUndefined();
    expect(ids.next(free)).toEqual(expect.any(Number));
  });

  it.each([
    ['the next one', 101, false],
    ['the last one that is too near', 100 + 16_384, false],
    ['one that is far enough', 100 + 16_385, true],
    ['the one before', 100, true],
    ['one behind the end', 65_535, true],
  ])('keep away from %s', (_what, id, stays) => {
    const ids = new IdSequence();
    ids.startBehind(100);
    ids.keepAwayFrom(id);
    const next = ids.next(free) ?? 0;
    expect(next === 101).toBe(stays);
    const others = new Set(Array.from({ length: 16_383 }, () => ids.next(free)));
    expect(others.has(id)).toBe(false);
  });
});
