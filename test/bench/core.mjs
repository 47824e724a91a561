/**
 * What one message costs in the core, whether the number of clients matters, and whether this build is faster or slower than another one:
 * `npm run bench:core`, `npm run bench:core -- --baseline DIR`. README.md beside this file says more.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SLICES } from './run-round.mjs';
import { runRounds } from './run-rounds.mjs';
import { circumstances, tableOfOne, tableOfTwo } from './tables.mjs';

const USAGE = 'usage: npm run bench:core -- [--baseline DIR] [--rounds N] [--messages N]';
const MOST_ROUNDS = 1000;
/** With more of them clients that only listen would be silent for longer than the longest keep-alive. */
const MOST_MESSAGES = 500_000;
const here = fileURLToPath(new URL('../..', import.meta.url));

try {
  const { baseline, ...extent } = options();
  if (baseline === undefined) {
    print(tableOfOne(await runRounds([here], extent)), extent);
  } else {
    print(tableOfTwo(await runRounds([here, baseline], extent)), extent);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}

function print(table, extent) {
  console.log([...table, circumstances(extent)].join('\n'));
}

function options() {
  const text = { type: 'string' };
  const {
    baseline,
    rounds = '9',
    messages = '100000',
  } = argumentsGiven({ baseline: text, rounds: text, messages: text });
  return {
    baseline: baseline === undefined ? undefined : resolve(baseline),
    rounds: wholeNumber('rounds', rounds, MOST_ROUNDS),
    messages: Math.ceil(wholeNumber('messages', messages, MOST_MESSAGES) / SLICES) * SLICES,
  };
}

function argumentsGiven(known) {
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }
}

function wholeNumber(name, text, most) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new Error(`--${name} ${text}: a whole number from 1 to ${most} is needed\n${USAGE}`);
  }
  return value;
}
