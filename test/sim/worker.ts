/** Runs seeds in a process of its own: a range comes in, an outcome for each seed goes out. */

import type { Finding } from './books/findings.ts';
import { readOptions } from './options.ts';
import { runPlan } from './run-seed.ts';

/** Seeds `first` to `first + count - 1`. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

export interface Outcome {
  readonly count: number;
  readonly events: number;
  readonly findings: readonly { readonly seed: number; readonly finding: Finding }[];
}

const options = readOptions(process.argv.slice(2));

process.on('message', async ({ first, count }: Range) => {
  const findings: { seed: number; finding: Finding }[] = [];
  let events = 0;
  for (let seed = first; seed < first + count; seed++) {
    const result = await runPlan({ ...options, seed }, false);
    events += result.events;
    if (result.finding !== undefined) {
      findings.push({ seed, finding: result.finding });
    }
  }
  const outcome: Outcome = { count, events, findings };
  process.send?.(outcome);
});
