// Packs the built gateway with all that it needs at run time: mqtt-sn-gateway-<version>.tgz, in the folder that is named or in this one.
// Installing that needs no compiler, no development packages and no network. `npm run pack` builds first.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const destination = resolve(process.argv[2] ?? root);
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));

const manifest = read('package.json');
const { packages } = read('package-lock.json');
if (!existsSync(join(root, 'dist', 'program', 'main.js'))) {
  throw new Error('dist is missing: npm run build');
}

// What a library brings for those who build with it, and prebuilds for machines on which no gateway runs: half of the files,
// and each is a write to an SD card. Licences and package.json stay.
const NOT_AT_RUN_TIME = [
  /\.(map|[cm]?ts|tsx|markdown|h|hpp|cc|cpp|c|gyp|gypi)$/i,
  /\/(readme|changelog|history|changes|upgrading)[^/]*\.md$/i,
  /\/(zod\/src|classic-level\/deps|yaml\/browser)(\/|$)/,
  /\/prebuilds\/(?!linux-)[^/]+(\/|$)/,
];

// Only the program needs them, and has them in dist/program: whoever embeds the gateway has no status page. They are half of all files.
const BUILT_IN = ['fastify', '@fastify/swagger', 'fastify-type-provider-zod', 'prom-client'];

const dependencies = Object.fromEntries(
  Object.entries(manifest.dependencies).filter(([name]) => !BUILT_IN.includes(name)),
);

/** Where the package is that the one at `path` finds under `name`, as Node.js looks for it; undefined where it is not installed. */
function found(name, path) {
  const folders = path.split('/node_modules/'); // node_modules/a/node_modules/b: a, then b in it
  for (let depth = path === '' ? 0 : folders.length; depth >= 0; depth--) {
    const place = [...folders.slice(0, depth), name]
      .join('/node_modules/')
      .replace(/^(?!node_modules\/)/, 'node_modules/');
    if (packages[place] !== undefined) {
      return place;
    }
  }
  return undefined;
}

/** All packages that some need, with those that these need, and so on. */
function neededBy(names) {
  const needed = new Set();
  const visit = (name, path) => {
    const place = found(name, path);
    if (place !== undefined && !needed.has(place)) {
      needed.add(place);
      const {
        dependencies: own = {},
        optionalDependencies: optional = {},
        peerDependencies: peers = {},
      } = packages[place];
      for (const next of Object.keys({ ...own, ...optional, ...peers })) {
        visit(next, place);
      }
    }
  };
  for (const name of names) {
    visit(name, '');
  }
  return needed;
}

const workplace = mkdtempSync(join(tmpdir(), 'pack-'));
const stage = join(workplace, 'package');
try {
  const copy = (path, options) =>
    cpSync(join(root, path), join(stage, path), { recursive: true, dereference: true, ...options });
  mkdirSync(stage);
  for (const path of manifest.files) {
    copy(path);
  }
  const isNeeded = (source) => !NOT_AT_RUN_TIME.some((pattern) => pattern.test(source.slice(root.length)));
  for (const path of neededBy(Object.keys(dependencies))) {
    if (packages[path].dev || !existsSync(join(root, path))) {
      continue; // of development, or for another platform
    }
    copy(path, { filter: isNeeded });
  }
  const { scripts, jest, devDependencies, overrides, ...packed } = manifest;
  const bundled = { ...packed, dependencies, bundleDependencies: Object.keys(dependencies) };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(bundled, undefined, 2)}\n`);

  const file = join(destination, `${manifest.name}-${manifest.version}.tgz`);
  execFileSync('tar', ['-czf', file, '--owner=0', '--group=0', '-C', workplace, 'package']);
  console.log(`${file}, ${(statSync(file).size / 1e6).toFixed(1)} MB\nnpm install -g ${file}`);
} finally {
  rmSync(workplace, { recursive: true });
}
