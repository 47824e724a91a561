/** The machine's monotonic clock; setting the date does not touch it. */
import type { Clock, Millis } from '../ports/clock.ts';

/** Longest delay that a timer of Node takes. */
const MAX_DELAY: Millis = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt(deadline, wake) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const delay = Math.max(0, Math.ceil(deadline - performance.now()));
      timer = delay > MAX_DELAY ? setTimeout(wait, MAX_DELAY) : setTimeout(wake, delay);
    };
    wait();
    return () => clearTimeout(timer);
  },
};
