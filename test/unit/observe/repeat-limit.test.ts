import { describe, expect, it } from '@jest/globals';
import { RepeatLimit } from '../../../src/observe/repeat-limit.ts';

const key = (): string => 'key';

/** How many of `count` lines are written. */
function written(limit: RepeatLimit<string>, count: number, sourceOf: (i: number) => string, kind = 'kind'): number {
  return Array.from({ length: count }, (_, i) => limit.admits(kind, sourceOf(i), 0, key)).filter(Boolean).length;
}

describe('repeat limit', () => {
  it('keeps a bounded number of sources, however many come', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 10, window: 10 });
    for (let i = 0; i < 10_000; i++) {
      limit.admits(`kind ${i % 3}`, `source ${i}`, 0, key);
    }
    expect(limit.size).toBe(300);
    limit.expired(9);
    expect(limit.size).toBe(300);
    limit.expired(10);
    expect(limit.size).toBe(0);
  });

  it('writes so many lines of one kind in a window and not one more, whoever they are from', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 10, window: 10 });
    expect(written(limit, 10_000, (i) => `source ${i}`)).toBe(100);
    expect(limit.expired(10)).toEqual([{ key: 'key', count: 9_900, mostly: undefined }]);
    expect(written(limit, 10_000, (i) => `source ${i % 50}`)).toBeLessThanOrEqual(100);
  });

  it('writes so many lines of one source and not one more', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 10, window: 10 });
    expect(written(limit, 10_000, () => 'flood')).toBe(10);
    expect(limit.expired(10)).toEqual([{ key: 'key', count: 9_990, mostly: 'flood' }]);
  });

  it('has a line left for each of forty quiet sources, however many lines ten loud ones want', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 10, window: 10 });
    written(limit, 10_000, (i) => `loud ${i % 10}`);
    expect(written(limit, 40, (i) => `quiet ${i}`)).toBe(40);
  });

  it('counts each kind for itself', () => {
    const limit = new RepeatLimit<string>({ lines: 4, perSource: 1, window: 10 });
    expect(written(limit, 100, () => 'a', 'one')).toBe(1);
    expect(written(limit, 100, () => 'a', 'two')).toBe(1);
  });

  it('knows a source by its first 256 characters', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 1, window: 10 });
    expect(written(limit, 100, (i) => `${'a'.repeat(256)}${i}`)).toBe(1);
    expect(limit.expired(10)[0]?.mostly).toHaveLength(256);
  });

  it('makes what is given back from what was held back before', () => {
    const limit = new RepeatLimit<number>({ lines: 10, perSource: 1, window: 10 });
    for (let i = 0; i < 4; i++) {
      limit.admits('kind', 'a', 0, (before = 0) => before + 1);
    }
    expect(limit.expired(10)).toEqual([{ key: 3, count: 3, mostly: 'a' }]);
  });

  it('forgets windows in which nothing was held back without a word', () => {
    const limit = new RepeatLimit<string>({ lines: 10, perSource: 2, window: 10 });
    limit.admits('one', '', 0, key);
    limit.admits('two', '', 5, key);
    expect(limit.expired(10)).toEqual([]);
    expect(limit.size).toBe(1);
  });
});
