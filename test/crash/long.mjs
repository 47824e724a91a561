// The crash test in its long form: node test/crash/long.mjs [--kills 200] [--seed 1]. README.md beside this file says more.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' } } });
const root = fileURLToPath(new URL('../../', import.meta.url));
const jest = [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  'test/crash',
];
const environment = {
  ...process.env,
  CRASH_KILLS: values.kills,
  ...(values.seed === undefined ? {} : { CRASH_SEED: values.seed }),
};
const { status } = spawnSync(process.execPath, jest, { cwd: root, env: environment, stdio: 'inherit' });
process.exitCode = status ?? 1;
