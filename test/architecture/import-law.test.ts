import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Who may import whom (design): folder to the folders and libraries that it may name. `node:` is listed where it is allowed. */
const LAW: Readonly<Record<string, readonly string[]>> = {
  codec: [],
  core: ['codec'],
  ports: ['core', 'codec'],
  transport: ['ports', 'node:', 'serialport'],
  upstream: ['ports', 'node:', 'mqtt', 'aedes'],
  store: ['ports', 'node:', 'classic-level'],
  observe: ['ports', 'codec', 'winston', 'node:'],
  config: ['core', 'yaml', 'zod', 'node:'],
  app: ['codec', 'core', 'ports', 'transport', 'upstream', 'store', 'observe', 'config', 'node:'],
  client: ['codec', 'node:'],
  cli: ['app', 'config', 'codec', 'client', 'yargs', 'node:'],
  '': ['app', 'client', 'codec', 'config', 'core', 'ports', 'transport', 'upstream', 'observe'],
};

/** Of the core, config may know the plain values only. */
const CORE_FOR_CONFIG = ['contract/timer-values.ts', 'topics/topic-name.ts'];

/** Libraries that exactly one file imports. */
const SINGLE = ['mqtt', 'aedes', 'winston', 'classic-level', 'serialport'];

const SRC = join(import.meta.dirname, '../../src');

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

function imports(): Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const file = name.split(sep).join('/');
    const text = readFileSync(join(SRC, name), 'utf8');
    const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
    const found = [
      ...text.matchAll(
        /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|(?:^|[^\w.])import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
      ),
    ];
    return found.map((match) => ({ file, folder, target: match[1] ?? match[2] ?? match[3] ?? '' }));
  });
}

/** The folder of src or the library that an import names. */
function placeOf({ file, target }: Import): string {
  if (!target.startsWith('.')) {
    return target.startsWith('node:') ? 'node:' : (target.split('/')[0] ?? target);
  }
  const path = relative(SRC, join(SRC, file, '..', target)).split(sep);
  return path.length > 1 ? (path[0] ?? '') : '';
}

describe('the import law', () => {
  const all = imports();

  it('finds the imports that it judges', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all).toContainEqual({ file: 'core/steps/turn.ts', folder: 'core', target: '../../codec/encode.ts' });
  });

  it('lets every folder import only what it may', () => {
    const broken = all.filter((one) => placeOf(one) !== one.folder && !LAW[one.folder]?.includes(placeOf(one)));
    expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('lets config know nothing of the core but plain values', () => {
    const seen = all
      .filter((one) => one.folder === 'config' && placeOf(one) === 'core')
      .map(({ target }) => target.replace('../core/', ''));
    expect([...new Set(seen)].sort()).toEqual(CORE_FOR_CONFIG);
  });

  it.each(SINGLE)('has exactly one file that imports %s', (library) => {
    const files = new Set(all.filter((one) => placeOf(one) === library).map(({ file }) => file));
    expect([...files]).toHaveLength(1);
  });

  it('names every relative import with its file ending', () => {
    expect(
      all
        .filter(({ target }) => target.startsWith('.') && !target.endsWith('.ts'))
        .map(({ file, target }) => `${file} imports ${target}`),
    ).toEqual([]);
  });
});

describe('the core', () => {
  it('has no I/O, clock, promise, chance or logger in it', () => {
    const forbidden =
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Promise|async|await|Date|performance|process|console|Buffer)\b|Math\.random/;
    const found = ['core', 'codec'].flatMap((folder) =>
      readdirSync(join(SRC, folder)).flatMap((name) => {
        if (!name.endsWith('.ts')) {
          return [];
        }
        const code = readFileSync(join(SRC, folder, name), 'utf8').replaceAll(
          /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
          '',
        );
        const match = forbidden.exec(code);
        return match ? [`${folder}/${name}: ${match[0]}`] : [];
      }),
    );
    expect(found).toEqual([]);
  });
});
