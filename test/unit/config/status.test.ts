import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../../src/config/load.ts';
import { toCoreSettings } from '../../../src/config/schema.ts';
import { shownSettings } from '../../../src/config/shown-settings.ts';

const loaded = (environment: Readonly<Record<string, string>>) =>
  loadSettings({ environment, workingFolder: '/' }).settings;

describe('the settings of the status', () => {
  it('are off, with topics of the gateway id', () => {
    const { status, homeAssistant } = loaded({ MQTTSN_GATEWAY_ID: '7' });
    expect(status).toEqual({ enabled: false, topicPrefix: 'mqtt-sn-gateway/7', requests: false });
    expect(homeAssistant).toEqual({ enabled: false, discoveryPrefix: 'homeassistant' });
  });

  it('Home Assistant switches status on', () => {
    const { status } = loaded({ MQTTSN_HOME_ASSISTANT_ENABLED: 'true', MQTTSN_STATUS_ENABLED: 'false' });
    expect(status.enabled).toBe(true);
  });

  it('a connection of its own says it in place of the shared connection', () => {
    const aggregating = { MQTTSN_UPSTREAM_MODE: 'aggregating' };
    expect(toCoreSettings(loaded(aggregating)).status.topicPrefix).toBe('mqtt-sn-gateway/1');
    expect(toCoreSettings(loaded({ ...aggregating, MQTTSN_STATUS_ENABLED: 'true' })).status.topicPrefix).toBe('');
  });

  it.each(['/x', 'x/', 'a/+', '#'])('%j is no prefix', (prefix) => {
    for (const name of ['MQTTSN_STATUS_TOPIC_PREFIX', 'MQTTSN_HOME_ASSISTANT_DISCOVERY_PREFIX']) {
      expect(() => loaded({ [name]: prefix })).toThrow(/expected levels of a topic without wildcards/);
    }
  });
});

describe('the settings as everybody may read them', () => {
  const SECRET = 'do-not-tell';
  const settings = loaded({
    MQTTSN_UPSTREAM_URL: `mqtt://anna:${SECRET}@broker.example:1884/`,
    MQTTSN_HTTP_TOKEN: `${SECRET}-${SECRET}`,
    MQTTSN_UPSTREAM_GRACE: '90s',
    MQTTSN_TRANSPORTS_0_TYPE: 'xbee',
    MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0',
    MQTTSN_TRANSPORTS_0_STATUS_TIMEOUT: '2s',
  });
  const shown = shownSettings(settings);

  it('have no secrets and no names of users', () => {
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    expect(JSON.stringify(shown)).not.toContain('anna');
    expect(shown.upstream).toMatchObject({ username: '***', password: '***', url: 'mqtt://broker.example:1884/' });
    expect(shown.http).toMatchObject({ token: '***' });
  });

  it('users of the status page are counted and not named', () => {
    const users = [{ name: 'anna', passwordHash: SECRET }];
    const { http } = shownSettings({ ...settings, http: { ...settings.http, users } });
    expect(http).toMatchObject({ users: [{ name: '***', passwordHash: '***' }] });
  });

  it('are all others, as they are written', () => {
    expect(shown).toMatchObject({
      gateway: { id: 1 },
      upstream: { grace: '90s', mode: 'transparent', protocolVersion: 4 },
      transports: [{ type: 'xbee', path: '/dev/ttyUSB0', statusTimeout: '2s' }],
      clients: { qosMinus1: true },
      status: { enabled: false },
    });
    expect(shown).not.toHaveProperty('predefinedTopics');
  });

  it('have nothing that is no setting', () => {
    const odd = { ...settings, upstream: { ...settings.upstream, hidden: SECRET }, extra: { a: SECRET } };
    expect(JSON.stringify(shownSettings(odd))).not.toContain(SECRET);
  });
});
