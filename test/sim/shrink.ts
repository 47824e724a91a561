/** From a run that fails to a short story: parts of the plan are left out as long as the same check still objects. */
import { countParts } from './plan-parts.ts';
import { planOf, type RunChoice, runPlan } from './run-seed.ts';

/** Runs that it may cost. */
const MOST_RUNS = 600;

/** The numbers of the parts without which the check is silent. */
export async function shrink(choice: RunChoice, check: string): Promise<ReadonlySet<number>> {
  const only = { ...choice, checks: new Set([check]) };
  let runs = 0;
  const fails = async (parts: readonly number[]): Promise<boolean> => {
    runs++;
    const { finding } = await runPlan({ ...only, keeps: new Set(parts) }, false);
    return finding !== undefined;
  };
  let parts: readonly number[] = [...(choice.keeps ?? Array(countParts(planOf(choice))).keys())];
  for (let size = Math.ceil(parts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let hasChanged = true;
    while (hasChanged && runs < MOST_RUNS) {
      hasChanged = false;
      for (let start = parts.length - size; start > -size && runs < MOST_RUNS; start -= size) {
        const from = Math.max(0, start);
        const rest = [...parts.slice(0, from), ...parts.slice(start + size)];
        if (await fails(rest)) {
          parts = rest;
          hasChanged = true;
        }
      }
    }
  }
  return new Set(parts);
}
