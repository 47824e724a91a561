import { describe, expect, it } from '@jest/globals';
import { makePlan } from './make-plan.ts';
import { OPEN_FINDINGS } from './open-findings.ts';
import { countParts, fromRanges, inRanges, withParts } from './plan-parts.ts';
import { type RunChoice, runPlan } from './run-seed.ts';

const SEEDS = 100;
const NONE: ReadonlySet<string> = new Set();

function choice(seed: number, without = NONE): RunChoice {
  return { seed, hours: 0.1, without, checks: NONE, keeps: undefined };
}

describe('simulation', () => {
  it(`finds nothing in ${SEEDS} seeds`, async () => {
    const findings: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { finding } = await runPlan(choice(seed, OPEN_FINDINGS), false);
      if (finding !== undefined) {
        findings.push(`npm run test:sim -- --seed ${seed} --hours 0.1: ${finding.check}: ${finding.text}`);
      }
    }
    expect(findings).toEqual([]);
  }, 120_000);

  it('is the same run for the same seed, line by line', async () => {
    const all = choice(7, OPEN_FINDINGS);
    const first = await runPlan(all, true);
    const second = await runPlan(all, true);
    expect(first.story.length).toBeGreaterThan(100);
    expect(second).toEqual(first);
  }, 30_000);

  it('is another run for another seed', async () => {
    const first = await runPlan(choice(7, OPEN_FINDINGS), true);
    const other = await runPlan(choice(8, OPEN_FINDINGS), true);
    expect(other.story).not.toEqual(first.story);
  }, 30_000);
});

describe('parts of a plan', () => {
  const plan = makePlan({ seed: 3, hours: 0.1, without: NONE });

  it('is the whole plan with all of them, but for what comes after the last one', () => {
    const whole = withParts(plan, new Set(Array(countParts(plan)).keys()));
    expect({ ...whole, healed: 0, end: 0 }).toEqual({ ...plan, media: whole.media, healed: 0, end: 0 });
  });

  it('leaves nobody and nothing without any', () => {
    const empty = withParts(plan, new Set());
    expect(empty.clients).toEqual([]);
    expect(empty.events).toEqual([]);
    expect(empty.burst).toBe(false);
  });

  it('has numbers that go into the command and come out of it', () => {
    expect(inRanges([9, 3, 4, 5, 12])).toBe('3-5,9,12');
    expect([...fromRanges('3-5,9,12')]).toEqual([3, 4, 5, 9, 12]);
  });
});
