import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readEnvironment } from '../../../src/config/environment.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

/** Variables of settings that a text names. */
function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/\bMQTTSN_[A-Z0-9_]+/g)].map(([name]) => [name, 'x']));
}

// Images cannot be built by these tests: at least what they name is there.
describe('what containers are made from', () => {
  it.each([
    [join('config', 'container', 'Containerfile')],
    [join('config', 'container', 'compose.yaml')],
    [join('config', 'home-assistant', 'run.mjs')],
    [join('config', 'systemd', 'mqtt-sn-gateway.service')],
  ])('%s names no setting that is none', (file) => {
    const variables = variablesIn(read(file));
    expect(Object.keys(variables)).not.toEqual([]);
    expect(readEnvironment(variables).problems).toEqual([]);
  });

  it('are all that the Containerfile copies and the packed gateway needs', () => {
    const sources = [...read('config', 'container', 'Containerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
      .flatMap(([, paths = '']) => paths.split(' '))
      .filter((path) => !existsSync(join(ROOT, path)));
    expect(sources).toEqual([]);
    const copied = read('config', 'container', 'Containerfile');
    for (const path of JSON.parse(read('package.json')).files.filter((name: string) => name !== 'dist')) {
      expect([path, copied.includes(path.split('/')[0])]).toEqual([path, true]);
    }
  });

  it('the compose file builds from the Containerfile', () => {
    const { services } = parse(read('config', 'container', 'compose.yaml'));
    const { context, dockerfile } = services.gateway.build;
    expect(existsSync(join(ROOT, 'config', 'container', context, dockerfile))).toBe(true);
    expect(services.gateway.read_only).toBe(true);
  });

  it('the options of the add-on are those that its program reads, and its version is the gateway’s', () => {
    const addOn = parse(read('config', 'home-assistant', 'config.yaml'));
    const [, table = ''] = /const VARIABLES = \{([^}]*)\}/.exec(read('config', 'home-assistant', 'run.mjs')) ?? [];
    const known = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, option]) => option);
    expect(Object.keys(addOn.schema).sort()).toEqual(known.sort());
    expect(addOn.version).toBe(JSON.parse(read('package.json')).version);
  });
});
