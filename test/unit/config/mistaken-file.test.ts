import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';

let workingFolder: string;

beforeEach(() => {
  workingFolder = mkdtempSync(join(tmpdir(), 'settings-'));
});

afterEach(() => rmSync(workingFolder, { recursive: true }));

/** What is said of these files, of which `a.yaml` is given as settings and `t.yaml` as topics, where they are there. */
function problemsOf(files: Readonly<Record<string, string>>): string[] {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(workingFolder, name), text);
  }
  try {
    loadSettings({
      workingFolder,
      ...('a.yaml' in files && { file: 'a.yaml' }),
      environment: 't.yaml' in files ? { MQTTSN_PREDEFINED_TOPICS: 't.yaml' } : {},
    });
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.split('\n');
    }
    throw error;
  }
  return [];
}

const NO_SETTINGS =
  'a.yaml: looks like a file of pre-defined topics, not of settings: give it with --predefined-topics (-T), or name it in the setting predefinedTopics';
const NO_TOPICS =
  't.yaml: looks like a file of settings, not of pre-defined topics: give it with --config (-c); in a topics file client ids, or "*", have topic ids under them';

describe('a file of pre-defined topics that is given as settings', () => {
  it.each([
    ['for every client', '"*":\n  1: sensors/boiler\n'],
    ['for every client, without quotes', '# all\n*:\n  1: sensors/boiler\n'],
    ['of one client', 'meter-7:\n  10: meters/7\n'],
    ['with something wrong in it', '"*":\n  0: sensors/boiler\n'],
    ['in lines with commas', '*, sensors/boiler, 1\n'],
    ['in lines with semicolons', 'meter-7;meters/7;10\n'],
  ])('%s is recognised, in one line', (_what, text) => {
    expect(problemsOf({ 'a.yaml': text })).toEqual([NO_SETTINGS]);
  });

  it('is not where there are settings too: the key is named, and what to do', () => {
    expect(problemsOf({ 'a.yaml': 'gateway:\n  id: 7\n"*":\n  1: sensors/boiler\n' })).toEqual([
      'a.yaml:3:1: "*": unknown setting (pre-defined topics are in a file of their own, which the setting predefinedTopics names)',
    ]);
  });

  it('is not where settings are wrong in other ways', () => {
    expect(problemsOf({ 'a.yaml': 'gatway:\n  id: 7\n' })).toEqual([
      'a.yaml:1:1: gatway: unknown setting (did you mean "gateway"?)',
    ]);
    expect(problemsOf({ 'a.yaml': '' })).toEqual([]);
  });
});

describe('a file of settings that is given as pre-defined topics', () => {
  it('is recognised, in one line', () => {
    expect(problemsOf({ 't.yaml': 'gateway:\n  id: 7\nupstream:\n  url: mqtt://localhost\n' })).toEqual([NO_TOPICS]);
    expect(problemsOf({ 't.yaml': 'transports:\n  - type: udp\n' })).toEqual([NO_TOPICS]);
  });

  it('is not where clients have the names of sections', () => {
    expect(problemsOf({ 't.yaml': 'gateway:\n  0: a\n  2: b\n' })).toEqual([
      't.yaml:2:3: expected a topic id from 1 to 65534, found "0"',
    ]);
    expect(problemsOf({ 't.yaml': 'gateway:\n  1: a\n' })).toEqual([]);
  });
});
