import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'empty-entries-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is wrong with settings; where nothing is, `upstream.ownConnection`. */
function found(yaml: string): unknown {
  writeFileSync(join(folder, 'gateway.yaml'), `${yaml}\n`);
  try {
    return loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder }).settings.upstream
      .ownConnection;
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(({ message }) => message);
    }
    throw error;
  }
}

const own = (list: string): unknown =>
  found(`upstream: { url: "mqtt://a.example", mode: aggregating, ownConnection: ${list} }`);

describe('an empty text in upstream.ownConnection', () => {
  it.each(['[""]', '["meter-*", ""]', '["  "]', '""'])('fits nobody, and is reported: %s', (list) => {
    expect(own(list)).toEqual([
      'expected a list of client ids (text without control characters), in which * stands for any characters and ? for one, found in it: "" (it fits nobody: no client id is empty)',
    ]);
  });

  it('is none where a text has a comma too many; an empty list has nobody in it', () => {
    expect([own('"meter-*,"'), own('[]')]).toEqual([['meter-*'], []]);
  });
});

describe('an empty text in another list', () => {
  it('is reported beside others, for it is not what was meant', () => {
    expect(found('access: { rules: [{ name: a, clientId: ["", pump-7] }] }')).toEqual([
      expect.stringContaining('found in it: ""'),
    ]);
  });

  it('alone is as an empty list where that has a sentence of its own', () => {
    for (const list of ['[""]', '""', '[]']) {
      expect(found(`access: { rules: [{ name: a, clientId: ${list} }] }`)).toEqual([
        'an empty list would fit no client: write what it fits, or leave the line out, and it fits whatever that is',
      ]);
    }
  });
});
