/** `npm run test:sim -- --seeds N --hours H [--seed S]`. README.md beside this file says more. */
import { parseArgs } from 'node:util';
import { makePlan } from './make-plan.ts';
import { World } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '0.3' },
    without: { type: 'string', default: '' },
    checks: { type: 'string', default: '' },
    story: { type: 'boolean', default: false },
  },
});
const names = (list: string): ReadonlySet<string> => new Set(list.split(',').filter((name) => name !== ''));
const without = names(values.without);
const only = names(values.checks);
const hours = Number(values.hours);
const first = Number(values.seed);
const counts = new Map<string, number[]>();
const begin = performance.now();
let events = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const world = new World(makePlan({ seed, hours, without }), { without, only, traced: values.story });
  const result = await world.run();
  events += result.events;
  if (values.story) {
    console.log(result.story.join('\n'));
  }
  if (result.finding !== undefined) {
    const list = counts.get(result.finding.check) ?? [];
    list.push(seed);
    counts.set(result.finding.check, list);
    if (list.length <= 3) {
      console.log(`seed ${seed} at ${result.finding.at / 1000} s: ${result.finding.check}: ${result.finding.text}`);
    }
  }
}
const took = performance.now() - begin;
console.log(
  `${values.seeds} seeds, ${(took / Number(values.seeds)).toFixed(1)} ms each, ${(events / Number(values.seeds)).toFixed(0)} events each`,
);
for (const [check, list] of [...counts].sort((a, b) => b[1].length - a[1].length)) {
  console.log(`${check}: ${list.length} (${list.slice(0, 5).join(', ')})`);
}
