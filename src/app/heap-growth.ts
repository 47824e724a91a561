/** How far the heap of the process may grow beyond what is in use. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** From so many octets in use on, without the young generation, the heap is a large one, until there are no more than so few. */
const LARGE = 48 * 1024 * 1024;
const SMALL = 40 * 1024 * 1024;

/** Percent of what was in use at the last collection by which a large heap grows until the next one. */
const GROWTH = 10;

/** What V8 takes for its own rule. */
const BY_ITSELF = 0;

/** Milliseconds from look to look. */
const PERIOD = 1_000;

/**
 * V8 lets a heap grow to the double and more before it looks for garbage: of the memory of a gateway with a hundred thousand sessions half would be what
 * nobody needs any more. A small heap may, for that is little, and collections cost processor time: also one that has been large. Returns what ends the looks.
 * `used`: octets; `setFlag`: of V8.
 */
export function limitHeapGrowth(used = usedForLong, setFlag = setFlagsFromString): () => void {
  let isLimited = false;
  const timer = setInterval(() => {
    const isLarge = used() > (isLimited ? SMALL : LARGE);
    if (isLarge !== isLimited) {
      isLimited = isLarge;
      setFlag(`--heap-growing-percent=${isLarge ? GROWTH : BY_ITSELF}`);
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
