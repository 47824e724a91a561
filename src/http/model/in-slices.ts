import { setImmediate } from 'node:timers/promises';
import type { Millis } from '../../ports/clock.ts';

/** So long somebody who goes through much keeps everybody else waiting. */
const SLICE: Millis = 4;

/**
 * Lets everything else have its turn from time to time, for whoever has much to go through: `await pause()` is cheap, and waits only when its slice
 * of time is over.
 */
export function inSlices(): () => Promise<void> | undefined {
  let end = performance.now() + SLICE;
  return () => {
    if (performance.now() < end) {
      return undefined;
    }
    return setImmediate().then(() => {
      end = performance.now() + SLICE;
    });
  };
}
