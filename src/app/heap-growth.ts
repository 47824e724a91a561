/** How far the heap of the process may grow beyond what is in use. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** From so many octets in use on, without the young generation, the heap is a large one. */
const LARGE = 48 * 1024 * 1024;

/** Percent of what was in use at the last collection by which a large heap grows until the next one. */
const GROWTH = 10;

/** Milliseconds from look to look. */
const PERIOD = 1_000;

/**
 * V8 lets a heap grow to the double and more before it looks for garbage: of the memory of a gateway with a hundred thousand sessions half would be what
 * nobody needs any more. A small heap may, for that is little, and collections cost processor time. Returns what ends the looks.
 */
export function limitHeapGrowth(): () => void {
  const timer = setInterval(() => {
    if (usedForLong() > LARGE) {
      clearInterval(timer);
      setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
    }
  }, PERIOD);
  timer.unref();
  return () => clearInterval(timer);
}

/** Octets in use but for the young generation, in which what lives for a moment comes and goes. */
function usedForLong(): number {
  return getHeapSpaceStatistics().reduce(
    (sum, { space_name, space_used_size }) => sum + (space_name === 'new_space' ? 0 : space_used_size),
    0,
  );
}
