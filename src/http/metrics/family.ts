import type { Distribution } from '../../ports/site.ts';
import type { Scrape } from './scrape.ts';

export type Labels = Readonly<Record<string, string>>;

/** One value of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How long something took, under some labels. */
export interface DistributionSample {
  readonly labels: Labels;
  /** In milliseconds, as everywhere in the gateway; it is told in seconds. */
  readonly distribution: Distribution;
}

interface Described {
  /** With its unit, and `_total` where it only grows. */
  readonly name: string;
  /** One sentence for whoever finds it in Prometheus. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** What is told under one name. The values are taken from the gateway when somebody asks: nothing is counted for them alone. */
export type Family =
  | (Described & {
      readonly type: 'counter' | 'gauge';
      samples(scrape: Scrape): Iterable<Sample>;
    })
  | (Described & {
      readonly type: 'histogram';
      samples(scrape: Scrape): Iterable<DistributionSample>;
    });

/** A value that has no labels. */
export function alone(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}
