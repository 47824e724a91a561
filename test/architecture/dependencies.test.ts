import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url).pathname;
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const described = JSON.parse(read('package.json')) as Required<Pick<Locked, 'dependencies' | 'devDependencies'>>;
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Locked>> };
const locked = Object.entries(packages).filter(([place]) => place !== '');

describe('dependencies (docs/security.md)', () => {
  it('are pinned: one version each, which is that of the lock file', () => {
    for (const wanted of [described.dependencies, described.devDependencies]) {
      const found = Object.keys(wanted).map((name) => [name, packages[`node_modules/${name}`]?.version]);
      expect(wanted).toEqual(Object.fromEntries(found));
    }
    const { dependencies, devDependencies } = packages[''] ?? {};
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: described.dependencies,
      devDependencies: described.devDependencies,
    });
  });

  it('are known by their hashes, all of them', () => {
    expect(locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([place]) => place)).toEqual([]);
  });

  it('run no scripts of their own where everything is built and tested', () => {
    expect(read('.ci/run').split('\n')).toContain('npm ci --ignore-scripts');
    // Of those that have some the parts that they would build are in the package already.
    const withScripts = locked.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    expect(withScripts.map(([place]) => place.replace('node_modules/', '')).sort()).toEqual([
      '@serialport/bindings-cpp',
      'classic-level',
    ]);
  });

  it('are listed by one command, those of development left out', async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, maxBuffer: 50_000_000 });
    const { bomFormat, components } = JSON.parse(stdout) as {
      bomFormat: string;
      components: readonly { readonly group?: string; readonly name: string; readonly version: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const listed = new Set(components.map(({ name, version }) => `${name} ${version}`));
    for (const [name, version] of Object.entries(described.dependencies)) {
      expect(listed).toContain(`${name} ${version}`);
    }
    for (const name of Object.keys(described.devDependencies)) {
      expect([...listed].filter((each) => each.startsWith(`${name} `))).toEqual([]);
    }
  });
});
