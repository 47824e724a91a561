/**
 * The machine's monotonic clock, counted from the start of the process. Setting the date does not touch it, and neither does a date that is wrong
 * when the machine boots: what outlives the process is counted by the driver (core-clock.ts).
 */
import type { Clock, Millis } from '../ports/clock.ts';

/** Longest delay that a timer of Node takes. */
const MAX_DELAY: Millis = 2 ** 31 - 1;

const now = (): Millis => performance.now();

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
