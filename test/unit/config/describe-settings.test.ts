import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { optionsBySetting } from '../../../src/cli/setting-options.ts';
import { settingsJsonSchema, settingsMarkdown } from '../../../src/config/describe-settings.ts';
import { isOrHas, LIVE_SETTINGS, RESTART_SETTINGS } from '../../../src/config/live-settings.ts';
import { pathText, SETTINGS } from '../../../src/config/setting-list.ts';
import { writtenSettings, writtenTransports } from '../../../src/config/settings-types.ts';

const fileOf = (name: string) => readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8');

describe('the documentation of the settings', () => {
  it('says what the schema says; otherwise call: npm run docs', () => {
    expect(fileOf('README.md')).toBe(settingsMarkdown(optionsBySetting()));
    expect(fileOf('gateway.schema.json')).toBe(settingsJsonSchema());
    expect(fileOf('../src/config/written-settings.ts')).toBe(writtenSettings());
    expect(fileOf('../src/config/written-transports.ts')).toBe(writtenTransports());
  });

  it('has a meaning for every setting, and an environment variable of its own', () => {
    expect(SETTINGS.filter(({ description }) => description === '')).toEqual([]);
    const udpAlone = SETTINGS.filter(({ variant }) => variant === undefined || variant === 'udp');
    expect(new Set(udpAlone.map(({ environment }) => environment)).size).toBe(udpAlone.length);
    // a variable of several kinds of transports means the same in all of them
    const kindOf = new Map(SETTINGS.map(({ environment, kind }) => [environment, kind.kind]));
    expect(SETTINGS.filter(({ environment, kind }) => kindOf.get(environment) !== kind.kind)).toEqual([]);
    expect(SETTINGS.map(({ environment }) => environment)).toEqual(
      expect.arrayContaining([
        'MQTTSN_UPSTREAM_URL',
        'MQTTSN_TIMING_RETRY_INTERVAL',
        'MQTTSN_CLIENTS_QOS_MINUS1_LONG_NAMES',
      ]),
    );
  });

  it('has one line for each setting', () => {
    expect(fileOf('README.md').replace(/ +/g, ' ')).toContain(
      '| `timing.retryInterval` | duration, 100ms to 10m | `10s` | `MQTTSN_TIMING_RETRY_INTERVAL` | at once | How long the gateway waits for an answer before it sends again (T_retry). |\n',
    );
  });
});

describe('what counts at once, and what needs a restart', () => {
  const names = [...LIVE_SETTINGS, ...RESTART_SETTINGS];

  it('is said of each setting in exactly one place', () => {
    const places = (path: string) => names.filter((name) => isOrHas(name, path));
    const paths = [...new Set(SETTINGS.map(({ path }) => pathText(path)))];
    expect(paths.filter((path) => places(path).length !== 1).map((path) => [path, places(path)])).toEqual([]);
  });

  it('is said of settings that there are', () => {
    const paths = SETTINGS.map(({ path }) => pathText(path));
    expect(names.filter((name) => !paths.some((path) => isOrHas(name, path)))).toEqual([]);
  });

  it('is in the reference', () => {
    const lines = fileOf('README.md').replace(/ +/g, ' ').split('\n');
    const counts = (path: string) => lines.find((line) => line.startsWith(`| \`${path}\` |`))?.split(' | ')[4];
    expect(counts('clients.maxInflight')).toBe('at once');
    expect(counts('upstream.url')).toBe('restart');
  });
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(settingsJsonSchema());

  it('describes durations as they are written, numbers with their range, and allows empty sections', () => {
    expect(schema.properties.timing.properties.retryInterval).toMatchObject({
      default: '10s',
      anyOf: [{ type: 'string' }, { const: 0 }],
    });
    expect(schema.properties.gateway.properties.id).toMatchObject({
      type: 'integer',
      minimum: 0,
      maximum: 255,
      default: 1,
    });
    expect(schema.properties.gateway).toMatchObject({ type: ['object', 'null'], additionalProperties: false });
    expect(schema.properties.access).toMatchObject({ type: 'object', additionalProperties: false }); // empty it would allow everything
    expect(schema.properties.transports.items.oneOf[0]).toMatchObject({
      type: 'object',
      required: ['type'],
      additionalProperties: false,
    });
  });
});
