import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../../src/config/load.ts';
import { parsePredefinedTopics } from '../../../src/config/predefined-topics-file.ts';
import { ConfigError } from '../../../src/config/problem.ts';

let workingFolder: string;

beforeEach(() => {
  workingFolder = mkdtempSync(join(tmpdir(), 'settings-'));
});

afterEach(() => {
  rmSync(workingFolder, { recursive: true });
});

/** What is printed of a file with settings, or of one with topics; empty where there is no problem. */
function printed(name: 'gateway.yaml' | 'topics', content: string): string[] {
  writeFileSync(join(workingFolder, name), content);
  const environment = name === 'topics' ? { MQTTSN_PREDEFINED_TOPICS: 'topics' } : { MQTTSN_CONFIG: name };
  try {
    loadSettings({ environment, workingFolder });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.split('\n');
    }
    throw error;
  }
}

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('a file with very many problems', () => {
  it('of pre-defined topics has the first twenty told, and the count of the rest', () => {
    const told = printed(
      'topics',
      lines(300_000, () => 'a;b;c;d'),
    );
    expect(told).toHaveLength(21);
    expect(told[19]).toBe('topics:20:1: expected clientID;topicName;topicID or topicName;topicID, found 4 fields');
    expect(told[20]).toBe('and 299980 more');
  });

  it.each([
    ['with commas', lines(300_000, () => 'x, y, z')],
    ['in YAML', `"*":\n${lines(10_000, () => '  x: y')}`],
  ])('%s is told in the same way', (_form, content) => {
    const told = printed('topics', content);
    expect(told).toHaveLength(21);
    expect(told[20]).toMatch(/^and \d{4,6} more$/);
  });

  it('of settings has the first twenty told, by line, and the count of the rest', () => {
    const told = printed(
      'gateway.yaml',
      lines(2_000, (i) => `key${i}: 1`),
    );
    expect(told).toHaveLength(21);
    expect(
      told.slice(0, 20).every((line, i) => line.startsWith(`gateway.yaml:${i + 1}:1: key${i}: unknown setting`)),
    ).toBe(true);
    expect(told[20]).toBe('and 1980 more');
  });

  it('of the same key has them all counted', () => {
    const told = printed('gateway.yaml', `gateway:\n${lines(5_000, () => '  id: 1')}`);
    expect(told).toHaveLength(21);
    expect(told[0]).toBe('gateway.yaml:3:3: this key is written twice in the same map');
    expect(told[20]).toBe('and 4979 more');
  });

  it('says no more than that where there are just twenty', () => {
    expect(
      printed(
        'topics',
        lines(20, () => 'a;b;c;d'),
      ),
    ).toHaveLength(20);
  });
});

describe('a file that would make much of little', () => {
  const merges = `%YAML 1.1\n---\na0: &a0 {x: 1}\n${lines(5_000, (i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i}: 1}`)}\n`;
  const aliases = `a: &a {x: 1}\n${lines(5_000, (i) => `b${i}: *a`)}\n`;

  it.each([
    ['merges', 'gateway.yaml', merges],
    ['merges', 'topics', merges],
    ['aliases', 'gateway.yaml', aliases],
    ['aliases', 'topics', aliases],
  ] as const)('by %s is refused, as %s', (_means, name, content) => {
    expect(printed(name, content)).toEqual([expect.stringMatching(/^[a-z.]+:\d+:\d+: more than 100 aliases \(\*\)$/)]);
  });

  it.each(['gateway.yaml', 'topics'] as const)('by depth is refused, as %s', (name) => {
    for (const content of [
      `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      `a: ${'{b: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
      lines(300, (i) => `${' '.repeat(i)}a:`),
    ]) {
      expect(printed(name, content)).toEqual([expect.stringContaining('nested too deeply')]);
    }
  });

  it.each(['gateway.yaml', 'topics'] as const)(
    'by depth that the stack of the parser would end in is refused, as %s',
    (name) => {
      const indented = lines(50, (i) => ' '.repeat(i * 200) + '- '.repeat(100));
      const repeated = ['[', '{', '[{', '- ', '? ', '- ? '].map((level) => level.repeat(50_000));
      for (const content of [...repeated, indented]) {
        expect(printed(name, content)).toEqual([expect.stringContaining('nested too deeply')]);
      }
    },
  );

  it('may have brackets and dashes in its texts', () => {
    const content = `"*":\n${lines(300, (i) => `  ${i + 1}: "[${i} - ? {"`)}\n  400: a[b{c${' - ?'.repeat(300)}\n`;
    expect(parsePredefinedTopics(content, 'f')).toMatchObject({ problemCount: 0 });
  });

  it('may use a hundred aliases', () => {
    const content = `a: &a {1: t}\n${lines(100, (i) => `b${i}: *a`)}\n`;
    expect(parsePredefinedTopics(content, 'f')).toMatchObject({ problemCount: 0 });
    expect(parsePredefinedTopics(content, 'f').topics.get('b99')?.get(1)).toBe('t');
  });
});

describe('a file that is too long', () => {
  it('is not read, as settings', () => {
    expect(printed('gateway.yaml', '#'.repeat(262_145))).toEqual([
      'gateway.yaml: cannot be read: it is longer than 256 KiB',
    ]);
    expect(printed('gateway.yaml', '#'.repeat(262_144))).toEqual([]);
  });

  it('is not read, as pre-defined topics', () => {
    expect(printed('topics', '#'.repeat(16_777_217))).toEqual([
      'MQTTSN_PREDEFINED_TOPICS: predefinedTopics: cannot read topics: it is longer than 16 MiB',
    ]);
  });

  it('is not read where it has no end', () => {
    expect(() => loadSettings({ environment: {}, file: '/dev/zero', workingFolder })).toThrow('longer than 256 KiB');
    expect(() => loadSettings({ environment: { MQTTSN_PREDEFINED_TOPICS: '/dev/zero' }, workingFolder })).toThrow(
      'longer than 16 MiB',
    );
  });

  it('in YAML is not read, as pre-defined topics, and the form that may be longer is named', () => {
    expect(printed('topics', `"*":\n  1: ${'a'.repeat(1_048_576)}\n`)).toEqual([
      expect.stringMatching(/^topics:1:1: YAML longer than 1 MiB is not read; .*clientID;topicName;topicID/),
    ]);
  });

  it('has no more than so many topics, though each line is right', () => {
    const told = printed(
      'topics',
      lines(250_002, (i) => `c${i % 10};t;${Math.floor(i / 10) + 1}`),
    );
    expect(told).toEqual(['topics:250001:6: a file may have 250000 topic ids at most; the rest is not looked at']);
  });
});

describe('a line that is very long', () => {
  it('is not cut into millions of fields', () => {
    expect(printed('topics', `a;b;c${';'.repeat(1_000_000)}`)).toEqual([
      'topics:1:1: expected clientID;topicName;topicID or topicName;topicID, found 5 fields or more',
    ]);
  });

  it.each([
    ['topics', `a;b;${'x'.repeat(1_000_000)}`],
    ['topics', `"*":\n  ${'x'.repeat(100_000)}: a`],
    ['gateway.yaml', `${'x'.repeat(100_000)}: 1`],
    ['gateway.yaml', `gateway: ${'x'.repeat(100_000)}`],
  ] as const)('is not printed whole, in %s', (name, content) => {
    const told = printed(name, content);
    expect(told).toHaveLength(1);
    expect(told[0]?.length).toBeLessThan(1_000);
  });
});
