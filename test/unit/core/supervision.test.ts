import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { supervisionLimit } from '../../../src/core/steps/supervision.ts';

describe('supervision limit (K-4, T-33)', () => {
  it.each([
    [1_000, 1_500],
    [10_000, 15_000],
    [60_000, 90_000],
    [61_000, 90_000],
    [81_000, 90_000],
    [82_000, 90_200],
    [100_000, 110_000],
    [300_000, 330_000],
    [900_000, 990_000],
    [65_535_000, 72_088_500],
  ])('for %d ms it is %d ms', (duration, limit) => {
    expect(Math.round(supervisionLimit(duration))).toBe(limit);
  });

  it('is monotonic, and never below the example of §7.2', () => {
    const seconds = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [less, more] = [Math.min(a, b) * 1_000, Math.max(a, b) * 1_000];
        expect(supervisionLimit(less)).toBeLessThanOrEqual(supervisionLimit(more));
        expect(supervisionLimit(less)).toBeGreaterThanOrEqual(less < 60_000 ? less * 1.5 : (less * 11) / 10);
      }),
    );
  });
});
