import { Random as Numbers } from '../../src/cli/simulate/random.ts';

/** Numbers that are the same for the same seed. */
export class Random extends Numbers {
  readonly seed: number;

  constructor(seed: number) {
    super(seed);
    this.seed = seed;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True in that part of the cases. Takes a number each time, also where that part is none: what a seed means depends on it. */
  override chance(part: number): boolean {
    return this.next() < part;
  }
}
