import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../../../src/core/contract/histogram.ts';

describe('how long things took', () => {
  it('is counted in steps: a bound counts as below it, and what is above all as the last one', () => {
    const histogram = new Histogram();
    const { bounds } = histogram.read();
    const last = bounds.at(-1) ?? 0;
    for (const took of [0, bounds[0] ?? 0, (bounds[0] ?? 0) + 0.1, last, last + 1, 1e9]) {
      histogram.record(took);
    }
    const { counts, sum } = histogram.read();
    expect(counts).toHaveLength(bounds.length + 1);
    expect([counts[0], counts[1], counts.at(-2), counts.at(-1)]).toEqual([2, 1, 1, 2]);
    expect(counts.reduce((all, count) => all + count, 0)).toBe(6);
    expect(sum).toBeCloseTo(2 * (bounds[0] ?? 0) + 0.1 + 2 * last + 1 + 1e9);
  });

  it('has ascending bounds, and gives copies', () => {
    const histogram = new Histogram();
    const before = histogram.read();
    histogram.record(1);
    expect(before.counts.every((count) => count === 0)).toBe(true);
    expect([...before.bounds].sort((a, b) => a - b)).toEqual(before.bounds);
  });
});
