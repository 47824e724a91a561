// Builds after `npm ci`, where that has brought what it takes. With `--omit=dev` it has not, and that is no failure of the installation.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
if (existsSync(compiler)) {
  const { status } = spawnSync('npm run build', { cwd: root, stdio: 'inherit', shell: true });
  process.exitCode = status ?? 1;
} else {
  console.log('dist is not built: the development packages were left out');
}
