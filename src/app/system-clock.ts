/**
 * The machine's monotonic clock, counted from 1970, so that times in the session store mean the same after a restart. Setting the date
 * while the gateway runs does not touch it.
 */
import type { Clock, Millis } from '../ports/clock.ts';

/** Longest delay that a timer of Node takes. */
const MAX_DELAY: Millis = 2 ** 31 - 1;

function now(): Millis {
  return performance.timeOrigin + performance.now();
}

export const systemClock: Clock = {
  now,
  wakeAt(deadline, wake) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const delay = Math.max(0, Math.ceil(deadline - now()));
      timer = delay > MAX_DELAY ? setTimeout(wait, MAX_DELAY) : setTimeout(wake, delay);
    };
    wait();
    return () => clearTimeout(timer);
  },
};
