import { describe, expect, it } from '@jest/globals';
import { makePlan } from './make-plan.ts';
import type { Mode } from './mode-plan.ts';
import { OPEN_FINDINGS } from './open-findings.ts';
import type { ConnectionPlan, Plan } from './plan.ts';
import { countParts, fromRanges, inRanges, withParts } from './plan-parts.ts';
import { type RunChoice, runPlan } from './run-seed.ts';

/** In each mode; more in the one that has more parts. */
const SEEDS = { transparent: 100, aggregating: 30 };
const MODES = ['transparent', 'aggregating'] as const;
const NONE: ReadonlySet<string> = new Set();

function choice(seed: number, without = NONE, mode: Mode = 'transparent'): RunChoice {
  return { seed, hours: 0.1, without, checks: NONE, keeps: undefined, mode };
}

describe('simulation', () => {
  it.each(MODES)(
    'finds nothing in the first seeds, %s',
    async (mode) => {
      const findings: string[] = [];
      for (let seed = 1; seed <= SEEDS[mode]; seed++) {
        const { finding } = await runPlan(choice(seed, OPEN_FINDINGS, mode), false);
        if (finding !== undefined) {
          const command = `npm run test:sim -- --seed ${seed} --hours 0.1 --mode ${mode}`;
          findings.push(`${command}: ${finding.check}: ${finding.text}`);
        }
      }
      expect(findings).toEqual([]);
    },
    120_000,
  );

  it.each(MODES)(
    'is the same run for the same seed, line by line, %s',
    async (mode) => {
      const all = choice(7, OPEN_FINDINGS, mode);
      const first = await runPlan(all, true);
      const second = await runPlan(all, true);
      expect(first.story.length).toBeGreaterThan(100);
      expect(second).toEqual(first);
    },
    30_000,
  );

  it('loses nothing of what comes over TCP while the process stands still, however much that is', async () => {
    const keeps = fromRanges('0-1,16-19,22-23,33-34,41-42,76-77');
    const checks = new Set(['place-not-freed']);
    const run = { ...choice(4_074_905, new Set(['mode-change']), 'aggregating'), hours: 0.05, keeps, checks };
    const { story, finding } = await runPlan(run, true);
    expect(story.filter((line) => / > #5 PUBCOMP /.test(line)).length).toBeGreaterThan(300);
    expect(finding).toBeUndefined();
  }, 30_000);

  it('is another run for another seed', async () => {
    const first = await runPlan(choice(7, OPEN_FINDINGS), true);
    const other = await runPlan(choice(8, OPEN_FINDINGS), true);
    expect(other.story).not.toEqual(first.story);
  }, 30_000);
});

describe('the mode', () => {
  it('is chosen by some seeds, can be asked for and left out, and changes nothing else of a plan', () => {
    const modes = Array.from({ length: 40 }, (_, seed) => makePlan({ seed, hours: 0.1, without: NONE }).gateway.mode);
    expect(new Set(modes)).toEqual(new Set(MODES));
    const seed = modes.indexOf('aggregating');
    expect(makePlan({ seed, hours: 0.1, without: new Set(['aggregating']) }).gateway.mode).toBe('transparent');
    const without = new Set(['mode-change']);
    const [one, other] = MODES.map((mode) => makePlan({ seed, hours: 0.1, without, mode }));
    expect({ ...one, gateway: 0, broker: 0 }).toEqual({ ...other, gateway: 0, broker: 0 });
  });
});

describe('a change of the mode', () => {
  const plans = (without = NONE, mode?: Mode) =>
    Array.from({ length: 100 }, (_, seed) => makePlan({ seed, hours: 0.1, without, mode }));
  const changesOf = ({ events }: Plan) => events.flatMap((event) => (event.do === 'mode-change' ? [event] : []));

  it('is in the plan of some seeds, of those that are to be aggregating, too, and can be left out', () => {
    for (const mode of [undefined, 'aggregating'] as const) {
      const changed = plans(NONE, mode).filter((plan) => changesOf(plan).length > 0);
      expect(changed.length).toBeGreaterThan(8);
      expect(changed.length).toBeLessThan(40);
    }
    expect(plans(NONE, 'transparent').flatMap(changesOf)).toEqual([]);
    expect(plans(new Set(['mode-change'])).flatMap(changesOf)).toEqual([]);
  });

  it('is one each time, of the mode or of who has a connection of his own', () => {
    for (const plan of plans()) {
      let last: ConnectionPlan = plan.gateway;
      for (const { mode, ownConnection } of changesOf(plan)) {
        expect({ mode, ownConnection }).not.toEqual({ mode: last.mode, ownConnection: last.ownConnection });
        last = { mode, ownConnection };
      }
    }
    const owners = plans()
      .flatMap(changesOf)
      .filter(({ ownConnection }) => ownConnection.length > 0);
    expect(owners.length).toBeGreaterThan(3);
  });

  it('leaves the clients, and what befalls the world, as they are without it', () => {
    const without = plans(new Set(['mode-change', 'share', 'access']));
    for (const [seed, plan] of plans(new Set(['share', 'access'])).entries()) {
      const others = plan.events.filter((event) => event.do !== 'mode-change' && event.do !== 'operator-forget');
      const same = without[seed];
      expect(plan.clients).toEqual(same?.clients);
      expect(others).toEqual(same?.events.filter((event) => event.do !== 'operator-forget'));
      expect({ ...plan.gateway, topicPrefix: '' }).toEqual({ ...same?.gateway, topicPrefix: '' });
    }
  });
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
