import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { settingChanges } from '../../../src/config/setting-changes.ts';
import { shownSettings } from '../../../src/config/shown-settings.ts';
import {
  SECRET,
  SECRET_CREDENTIALS,
  SECRET_SETTINGS,
  type SecretPlace,
  writeSecrets,
} from '../../support/secret-settings.ts';

const DTLS = { transports: [{ type: 'dtls', port: 8883 }] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(): LoadedSettings {
  return loadSettings({ file: join(folder, 'gateway.yaml'), environment: {}, workingFolder: folder });
}

const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content));

describe('every secret that the settings know', () => {
  it('is in none of the outputs about settings that are right', () => {
    writeSecrets(folder, DTLS);
    const loaded = load();
    expect(JSON.stringify([loaded.settings, loaded.credentials])).toMatch(SECRET); // it is there
    expect(loaded.credentials?.rules).toHaveLength(SECRET_CREDENTIALS.length);
    const text = describeLoaded(loaded);
    for (const { name } of SECRET_SETTINGS) {
      expect(text.replaceAll(/\[\d\]/g, '[]')).toContain(name);
    }
    expect(text).not.toMatch(SECRET);
    expect(JSON.stringify(shownSettings(loaded.settings))).not.toMatch(SECRET);
  });

  it('is not told of where it changes', () => {
    writeSecrets(folder, DTLS);
    const before = load();
    write('credentials.yaml', {});
    write('gateway.yaml', DTLS);
    const { changed, needsRestart } = settingChanges(before, load());
    expect(changed.length + needsRestart.length).toBeGreaterThanOrEqual(SECRET_SETTINGS.length);
    expect(JSON.stringify([changed, needsRestart])).not.toMatch(SECRET);
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['a list', ['geheim']],
    ['a map', { geheim: 'geheim' }],
    ['text with a control character, or with too little', '\tgeheim\u0000'],
    ['a number', 2],
  ];

  it.each(wrong)('is not shown where it is %s', (_what, value) => {
    const told = (file: string, { file: content }: SecretPlace): string => {
      write('credentials.yaml', {});
      write('gateway.yaml', { upstream: { credentials: 'credentials.yaml' } });
      write(file, content(value));
      try {
        load();
        return 'nothing is wrong';
      } catch (error) {
        return error instanceof ConfigError ? error.message : String(error);
      }
    };
    const all = [
      ...SECRET_SETTINGS.map((place) => told('gateway.yaml', place)),
      ...SECRET_CREDENTIALS.map((place) => told('credentials.yaml', place)),
    ];
    expect(all.filter((text) => text !== 'nothing is wrong')).not.toEqual([]);
    expect(all.join('\n')).not.toMatch(SECRET);
  });

  it.each([
    '|geheim',
    '>geheim',
    '"\\Ugeheim!"',
    '"\\xgeheim"',
    '"a" geheim',
    '@geheim',
    '%geheim',
    '[geheim',
    '{geheim',
  ])('is not shown where it is not even YAML: %s', (written) => {
    for (const [name, text] of [
      ['gateway.yaml', `upstream:\n  password: ${written}\n`],
      ['psk.yaml', `sensor-1: ${written}\n`],
    ] as const) {
      write('gateway.yaml', { transports: [{ type: 'dtls', keys: 'psk.yaml' }] });
      writeFileSync(join(folder, 'psk.yaml'), '');
      writeFileSync(join(folder, name), text);
      expect(load).toThrow(ConfigError);
      expect(load).not.toThrow(SECRET);
    }
  });
});
