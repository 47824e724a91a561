/** `npm run test:sim`: runs seeds, tells what the books object to, and shrinks the first seed of each check to a short story. */
import { type Options, readOptions, USAGE } from './options.ts';
import { inRanges } from './plan-parts.ts';
import { runSeeds } from './pool.ts';
import { runPlan } from './run-seed.ts';
import { shrink } from './shrink.ts';

/** Lines of a story that are printed. */
const LINES = 160;

/** Seeds that are named for each check. */
const NAMED = 6;

/** Seeds after which a long run says how far it is. */
const PROGRESS = 5_000;

function command(options: Options, seed: number, check: string, keeps: ReadonlySet<number> | undefined): string {
  const list = (name: string, values: ReadonlySet<string>): string =>
    values.size === 0 ? '' : ` --${name} ${[...values].join(',')}`;
  const mode = options.mode === undefined ? '' : ` --mode ${options.mode}`;
  const keep = keeps === undefined ? '' : ` --keep ${inRanges(keeps)}`;
  const checks = keeps === undefined ? options.checks : new Set([check]);
  return `npm run test:sim -- --seed ${seed} --hours ${options.hours}${mode}${list('without', options.without)}${list('checks', checks)}${keep}`;
}

async function tellStory(options: Options, seed: number, check: string): Promise<void> {
  const choice = { ...options, seed };
  const keeps = options.shrinks ? await shrink(choice, check) : options.keeps;
  const checks = options.shrinks ? new Set([check]) : options.checks;
  const { story } = await runPlan({ ...choice, keeps, checks }, true);
  console.log(`\n== ${check}, seed ${seed}`);
  console.log(command(options, seed, check, options.keeps));
  if (options.shrinks) {
    console.log(`shrunk: ${command(options, seed, check, keeps)}`);
  }
  console.log(story.slice(-LINES).join('\n'));
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const options = readOptions(args);
  if (options.story) {
    const { story, finding } = await runPlan(options, true);
    console.log(story.join('\n'));
    return finding === undefined ? 0 : 1;
  }
  const begin = performance.now();
  const found = new Map<string, number[]>();
  let events = 0;
  let ended = 0;
  const { seed: first, seeds: count, workers } = options;
  await runSeeds({
    args,
    first,
    count,
    workers: Math.min(workers, count),
    onOutcome: (outcome) => {
      events += outcome.events;
      const before = Math.floor(ended / PROGRESS);
      ended += outcome.count;
      if (Math.floor(ended / PROGRESS) > before && ended < count) {
        console.log(`${ended} of ${count} seeds`);
      }
      for (const { seed, finding } of outcome.findings) {
        const seeds = found.get(finding.check) ?? [];
        seeds.push(seed);
        found.set(finding.check, seeds);
        if (seeds.length <= NAMED) {
          console.log(`seed ${seed} at ${(finding.at / 1000).toFixed(3)} s: ${finding.check}: ${finding.text}`);
        }
      }
    },
  });
  const took = (performance.now() - begin) / 1000;
  const failed = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  console.log(
    `${count} seeds of ${options.hours} h, ${failed} with a finding; ${took.toFixed(1)} s, ${((took * 1000) / count).toFixed(1)} ms and ${Math.round(events / count)} events each`,
  );
  for (const [check, seeds] of [...found].sort((a, b) => b[1].length - a[1].length)) {
    seeds.sort((a, b) => a - b);
    console.log(`  ${check.padEnd(28)}${String(seeds.length).padStart(6)}   seeds ${seeds.slice(0, NAMED).join(', ')}`);
  }
  if (options.shrinks) {
    for (const [check, [seed = first]] of found) {
      await tellStory(options, seed, check);
    }
  }
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
