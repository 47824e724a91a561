/** One seed, run as it was chosen on the command line. */
import { makePlan } from './make-plan.ts';
import type { Mode } from './mode-plan.ts';
import type { Plan } from './plan.ts';
import { withParts } from './plan-parts.ts';
import { type RunResult, World } from './world.ts';

export interface RunChoice {
  readonly seed: number;
  readonly hours: number;
  /** Kinds of clients and faults, and checks, that are left out. */
  readonly without: ReadonlySet<string>;
  /** The only checks; none: all. */
  readonly checks: ReadonlySet<string>;
  /** The only parts of the plan; undefined: all. */
  readonly keeps: ReadonlySet<number> | undefined;
  /** Undefined: the seed decides. */
  readonly mode?: Mode | undefined;
}

/** The whole plan, before parts are left out. */
export function planOf({ seed, hours, without, mode }: RunChoice): Plan {
  return makePlan({ seed, hours, without, mode });
}

export function runPlan(choice: RunChoice, traced: boolean): Promise<RunResult> {
  const { without, checks, keeps } = choice;
  const plan = withParts(planOf(choice), keeps);
  return new World(plan, { without, only: checks, traced }).run();
}
