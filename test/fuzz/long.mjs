// Hostile input for so many seconds: node test/fuzz/long.mjs [SECONDS] [--seed 1]. README.md beside this file says more.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const root = fileURLToPath(new URL('../../', import.meta.url));
const jest = [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  'test/fuzz',
];
const environment = {
  ...process.env,
  FUZZ_SECONDS: positionals[0] ?? '60',
  ...(values.seed === undefined ? {} : { FUZZ_SEED: values.seed }),
};
const { status } = spawnSync(process.execPath, jest, { cwd: root, env: environment, stdio: 'inherit' });
process.exitCode = status ?? 1;
