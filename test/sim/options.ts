/** The command line: names are checked, so that a switch that does nothing is found. */
import { parseArgs } from 'node:util';
import { CHECKS } from './books/findings.ts';
import { KINDS } from './make-plan.ts';
import type { Mode } from './mode-plan.ts';
import { fromRanges } from './plan-parts.ts';

export interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly hours: number;
  readonly without: ReadonlySet<string>;
  readonly checks: ReadonlySet<string>;
  readonly keeps: ReadonlySet<number> | undefined;
  /** Undefined: each seed decides. */
  readonly mode: Mode | undefined;
  readonly workers: number;
  readonly story: boolean;
  readonly shrinks: boolean;
}

export const USAGE = `npm run test:sim -- [--seeds 1000] [--hours 0.25] [--seed S] [--without NAME,…] [--checks NAME,…] [--keep PARTS]
                    [--mode transparent|aggregating] [--story] [--no-shrink] [--workers 2]
  --seed S       only this seed; with --seeds: the first one
  --without      clients, faults and checks that are left out
  --checks       the only checks
  --keep         the only parts of the plan, as a shrunk run names them
  --mode         how clients are connected to the broker; else each seed decides
  --story        the whole run, as the gateway sees it
clients and faults: ${KINDS.join(', ')}
checks:
${Object.entries(CHECKS)
  .map(([name, text]) => `  ${name.padEnd(28)}${text}`)
  .join('\n')}`;

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      hours: { type: 'string', default: '0.25' },
      without: { type: 'string', default: '' },
      checks: { type: 'string', default: '' },
      keep: { type: 'string' },
      mode: { type: 'string' },
      workers: { type: 'string', default: '2' },
      story: { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
    },
  });
  const seeds = values.seeds ?? (values.seed === undefined ? '1000' : '1');
  const checks = Object.keys(CHECKS);
  return {
    seeds: number(seeds),
    seed: number(values.seed ?? '1'),
    hours: number(values.hours),
    without: names(values.without, [...KINDS, ...checks]),
    checks: names(values.checks, checks),
    keeps: values.keep === undefined ? undefined : fromRanges(values.keep),
    mode: modeNamed(values.mode),
    workers: number(values.workers),
    story: values.story,
    shrinks: !values['no-shrink'],
  };
}

function number(text: string): number {
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) {
    throw new Error(`"${text}" is no number`);
  }
  return value;
}

function modeNamed(name: string | undefined): Mode | undefined {
  if (name === undefined || name === 'transparent' || name === 'aggregating') {
    return name;
  }
  throw new Error(`"${name}" is no mode`);
}

function names(list: string, known: readonly string[]): ReadonlySet<string> {
  const given = list.split(',').filter((name) => name !== '');
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`unknown: ${unknown.join(', ')}`);
  }
  return new Set(given);
}
