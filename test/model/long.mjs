// The model test in its long form: node test/model/long.mjs [MINUTES] [--variant aggregating] [--seed 1]. README.md beside this file says more.
import { parseArgs } from 'node:util';
import { runJest } from '../support/run-jest.mjs';

const { values, positionals } = parseArgs({
  options: {
    variant: { type: 'string' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    clients: { type: 'string' },
  },
  allowPositionals: true,
});
// A seed alone is one world, to be repeated.
const minutes = positionals[0] ?? (values.seed === undefined ? '20' : undefined);
runJest('test/model/model.test.ts', {
  MODEL_MINUTES: minutes,
  MODEL_VARIANT: values.variant,
  MODEL_SEED: values.seed,
  MODEL_ROUNDS: values.rounds,
  MODEL_CLIENTS: values.clients,
});
