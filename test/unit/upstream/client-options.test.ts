import { createSecureContext, type SecureContext } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import type { UpstreamConnect } from '../../../src/ports/upstream.ts';
import { type ClientOptions, clientOptions } from '../../../src/upstream/client-options.ts';
import { brokerAddress, type UpstreamSettings } from '../../../src/upstream/upstream-settings.ts';

const SETTINGS: UpstreamSettings = {
  url: 'mqtt://broker.example',
  clientIdPrefix: '',
  gatewayClientId: 'gateway',
  rejectUnauthorized: true,
  protocolVersion: 4,
  keepAlive: 60_000,
  connectTimeout: 5_000,
  sessionExpiry: 3_600,
  willDelay: 30,
  receiveMaximum: 20,
  maxBacklog: 1_048_576,
  maxBacklogInAll: 67_108_864,
};

const CONNECT: UpstreamConnect = {
  type: 'upstream-connect',
  connection: 1,
  clientId: 'sensor-1',
  cleanSession: true,
  will: undefined,
};

const WILL = { topic: 'lost', message: Uint8Array.of(0, 255), qos: 1, retain: true } as const;

function options(
  settings: Partial<UpstreamSettings>,
  effect: Partial<UpstreamConnect> = {},
  secureContext?: SecureContext,
): ClientOptions {
  const all = { ...SETTINGS, ...settings };
  return clientOptions({ ...CONNECT, ...effect }, 'sn-sensor-1', all, brokerAddress(all), secureContext);
}

describe('options of MQTT.js with a pre-shared key', () => {
  it('answer with it over TCP and over WebSockets, and look for no name in a certificate', () => {
    const psk = { identity: 'i', key: Uint8Array.of(1, 2) };
    const address = { ...brokerAddress({ ...SETTINGS, url: 'wss://broker.example' }), psk };
    const made = clientOptions(CONNECT, 'c', SETTINGS, address, createSecureContext());
    for (const { pskCallback, checkServerIdentity } of [made, made.wsOptions]) {
      expect(pskCallback?.()).toEqual({ identity: 'i', psk: psk.key });
      expect(checkServerIdentity?.()).toBeUndefined();
    }
  });
});

describe('options of MQTT.js', () => {
  it('are these for an MQTT 3.1.1 connection without will and credentials', () => {
    expect(options({})).toStrictEqual({
      protocol: 'mqtt',
      host: 'broker.example',
      rejectUnauthorized: true,
      wsOptions: { perMessageDeflate: false },
      protocolVersion: 4,
      clientId: 'sn-sensor-1',
      clean: true,
      keepalive: 60,
      connectTimeout: 5_000,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      writeCache: false,
      log: expect.any(Function),
    });
  });

  it('are an object of their own for each connection, for MQTT.js writes into it', () => {
    expect(options({})).not.toBe(options({}));
    expect(options({}).wsOptions).not.toBe(options({}).wsOptions);
  });

  it.each([
    ['mqtt://broker.example', { protocol: 'mqtt', host: 'broker.example' }],
    ['tcp://broker.example:1884', { protocol: 'mqtt', host: 'broker.example', port: 1884 }],
    ['mqtt://[2001:db8::7]:1883/ignored', { protocol: 'mqtt', host: '2001:db8::7', port: 1883 }],
    ['mqtts://broker.example:8884', { protocol: 'mqtts', host: 'broker.example', port: 8884 }],
    ['ws://broker.example', { protocol: 'ws', host: 'broker.example', path: '/' }],
    ['ws://[2001:db8::7]:8080/mqtt', { protocol: 'ws', host: '[2001:db8::7]', port: 8080, path: '/mqtt' }],
    ['wss://broker.example/mqtt?a=b', { protocol: 'wss', host: 'broker.example', path: '/mqtt?a=b' }],
  ])('find the broker at %s', (url, expected) => {
    const { protocol, host, port, path } = options({ url });
    expect({ protocol, host, ...(port && { port }), ...(path && { path }) }).toStrictEqual(expected);
  });

  it('have no port and no path where there is none', () => {
    const all = options({ url: 'mqtts://broker.example/x' });
    expect(all).not.toHaveProperty('port');
    expect(all).not.toHaveProperty('path');
  });

  it.each<[string, Partial<UpstreamSettings>, Partial<ClientOptions>]>([
    ['none', {}, {}],
    ['of the URL', { url: 'mqtt://u%40x:p%2Fw@broker.example' }, { username: 'u@x', password: 'p/w' }],
    ['of the settings', { username: 'u', password: 'p' }, { username: 'u', password: 'p' }],
    [
      'of the settings before those of the URL',
      { url: 'mqtt://a:b@broker.example', username: 'u', password: 'p' },
      { username: 'u', password: 'p' },
    ],
    ['a user without a password', { username: 'u' }, { username: 'u' }],
  ])('have the credentials: %s', (_which, settings, expected) => {
    const all = options(settings);
    const found = Object.entries(all).filter(([name]) => name === 'username' || name === 'password');
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it.each(['mqtts://broker.example', 'wss://broker.example'])(
    'secure %s by the context that they are given, with the protocols of ALPN',
    (url) => {
      const context = createSecureContext();
      const all = options({ url, rejectUnauthorized: false, alpn: ['mqtt'] }, {}, context);
      expect(all.secureContext).toBe(context);
      expect(all.wsOptions.secureContext).toBe(context);
      expect(all).toMatchObject({
        ...{ rejectUnauthorized: false, ALPNProtocols: ['mqtt'] },
        wsOptions: { rejectUnauthorized: false, ALPNProtocols: ['mqtt'] },
      });
    },
  );

  it('name no protocol of ALPN where none is set', () => {
    const all = options({ url: 'mqtts://broker.example' }, {}, createSecureContext());
    expect(all).not.toHaveProperty('ALPNProtocols');
    expect(all.wsOptions).not.toHaveProperty('ALPNProtocols');
  });

  it.each(['mqtt://broker.example', 'ws://broker.example'])('secure nothing of %s', (url) => {
    const all = options({ url });
    expect(all).not.toHaveProperty('secureContext');
    expect(all.wsOptions).toStrictEqual({ perMessageDeflate: false });
  });

  it.each([
    [true, true],
    [false, false],
  ])('are clean where the session is: %s', (cleanSession, clean) => {
    expect(options({}, { cleanSession }).clean).toBe(clean);
  });

  it.each([
    [0, 0],
    [1, 1],
    [60_000, 60],
    [60_001, 61],
  ])('have a keep-alive of %i ms in whole seconds, never shorter than it is', (keepAlive, keepalive) => {
    expect(options({ keepAlive }).keepalive).toBe(keepalive);
  });

  it.each([
    ['kept', false, 3_600],
    ['clean', true, 0],
  ])('tell an MQTT 5 broker the Receive Maximum and how long a session is kept: %s', (_which, cleanSession, expiry) => {
    expect(options({ protocolVersion: 5 }, { cleanSession })).toMatchObject({
      protocolVersion: 5,
      clean: cleanSession,
      properties: { sessionExpiryInterval: expiry, receiveMaximum: 20 },
    });
  });

  it('tell an MQTT 3.1.1 broker nothing of that', () => {
    expect(options({}, { cleanSession: false })).not.toHaveProperty('properties');
  });

  it('carry the will, which an MQTT 5 broker delays', () => {
    expect(options({}, { will: WILL }).will).toStrictEqual({
      topic: 'lost',
      payload: Buffer.of(0, 255),
      qos: 1,
      retain: true,
    });
    expect(options({ protocolVersion: 5 }, { will: WILL }).will).toStrictEqual({
      topic: 'lost',
      payload: Buffer.of(0, 255),
      qos: 1,
      retain: true,
      properties: { willDelayInterval: 30 },
    });
  });

  it('are of the version that the effect asks for, whatever is set', () => {
    const five = options({}, { protocolVersion: 5, cleanSession: false, will: WILL });
    expect(five).toMatchObject({
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 3_600, receiveMaximum: 20 },
      will: { properties: { willDelayInterval: 30 } },
    });
    const four = options({ protocolVersion: 5 }, { protocolVersion: 4, will: WILL });
    expect(four.protocolVersion).toBe(4);
    expect(four).not.toHaveProperty('properties');
    expect(four.will).not.toHaveProperty('properties');
  });

  it('take a thousand messages at a time on the connection that all clients share, or as many as are set', () => {
    const shared = { protocolVersion: 5, shared: true } as const;
    expect(options({}, shared).properties?.receiveMaximum).toBe(1_000);
    expect(options({ receiveMaximum: 5_000 }, shared).properties?.receiveMaximum).toBe(5_000);
  });

  it('have no will where the client has none', () => {
    expect(options({ protocolVersion: 5 })).not.toHaveProperty('will');
  });
});
