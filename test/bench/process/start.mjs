/** `npm run bench`: what is asked for is understood before anything is built or installed; `--help` builds nothing. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';
import { USAGE } from './usage.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const args = process.argv.slice(2);

if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
} else {
  process.exitCode = start();
}

function start() {
  try {
    readOptions(args);
  } catch (error) {
    console.error(error.message);
    return 2;
  }
  const bench = fileURLToPath(new URL('bench.mjs', import.meta.url));
  const node = ['--no-warnings', '--import', './test/sim/typescript.mjs', bench, ...args];
  return (
    run('npm', ['run', 'build']) || run('bash', ['test/support/install-programs.sh']) || run(process.execPath, node)
  );
}

/** The exit code. */
function run(command, words) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit' });
  return status ?? 2;
}
