import { describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { toCoreSettings } from '../../../src/config/schema.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';

const load = (environment: Readonly<Record<string, string>>) => loadSettings({ environment, workingFolder: '/' });
const core = (environment: Readonly<Record<string, string>>) => toCoreSettings(load(environment).settings);
const AGGREGATING = { MQTTSN_UPSTREAM_MODE: 'aggregating' };

/** The messages of what is wrong, with the setting that it is about. */
function problems(environment: Readonly<Record<string, string>>): string[] {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    }
    throw error;
  }
  return [];
}

describe('the settings of an aggregating gateway', () => {
  it('have defaults', () => {
    const { mode, ownConnection } = core(AGGREGATING).upstream;
    expect({ mode, ownConnection }).toEqual({ mode: 'aggregating', ownConnection: [] });
    expect(core(AGGREGATING).sessions.queue).toEqual({
      messages: 1_000,
      octets: 1_048_576,
      octetsInAll: 1_073_741_824,
      octetsInMemory: 16_777_216,
      age: 604_800_000,
    });
    expect(core(AGGREGATING).status).toEqual({ topicPrefix: 'mqtt-sn-gateway/1' });
  });

  it('reach the core', () => {
    const settings = core({
      ...AGGREGATING,
      MQTTSN_GATEWAY_ID: '7',
      MQTTSN_UPSTREAM_OWN_CONNECTION: 'pump-?, meter-*',
      MQTTSN_UPSTREAM_PROTOCOL_VERSION: '4',
      MQTTSN_SESSIONS_QUEUE_MESSAGES: '10',
      MQTTSN_SESSIONS_QUEUE_OCTETS: '20',
      MQTTSN_SESSIONS_QUEUE_OCTETS_IN_ALL: '30',
      MQTTSN_SESSIONS_QUEUE_AGE: '1h',
    });
    expect(settings.upstream).toMatchObject({ ownConnection: ['pump-?', 'meter-*'], sharedProtocol: 4 });
    expect(settings.sessions.queue).toEqual({
      messages: 10,
      octets: 20,
      octetsInAll: 30,
      octetsInMemory: 16_777_216,
      age: 3_600_000,
    });
    expect(settings.status.topicPrefix).toBe('mqtt-sn-gateway/7');
  });

  it('leave a transparent one as it is', () => {
    const written = { MQTTSN_STATUS_TOPIC_PREFIX: 'gw', MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5' };
    expect(core(written)).toEqual(DEFAULT_CORE_SETTINGS);
  });

  it.each([
    [{}, 4, undefined],
    [{ MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5' }, 5, undefined],
    [AGGREGATING, undefined, undefined],
    [{ ...AGGREGATING, MQTTSN_UPSTREAM_PROTOCOL_VERSION: '4' }, 4, 4],
    [{ ...AGGREGATING, MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5' }, 5, 5],
  ])('know whether a version of MQTT was written: %j', (environment, all, shared) => {
    expect(load(environment).settings.upstream.protocolVersion).toBe(all);
    expect(core(environment).upstream.sharedProtocol).toBe(shared);
  });

  it('are shown by check-config', () => {
    const shown = describeLoaded(load({ ...AGGREGATING, MQTTSN_UPSTREAM_OWN_CONNECTION: '*' })).replaceAll(/ +/g, ' ');
    expect(shown).toContain('\nupstream.mode aggregating environment\n');
    expect(shown).toContain('\nupstream.ownConnection * environment\n');
    expect(shown).toContain('\nsessions.queue.age 7d default\n');
    expect(shown).toContain('\nstatus.topicPrefix mqtt-sn-gateway/1 default\n');
  });

  it.each(['gw', 'site-3/gateway 1', '$gw/a', 'ä'])('take topics about the gateway that begin with %j', (prefix) => {
    expect(core({ ...AGGREGATING, MQTTSN_STATUS_TOPIC_PREFIX: prefix }).status.topicPrefix).toBe(prefix);
  });

  it.each(['/gw', 'gw/', '/', 'a/+', '#', 'a\u0007b'])('refuse them where they begin with %j', (prefix) => {
    expect(problems({ MQTTSN_STATUS_TOPIC_PREFIX: prefix })).toEqual([
      `status.topicPrefix: expected levels of a topic without wildcards, without a / at the beginning or the end, found ${JSON.stringify(prefix)}`,
    ]);
  });

  it('refuse what they do not know', () => {
    expect(problems({ MQTTSN_UPSTREAM_MODE: 'agregating' })).toEqual([
      'upstream.mode: expected one of "transparent", "aggregating", found "agregating" (did you mean "aggregating"?)',
    ]);
    expect(problems({ MQTTSN_UPSTREAM_OWN_CONNECTION: 'a,b\u0007' })).toHaveLength(1);
  });
});
