/** Time for the driver. The core itself has none. */
import type { Millis } from '../core/contract/units.ts';

export type { Millis } from '../core/contract/units.ts';

export interface Clock {
  /** On a clock that only moves forward. */
  now(): Millis;
  /** Calls `wake` once at `deadline` or a little later (Node's timers may be up to 1 ms early). Returns the means to cancel it. */
  wakeAt(deadline: Millis, wake: () => void): () => void;
}
