import { describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { loadSettings } from '../../../src/config/load.ts';

/** What check-config says behind the settings: what stands before some ninety lines is not seen. */
function said(environment: Readonly<Record<string, string>>): string[] {
  const [, , ...parts] = describeLoaded(loadSettings({ environment, workingFolder: '/' }))
    .trimEnd()
    .split('\n\n');
  return parts.flatMap((part) => part.split('\n'));
}

describe('settings that have no effect', () => {
  it('are none where nothing is set', () => {
    expect(said({})).toEqual([]);
  });

  it.each([
    [{ MQTTSN_HTTP_ENABLED: 'false', MQTTSN_HTTP_PORT: '8885' }, 'http.port has no effect: http.enabled is false'],
    [
      { MQTTSN_UPSTREAM_WILL_DELAY: '30s' },
      'upstream.willDelay has no effect: it needs upstream.protocolVersion: 5, or upstream.mode: aggregating',
    ],
    [
      { MQTTSN_BROKER_PORT: '1999', MQTTSN_UPSTREAM_URL: 'mqtt://a.example' },
      'broker.port has no effect: there is no embedded broker where upstream.url names one',
    ],
    [
      { MQTTSN_CLIENTS_QOS_MINUS1: 'false', MQTTSN_CLIENTS_QOS_MINUS1_FROM: '192.168.1.20' },
      'clients.qosMinus1From has no effect: clients.qosMinus1 is false',
    ],
    [
      { MQTTSN_UPSTREAM_OWN_CONNECTION: 'pump-*' },
      'upstream.ownConnection has no effect: it needs upstream.mode: aggregating',
    ],
    [{ MQTTSN_SESSIONS_QUEUE_AGE: '1d' }, 'sessions.queue.age has no effect: it needs upstream.mode: aggregating'],
    [
      { MQTTSN_STATUS_TOPIC_PREFIX: 'gw', MQTTSN_UPSTREAM_MODE: 'transparent' },
      'status.topicPrefix has no effect: it needs status.enabled, or upstream.mode: aggregating',
    ],
    [
      {
        MQTTSN_UPSTREAM_MODE: 'aggregating',
        MQTTSN_UPSTREAM_URL: 'mqtt://a.example',
        MQTTSN_SESSIONS_QUEUE_OCTETS_IN_ALL: '100',
      },
      'sessions.queue.octets (1048576) has no effect: sessions.queue.octetsInAll, for all clients together, is 100',
    ],
    [
      { MQTTSN_SESSIONS_SLEEP_BUFFER_OCTETS_IN_ALL: '100' },
      'sessions.sleepBufferOctets (65536) has no effect: sessions.sleepBufferOctetsInAll, for all clients together, is 100',
    ],
    [{ MQTTSN_STATUS_REQUESTS: 'true' }, 'status.requests has no effect: status.enabled is false'],
    [
      { MQTTSN_HOME_ASSISTANT_DISCOVERY_PREFIX: 'ha', MQTTSN_STATUS_ENABLED: 'true' },
      'homeAssistant.discoveryPrefix has no effect: homeAssistant.enabled is false',
    ],
    [
      {
        MQTTSN_UPSTREAM_CLIENT_ID_PREFIX: 'x-',
        MQTTSN_UPSTREAM_MODE: 'aggregating',
        MQTTSN_UPSTREAM_URL: 'mqtt://a.example',
      },
      'upstream.clientIdPrefix has no effect: with upstream.mode: aggregating only clients in upstream.ownConnection have an id at the broker',
    ],
    [
      {
        MQTTSN_UPSTREAM_SESSION_EXPIRY: '7d',
        MQTTSN_UPSTREAM_MODE: 'aggregating',
        MQTTSN_UPSTREAM_URL: 'mqtt://a.example',
        MQTTSN_UPSTREAM_PROTOCOL_VERSION: '4',
      },
      'upstream.sessionExpiry has no effect: it needs upstream.protocolVersion: 5',
    ],
    [
      {
        MQTTSN_TRANSPORTS_0_TYPE: 'serial',
        MQTTSN_TRANSPORTS_0_PATH: 'tcp://192.168.1.20:3333',
        MQTTSN_TRANSPORTS_0_RTSCTS: 'true',
      },
      'transports[0].rtscts has no effect: a line over tcp:// is set at its other end',
    ],
  ])('are named by check-config: %j', (environment, line) => {
    expect(said(environment)).toEqual([line]);
  });

  it('are not those that have one', () => {
    expect(said({ MQTTSN_UPSTREAM_WILL_DELAY: '30s', MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5' })).toEqual([]);
    expect(said({ MQTTSN_BROKER_PORT: '1999' })).toEqual([]);
    expect(said({ MQTTSN_HTTP_ENABLED: 'false' })).toEqual([]);
    expect(
      said({
        MQTTSN_HOME_ASSISTANT_ENABLED: 'true',
        MQTTSN_HOME_ASSISTANT_DISCOVERY_PREFIX: 'ha',
        MQTTSN_STATUS_TOPIC_PREFIX: 'gw',
        MQTTSN_STATUS_REQUESTS: 'true',
      }),
    ).toEqual([]);
    expect(
      said({
        MQTTSN_UPSTREAM_MODE: 'aggregating',
        MQTTSN_UPSTREAM_URL: 'mqtt://a.example',
        MQTTSN_UPSTREAM_OWN_CONNECTION: 'pump-*',
        MQTTSN_UPSTREAM_CLIENT_ID_PREFIX: 'x-',
        MQTTSN_UPSTREAM_WILL_DELAY: '30s',
        MQTTSN_SESSIONS_QUEUE_MESSAGES: '10',
        MQTTSN_STATUS_TOPIC_PREFIX: 'gw',
      }),
    ).toEqual([]);
  });

  it('are named one by one', () => {
    const environment = {
      MQTTSN_SESSIONS_QUEUE_MESSAGES: '5',
      MQTTSN_SESSIONS_QUEUE_OCTETS: '500',
      MQTTSN_SESSIONS_QUEUE_OCTETS_IN_ALL: '5000',
      MQTTSN_SESSIONS_QUEUE_AGE: '1d',
    };
    expect(said(environment).map((line) => line.split(' ')[0])).toEqual([
      'sessions.queue.messages',
      'sessions.queue.octets',
      'sessions.queue.octetsInAll',
      'sessions.queue.age',
    ]);
  });
});
