// The chaos test in its long form: node test/chaos/long.mjs [MINUTES] [--seed 1] [--mode aggregating] [--over dtls]. README.md beside this file says more.
import { parseArgs } from 'node:util';
import { runJest } from '../support/run-jest.mjs';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, mode: { type: 'string' }, over: { type: 'string' } },
  allowPositionals: true,
});
runJest('test/chaos/chaos.test.ts', {
  CHAOS_MINUTES: positionals[0] ?? '5',
  CHAOS_SEED: values.seed,
  CHAOS_MODE: values.mode,
  CHAOS_OVER: values.over,
});
