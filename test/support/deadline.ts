/**
 * How long tests wait. A wait ends with the event that it waits for, so these cost nothing where everything works, and they say nothing
 * about how fast it has to be: they only end a test that would never end. All of them are here; a test has none of its own.
 */

/** For one thing that has to happen, in milliseconds: some ten times what it takes on a small machine that is busy. */
export const DEADLINE = 60_000;

/** For something that takes many steps or repetitions: a queue that empties, a medium that loses frames. */
export const LONG_DEADLINE = 4 * DEADLINE;

/** For a whole test or hook: longer than the waits in it, so that one that came to nothing can say what was awaited. */
export const TEST_DEADLINE = 2 * LONG_DEADLINE;
