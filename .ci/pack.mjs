// Packs the built gateway with all that it needs at run time: mqtt-sn-gateway-<version>.tgz, in the folder that is named or in this one.
// Installing that needs no compiler, no development packages and no network. `npm run pack` builds first.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const destination = resolve(process.argv[2] ?? root);
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));

const manifest = read('package.json');
const { packages } = read('package-lock.json');
if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) {
  throw new Error('dist is missing: npm run build');
}

const stage = mkdtempSync(join(tmpdir(), 'pack-'));
try {
  const copy = (path) => cpSync(join(root, path), join(stage, path), { recursive: true, dereference: true });
  manifest.files.forEach(copy);
  for (const [path, { dev, optional }] of Object.entries(packages)) {
    if (path === '' || dev || (optional && !existsSync(join(root, path)))) {
      continue;
    }
    copy(path);
  }
  const { scripts, jest, devDependencies, overrides, ...packed } = manifest;
  const bundled = { ...packed, bundleDependencies: Object.keys(manifest.dependencies) };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(bundled, undefined, 2)}\n`);

  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { cwd: stage, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const file = join(destination, filename);
  console.log(`${file}, ${(statSync(file).size / 1e6).toFixed(1)} MB\nnpm install -g ${file}`);
} finally {
  rmSync(stage, { recursive: true });
}
