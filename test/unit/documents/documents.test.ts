import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { settingsSchema } from '../../../src/config/schema.ts';
import { fencedBlocks } from '../../support/fenced-blocks.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Where documents are looked for; what is installed or built is none of ours. */
const FOLDERS = ['.', 'docs', 'config', 'src', 'src/core', 'examples', 'test'];
const DOCUMENTS = FOLDERS.flatMap((folder) => markdownIn(join(ROOT, folder), !['.', 'src', 'config'].includes(folder)));

function markdownIn(folder: string, isDeep: boolean): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && isDeep && entry.name !== 'node_modules') {
      found.push(...markdownIn(path, true));
    } else if (entry.name.endsWith('.md')) {
      found.push(path);
    }
  }
  return found;
}

const text = (path: string): string => readFileSync(path, 'utf8');
const named = (path: string): string => relative(ROOT, path);

/** Headings as links name them: small letters, without punctuation, with - for blanks. */
function anchorsOf(path: string): Set<string> {
  const headings = text(path).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Fenced blocks in one of these languages, wherever they are indented. */
function blocksOf(path: string, languages: readonly string[]): string[] {
  return fencedBlocks(text(path)).flatMap((block) => (languages.includes(block.language) ? [block.text] : []));
}

describe('documents', () => {
  it('README.md is short enough to be read', () => {
    expect(text(join(ROOT, 'README.md')).split('\n').length).toBeLessThanOrEqual(180);
  });

  it.each(DOCUMENTS.map(named))('%s: what it links to is there', (name) => {
    const path = join(ROOT, name);
    const links = [...text(path).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('have their commands in blocks with sh, which are run', () => {
    const others = DOCUMENTS.flatMap((path) =>
      fencedBlocks(text(path))
        .filter(({ language, text: block }) => /^(bash|shell|console|zsh)$/.test(language) || /^\$ /m.test(block))
        .map(({ text: block }) => `${named(path)}: ${block}`),
    );
    expect(others).toEqual([]);
  });

  it('name no script that package.json has not', () => {
    const { scripts } = JSON.parse(text(join(ROOT, 'package.json')));
    const unknown = DOCUMENTS.flatMap((path) =>
      [...text(path).matchAll(/\bnpm run (?:-s )?([a-z:]+)/g)]
        .filter(([, script = '']) => scripts[script] === undefined)
        .map(([said]) => `${named(path)}: ${said}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('programs in documents', () => {
  const shown = DOCUMENTS.flatMap((path) =>
    [...text(path).matchAll(/\]\(([^)]*examples\/[^)]+)\):\n\n```\w+\n([\s\S]*?)^```/gm)].map(
      ([, file = '', program = '']) => [named(path), join(dirname(path), file), program] as const,
    ),
  );

  it('are many', () => {
    expect(shown.length).toBeGreaterThanOrEqual(4);
  });

  it.each(shown)('%s: shows %s as it is', (_page, file, program) => {
    expect(program).toBe(text(file));
  });

  it('docs/arduino.md: what is another on a serial line is in that sketch', () => {
    const [, other = '?'] = blocksOf(join(ROOT, 'docs/arduino.md'), ['cpp']);
    expect(text(join(ROOT, 'examples/firmware/arduino-serial/arduino-serial.ino'))).toContain(other);
  });
});

describe('settings in documents', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'documents-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const sections = Object.keys(settingsSchema.shape);
  /** All settings, and what they are part of, as `http.users` or `http.users[]`. */
  const settings = new Set(
    [...text(join(ROOT, 'config/README.md')).matchAll(/^\| `([^`]+)`/gm)].flatMap(([, path = '']) =>
      path.split('.').flatMap((_part, index, parts) => {
        const whole = parts.slice(0, index + 1).join('.');
        return [whole, whole.replace(/\[\]$/, '')];
      }),
    ),
  );
  const blocks = DOCUMENTS.flatMap((path) =>
    blocksOf(path, ['yaml'])
      .filter((block) => Object.keys(parse(block) ?? {}).every((key) => sections.includes(key)))
      .map((block, index) => [`${named(path)}, block ${index + 1}`, block] as const),
  );

  it('are many', () => {
    expect(blocks.length).toBeGreaterThan(5);
    expect(settings.size).toBeGreaterThan(100);
  });

  it.each(DOCUMENTS.map(named))('%s: every setting that it names exists', (name) => {
    const words = [...text(join(ROOT, name)).matchAll(/`([a-zA-Z]+(?:\[\])?\.[a-zA-Z0-9.[\]]+)(?:: [^`\n]*)?`/g)];
    const paths = words.map(([, path = '']) => path).filter((path) => sections.includes(/^\w+/.exec(path)?.[0] ?? ''));
    const files = /\.(yaml|key|example|ts)$/;
    expect(paths.filter((path) => !settings.has(path) && !files.test(path))).toEqual([]);
  });

  it.each(blocks)('%s: are settings', (_where, block) => {
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, block);
    const problems: string[] = [];
    try {
      loadSettings({ file, environment: {}, workingFolder: folder });
    } catch (error) {
      if (!(error instanceof ConfigError)) {
        throw error;
      }
      problems.push(...error.problems.map(({ message }) => message));
    }
    // Files and secrets that a reader has to make are not there.
    const isLeftOut = (message: string) => /ENOENT|no such file|cannot be read|which is not shown/.test(message);
    expect(problems.filter((message) => !isLeftOut(message))).toEqual([]);
  });
});
