/** Tests in their long form: jest, in a process of its own, whose exit code is that of this one. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs the tests below a path.
 * @param {string} path from the root of the project
 * @param {Readonly<Record<string, string | undefined>>} environment beside the variables of this process; undefined ones are left as they are
 */
export function runJest(path, environment) {
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    path,
  ];
  const said = Object.entries(environment).filter(([, value]) => value !== undefined);
  const env = { ...process.env, ...Object.fromEntries(said) };
  const { status } = spawnSync(process.execPath, jest, { cwd: ROOT, env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
