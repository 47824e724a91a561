/**
 * Starts of the gateway with another mode, or other clients that have a connection of their own (I-133, I-158, I-159). From random numbers of its own, so that
 * without it a run is as it was.
 */
import { AGGREGATING, type Mode, OWN_CONNECTION } from './mode-plan.ts';
import type { ConnectionPlan, WorldEvent } from './plan.ts';
import { pick, type Random, stream } from './streams.ts';

/** The name under which it can be left out. */
export const MODE_CHANGE = 'mode-change';

/** Of the runs in which the seed decides, and of the aggregating ones. */
const PART = 0.2;

export interface ModeChangeChoice {
  readonly seed: number;
  readonly healed: number;
  /** As it is asked for; undefined: the seed decides. */
  readonly mode: Mode | undefined;
  readonly without: ReadonlySet<string>;
  /** With which the run begins. */
  readonly first: ConnectionPlan;
}

type ModeChange = Extract<WorldEvent, { do: 'mode-change' }>;

export function modeChangesOf({ seed, healed, mode, without, first }: ModeChangeChoice): ModeChange[] {
  const random = stream(seed, MODE_CHANGE);
  const isIn = random.chance(PART) && !without.has(MODE_CHANGE) && !without.has(AGGREGATING) && mode !== 'transparent';
  if (!isIn) {
    return [];
  }
  const changes: ModeChange[] = [];
  const pause = random.between(20_000, 300_000);
  let last = first;
  for (let at = random.between(15_000, pause); at < healed - 5_000; at += random.between(pause / 4, pause * 2)) {
    last = pick(random, others(random, last, without));
    changes.push({ at, do: MODE_CHANGE, off: random.between(200, 15_000), power: random.chance(0.3), ...last });
  }
  return changes;
}

/** What it may be changed to. */
function others(random: Random, last: ConnectionPlan, without: ReadonlySet<string>): ConnectionPlan[] {
  const owners = ['c0', 'c1', 'c2', 'c3', 'c4'].filter(() => random.chance(0.5));
  const all: ConnectionPlan[] = [
    { mode: 'transparent', ownConnection: [] },
    { mode: AGGREGATING, ownConnection: [] },
    ...(without.has(OWN_CONNECTION) || owners.length === 0
      ? []
      : [{ mode: AGGREGATING, ownConnection: owners } as const]),
  ];
  return all.filter((one) => one.mode !== last.mode || one.ownConnection.join() !== last.ownConnection.join());
}
