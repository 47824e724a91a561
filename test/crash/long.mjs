// The crash test in its long form: node test/crash/long.mjs [--kills 200] [--seed 1] [--mode aggregating]. README.md beside this file says more.
import { parseArgs } from 'node:util';
import { runJest } from '../support/run-jest.mjs';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' }, mode: { type: 'string' } },
});
runJest('test/crash', { CRASH_KILLS: values.kills, CRASH_SEED: values.seed, CRASH_MODE: values.mode });
