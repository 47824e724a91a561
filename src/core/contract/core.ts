/** A core as the driver knows it: one input in, effects out. */

import type { Effect } from './effect.ts';
import type { FrameReceived, Input, UpstreamMessage } from './input.ts';
import type { Millis } from './link.ts';

export interface Core {
  /** When `handle` wants to be called with a `tick` at the latest; undefined: not at all. */
  readonly nextDeadline: Millis | undefined;
  /**
   * Handles one input and returns what is to be done, in that order. `now`: milliseconds on a clock that does not go back. The only error is
   * `InvariantError`, a bug of ours.
   */
  handle(input: Input, now: Millis): readonly Effect[];
  /** The client that a frame or a message of the broker is of or for; empty: of the shared connection; undefined: none that has a session. */
  clientOf(input: FrameReceived | UpstreamMessage): string | undefined;
}
