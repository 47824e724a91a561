import { Value } from '../model/value.ts';

/** Counts seconds, so that what says how long ago something was stays true. */
export const ticks = new Value(0);

setInterval(() => ticks.set(ticks.get() + 1), 1_000);
