// The chaos test in its long form: node test/chaos/long.mjs [MINUTES] [--seed 1]. README.md beside this file says more.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const root = fileURLToPath(new URL('../../', import.meta.url));
const jest = [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  'test/chaos/chaos.test.ts',
];
const environment = {
  ...process.env,
  CHAOS_MINUTES: positionals[0] ?? '5',
  ...(values.seed === undefined ? {} : { CHAOS_SEED: values.seed }),
};
const { status } = spawnSync(process.execPath, jest, { cwd: root, env: environment, stdio: 'inherit' });
process.exitCode = status ?? 1;
