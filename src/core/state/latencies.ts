/** How long messages take, by QoS: what an operator looks at where sensors wait. */

import { Histogram } from '../contract/histogram.ts';

export class Latencies {
  /** From a client's PUBLISH to the answer that ends its waiting. */
  readonly published = { 1: new Histogram(), 2: new Histogram() } as const;
  /** From the broker's PUBLISH to its delivery, where the client was there all the time. */
  readonly delivered = { 0: new Histogram(), 1: new Histogram(), 2: new Histogram() } as const;
}
