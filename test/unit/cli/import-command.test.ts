import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importCommand } from '../../../src/cli/import-command.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { runCommand } from '../../support/run-command.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  mkdirSync(join(folder, 'old'));
  mkdirSync(join(folder, 'new'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const PAHO = 'BrokerName=broker.example\nPredefinedTopic=YES\nPredefinedTopicList=topics.conf\n';

describe('import', () => {
  it('into another folder names the file of topics so that it is found from there', async () => {
    writeFileSync(join(folder, 'old/gateway.conf'), PAHO);
    writeFileSync(join(folder, 'old/topics.conf'), '*, weather/tmp, 1\n');
    const file = join(folder, 'new/gateway.yaml');
    const old = relative(process.cwd(), join(folder, 'old/gateway.conf'));
    const { exitCode } = await runCommand(importCommand, 'import', old, '-o', relative(process.cwd(), file));
    expect(exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^predefinedTopics: \.\.\/old\/topics\.conf$/m);
    expect(loadSettings({ file, environment: {}, workingFolder: folder }).settings.predefinedTopics).toBe(
      join(folder, 'old/topics.conf'),
    );
  });

  it('writes both files or none', async () => {
    const from = join(folder, 'bisquitt.env');
    writeFileSync(from, 'MQTT_HOST=broker.example\nPREDEFINED_TOPIC=c;a/b;1\n');
    writeFileSync(join(folder, 'new/predefined-topics.yaml'), '"*":\n  1: mine\n');
    const file = join(folder, 'new/gateway.yaml');
    const { errors, exitCode } = await runCommand(importCommand, 'import', from, '-o', file);
    expect([errors, exitCode]).toEqual([
      `${join(folder, 'new/predefined-topics.yaml')}: is there already: --force writes over it\n`,
      2,
    ]);
    expect(existsSync(file)).toBe(false);
    expect((await runCommand(importCommand, 'import', from, '-o', file, '--force')).exitCode).toBe(0);
    expect(readFileSync(join(folder, 'new/predefined-topics.yaml'), 'utf8')).toContain('a/b');
  });

  it('says in words that there is no such file, and how to go on', async () => {
    expect((await runCommand(importCommand, 'import', join(folder, 'x'))).errors).toBe(
      `${join(folder, 'x')}: cannot be read: no such file\n`,
    );
    expect(importCommand.builder?.toString()).not.toContain("'Then: $0");
  });
});
