// Hostile input for so many seconds: node test/fuzz/long.mjs [SECONDS] [--seed 1]. README.md beside this file says more.
import { parseArgs } from 'node:util';
import { runJest } from '../support/run-jest.mjs';

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
runJest('test/fuzz', { FUZZ_SECONDS: positionals[0] ?? '60', FUZZ_SEED: values.seed });
