import { describe, expect, it } from '@jest/globals';
import type { PublishEntry } from './account.ts';
import { RefusedKinds } from './refused-kinds.ts';

function entry(topic: string, qos: 0 | 1 | 2 = 1, retain = false): PublishEntry {
  return { action: { topic, qos, retain } } as PublishEntry;
}

describe('the books of kinds that are refused on the shared connection (I-111)', () => {
  it('know one from the second of a kind that is given up', () => {
    const kinds = new RefusedKinds();
    const first = entry('t/a');
    kinds.givenUp(first);
    kinds.givenUp(first);
    expect(kinds.has(entry('t/a'))).toBe(false);
    kinds.givenUp(entry('t/a'));
    expect(kinds.has(entry('t/a'))).toBe(true);
    expect([entry('t/b'), entry('t/a', 2), entry('t/a', 1, true)].map((other) => kinds.has(other))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('forget them with the process', () => {
    const kinds = new RefusedKinds();
    kinds.givenUp(entry('t/a'));
    kinds.givenUp(entry('t/a'));
    kinds.clear();
    expect(kinds.has(entry('t/a'))).toBe(false);
  });
});
