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

  it('grows as long as a source goes on repeating itself, up to a limit, and begins anew when it was quiet', () => {
    const limit = new RepeatLimit<string>({ lines: 100, perSource: 10, window: 10, longest: 60 });
    const told: [number, number][] = [];
    for (let now = 0; now < 400; now++) {
      for (const { count } of limit.expired(now)) {
        told.push([now, count]);
      }
      for (let line = 0; line < 3; line++) {
        limit.admits('kind', 'loud', now, key);
      }
    }
    expect(told.map(([at]) => at)).toEqual([10, 30, 70, 130, 190, 250, 310, 370]);
    expect(told.map(([, count]) => count).slice(0, 4)).toEqual([20, 50, 110, 170]);
    limit.expired(1_000);
    limit.admits('kind', 'loud', 1_000, key);
    limit.expired(1_010);
    expect(limit.size).toBe(0);
  });

  it('does not grow where many sources have a line each', () => {
    const limit = new RepeatLimit<string>({ lines: 10, perSource: 10, window: 10, longest: 60 });
    for (let now = 0; now < 100; now++) {
      limit.expired(now);
      for (let source = 0; source < 5; source++) {
        limit.admits('kind', `${now} ${source}`, now, key);
      }
    }
    expect(limit.expired(100)).toHaveLength(1);
  });

  it('keeps a bounded number of sources in a long window, too', () => {
    const limit = new RepeatLimit<string>({ lines: 10, perSource: 1, window: 10, longest: 10_000 });
    for (let now = 0; now < 20_000; now++) {
      limit.expired(now);
      limit.admits('kind', 'loud', now, key);
      limit.admits('kind', `source ${now}`, now, key);
      expect(limit.size).toBeLessThanOrEqual(100);
    }
  });
});
