import { describe, expect, it } from '@jest/globals';
import { RepeatLimit } from '../../../src/observe/repeat-limit.ts';

describe('repeat limit', () => {
  it('keeps a bounded number of windows, however many different lines come', () => {
    const limit = new RepeatLimit<string>({ lines: 1, window: 10, keys: 100 });
    for (let i = 0; i < 10_000; i++) {
      limit.admits(`line ${i}`, `group ${i % 3}`, 0, () => '');
    }
    expect(limit.size).toBe(103);
    limit.expired(9);
    expect(limit.size).toBe(103);
    limit.expired(10);
    expect(limit.size).toBe(0);
  });

  it('lets a known line have its own count when the others share one', () => {
    const limit = new RepeatLimit<string>({ lines: 1, window: 10, keys: 1 });
    const admits = (id: string): boolean => limit.admits(id, 'group', 0, (grouped) => (grouped ? 'group' : id));
    expect([admits('a'), admits('b'), admits('c'), admits('a')]).toEqual([true, true, false, false]);
    expect(limit.expired(10)).toEqual([
      { key: 'a', count: 1 },
      { key: 'group', count: 1 },
    ]);
  });

  it('forgets windows in which nothing was held back without a word', () => {
    const limit = new RepeatLimit<string>({ lines: 2, window: 10, keys: 10 });
    limit.admits('a', 'group', 0, () => 'a');
    limit.admits('b', 'group', 5, () => 'b');
    expect(limit.expired(10)).toEqual([]);
    expect(limit.size).toBe(1);
  });
});
