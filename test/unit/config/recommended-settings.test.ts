import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccessAction, type TestedClient, testAccess } from '../../../src/app/access-test.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/schema.ts';

const PAGE = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');

let folder: string;
let home: Settings;
let site: Settings;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'recommended-'));
  writeFileSync(join(folder, 'psk.yaml'), 'meter-1: 00112233445566778899aabbccddeeff\n', { mode: 0o600 });
  const [one, other] = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ''], at) => {
    writeFileSync(join(folder, `${at}.yaml`), text);
    return loadSettings({ file: `${at}.yaml`, environment: {}, workingFolder: folder }).settings;
  });
  if (one === undefined || other === undefined) {
    throw new Error('docs/security.md has two recommended configurations');
  }
  home = one;
  site = other;
});
afterAll(() => rmSync(folder, { recursive: true }));

function isGranted(settings: Settings, client: Partial<TestedClient>, action: AccessAction): boolean {
  const nobody = {
    clientId: undefined,
    identity: undefined,
    host: '198.51.100.1',
    transport: undefined,
    isForwarded: false,
  };
  return testAccess(settings, { ...nobody, ...client }, action).answer?.isGranted ?? true;
}

const publish = (topic: string, qos: -1 | 0 | 1 | 2 = 1): AccessAction => ({
  what: 'publish',
  topic,
  qos,
  retain: false,
  octets: 9,
});

describe('the recommended configurations (docs/security.md)', () => {
  it('let a sensor at home use its own topics, and nobody from elsewhere in', () => {
    const sensor = { clientId: 'lamp', host: '192.168.1.30' };
    expect(isGranted(home, sensor, publish('home/lamp/state'))).toBe(true);
    expect(isGranted(home, sensor, { what: 'read', topic: 'home/lamp/set/on' })).toBe(true);
    expect(isGranted(home, sensor, publish('home/door/state'))).toBe(false);
    expect(isGranted(home, sensor, publish('home/lamp/state', 2))).toBe(false);
    expect(isGranted(home, { ...sensor, host: '198.51.100.1' }, { what: 'connect' })).toBe(false);
    expect(isGranted(home, { host: '192.168.1.30' }, publish('home/lamp/state', -1))).toBe(false);
    expect(home.transports[0]).toMatchObject({ host: '192.168.1.2', forwarders: [] });
  });

  it('let a meter on the internet be itself alone, and nobody in who has no key', () => {
    const meter = { clientId: 'meter-1', identity: 'meter-1' };
    expect(isGranted(site, meter, publish('meters/meter-1/power'))).toBe(true);
    expect(isGranted(site, meter, publish('meters/meter-2/power'))).toBe(false);
    expect(isGranted(site, { ...meter, clientId: 'meter-2' }, { what: 'connect' })).toBe(false);
    expect(isGranted(site, { clientId: 'meter-1' }, { what: 'connect' })).toBe(false);
    expect(isGranted(site, { identity: 'meter-1' }, publish('meters/meter-1/power', -1))).toBe(false);
    expect(site.transports.map(({ type }) => type)).toEqual(['dtls']);
    expect(site.upstream.url).toMatch(/^mqtts:/);
  });
});
