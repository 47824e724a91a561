import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccessAction, type AccessTest, type TestedClient, testAccess } from '../../../src/app/access-test.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/schema.ts';

const KEYS = 'sensor-1: 00112233445566778899aabbccddeeff\n';
const TRANSPORTS = 'transports: [{type: udp}, {type: dtls, name: safe, keys: psk.yaml}]\n';

const RULES = `
  rules:
    - name: sensors
      identity: sensor-*
      connect: true
      publish: sensors/%c/#
      subscribe: [commands/%c/#, weather]
      deny: sensors/%c/secret
      maxQos: 1
      maxPayload: 10
    - name: hall
      host: [10.0.0.0/8, "192.0.2.7:4711"]
      qosMinus1: true
      publish: hall/#
    - name: behind
      forwarder: any
      connect: true
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-test-'));
  writeFileSync(join(folder, 'psk.yaml'), KEYS, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function settingsOf(text: string): Settings {
  writeFileSync(join(folder, 'gateway.yaml'), text);
  return loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder }).settings;
}

const publish = (topic: string, more: object = {}): AccessAction =>
  ({ what: 'publish', topic, qos: 0, retain: false, octets: 0, ...more }) as AccessAction;

const CLIENT: TestedClient = {
  clientId: 'sensor-1',
  identity: 'sensor-1',
  host: '127.0.0.1',
  transport: undefined,
  isForwarded: false,
};

const ask = (text: string, client: Partial<TestedClient>, action: AccessAction): AccessTest =>
  testAccess(settingsOf(text), { ...CLIENT, ...client }, action);

const NOBODY = { clientId: undefined, identity: undefined };
const PLAIN = { identity: undefined };

describe('what access rules say of a client that is not there', () => {
  it.each<[string, Partial<TestedClient>, AccessAction, boolean, string]>([
    ['its own topic', {}, publish('sensors/sensor-1/t'), true, 'access rule "sensors"'],
    ['what is denied', {}, publish('sensors/sensor-1/secret'), false, 'access rule "sensors"'],
    ["another one's topic", {}, publish('sensors/sensor-2/t'), false, 'access rule "sensors"'],
    ['a higher QoS', {}, publish('sensors/sensor-1/t', { qos: 2 }), false, 'access rule "sensors"'],
    ['a long payload', {}, publish('sensors/sensor-1/t', { octets: 11 }), false, 'access rule "sensors"'],
    ['Retain', {}, publish('sensors/sensor-1/t', { retain: true }), false, 'access rule "sensors"'],
    ['no identity', PLAIN, { what: 'connect' }, false, 'access.default'],
    ['a node behind a forwarder', { ...PLAIN, isForwarded: true }, { what: 'connect' }, true, 'access rule "behind"'],
    ['reading', {}, { what: 'read', topic: 'weather' }, true, 'access rule "sensors"'],
    ['reading something else', {}, { what: 'read', topic: 'x' }, false, 'access rule "sensors"'],
    [
      'QoS −1 from its network',
      { ...NOBODY, host: '10.1.1.1' },
      publish('hall/x', { qos: -1 }),
      true,
      'access rule "hall"',
    ],
    [
      'QoS −1 with a port',
      { ...NOBODY, host: '192.0.2.7:4711' },
      publish('hall/x', { qos: -1 }),
      true,
      'access rule "hall"',
    ],
    [
      'QoS −1 from another port',
      { ...NOBODY, host: '192.0.2.7:1' },
      publish('hall/x', { qos: -1 }),
      false,
      'access.default',
    ],
    [
      'a connection by a rule for QoS −1',
      { ...PLAIN, host: '10.1.1.1' },
      publish('hall/x'),
      false,
      'access rule "hall"',
    ],
    ['a connection without client id', { clientId: undefined }, { what: 'connect' }, false, 'access rule "sensors"'],
  ])('%s', (_what, client, action, isGranted, rule) => {
    const { answer } = ask(`${TRANSPORTS}access:${RULES}`, client, action);
    expect(answer).toMatchObject({ isGranted, rule });
    expect(answer?.reason === undefined).toBe(isGranted);
  });

  it.each([
    ['#', 0, ['it gets only what it may read of what matches']],
    ['commands/sensor-1/#', 2, ['with QoS 1']],
    ['+', 2, ['it gets only what it may read of what matches', 'with QoS 1']],
    ['$share/g/weather', 1, []],
  ] as const)('subscribing to %s with QoS %i is granted less than was asked for', (topic, qos, limits) => {
    const { answer } = ask(`${TRANSPORTS}access:${RULES}`, {}, { what: 'subscribe', topic, qos });
    expect(answer).toMatchObject({ isGranted: true, limits });
  });

  it('has no rules to ask', () => {
    expect(ask(TRANSPORTS, PLAIN, { what: 'connect' }).answer).toBeUndefined();
    expect(ask('access: {default: allow}', PLAIN, { what: 'connect' }).answer).toMatchObject({
      isGranted: true,
      rule: 'access.default',
    });
  });

  it.each([
    ['require', 'sensor-2', false, 'access.clientIdFromIdentity', 'sensor-2'],
    ['require', 'sensor-1', true, 'access rule "sensors"', 'sensor-1'],
    ['set', 'whatever', true, 'access rule "sensors"', 'sensor-1'],
    ['set', undefined, true, 'access rule "sensors"', 'sensor-1'],
    ['off', 'sensor-2', false, 'access rule "sensors"', 'sensor-2'],
  ] as const)(
    'asks after the client id as CONNECT does: %s, client id %s (I-121)',
    (how, clientId, isGranted, rule, used) => {
      const text = `${TRANSPORTS}access:\n  clientIdFromIdentity: ${how}${RULES}`;
      const { answer } = ask(text, { clientId }, publish('sensors/sensor-1/t'));
      expect(answer).toMatchObject({ isGranted, rule, clientId: used });
    },
  );

  it.each([
    ['qosMinus1: false', 'clients.qosMinus1'],
    ['qosMinus1From: 10.0.0.2', 'clients.qosMinus1From'],
    ['qosMinus1Topics: other/#', 'clients.qosMinus1Topics'],
  ])('knows the other settings for QoS −1: %s', (setting, rule) => {
    for (const access of ['', `access:${RULES}`]) {
      const { answer } = ask(
        `clients: {${setting}}\n${access}`,
        { ...NOBODY, host: '10.0.0.1' },
        publish('hall/x', { qos: -1 }),
      );
      expect(answer).toMatchObject({ isGranted: false, rule });
    }
    const fits =
      'clients: {qosMinus1From: 10.0.0.2, qosMinus1Topics: hall/+}\naccess: {rules: [{qosMinus1: true, publish: "#"}]}';
    const { answer } = ask(fits, { ...NOBODY, host: '10.0.0.2:7' }, publish('hall/x', { qos: -1 }));
    expect(answer).toMatchObject({ isGranted: true });
  });

  it('is asked on the transport that fits, which is said where there is none', () => {
    const on = (client: Partial<TestedClient>, text = `${TRANSPORTS}access: {}`): [string, readonly string[]] => {
      const { transport, remarks } = ask(text, client, { what: 'connect' });
      return [transport, remarks];
    };
    expect(on({})).toEqual(['safe', []]);
    expect(on(PLAIN)).toEqual(['udp', []]);
    expect(on({ transport: 'udp' })).toEqual(['udp', ['no client has an identity on the transport udp']]);
    expect(on({ ...PLAIN, transport: 'safe' })).toEqual([
      'safe',
      ['on the transport safe each client has an identity'],
    ]);
    expect(on({}, 'access: {}')).toEqual(['dtls', ['no client has an identity without a transport of type dtls']]);
  });

  it.each<[string, Partial<TestedClient>, AccessAction, RegExp]>([
    ['a host', { host: 'nonsense' }, { what: 'connect' }, /--host must be an IP address, .* "nonsense" is none/],
    ['a network', { host: '10.0.0.0/8' }, { what: 'connect' }, /--host must be an IP address/],
    ['a transport', { transport: 'radio' }, { what: 'connect' }, /no transport with the name "radio".*"udp", "safe"/],
    ['a topic', {}, publish('a/#'), /the topic cannot be: /],
    ['a filter', {}, { what: 'subscribe', topic: 'a/#/b', qos: 0 }, /the filter cannot be: # must be the last level/],
  ])('refuses %s that cannot be', (_what, client, action, message) => {
    expect(() => ask(`${TRANSPORTS}access:${RULES}`, client, action)).toThrow(message);
  });
});

describe('a rule for a transport that is not there', () => {
  it('is refused, in the settings and in a file', () => {
    expect(() => settingsOf('access: {rules: [{transport: udp}, {transport: [udp, dtls]}]}')).toThrow(
      /gateway\.yaml:1:48: access\.rules\[1\]\.transport: there is no transport with the name "dtls", so it fits no client; there is "udp"/,
    );
    writeFileSync(join(folder, 'rules.yaml'), '- transport: udp\n- connect: true\n  transport: udp-2\n');
    expect(() => settingsOf('access: {file: rules.yaml}')).toThrow(
      /rules\.yaml:3:14: rules\[1\]\.transport: there is no/,
    );
    settingsOf('access: {file: rules.yaml}\ntransports: [{type: udp}, {type: udp, port: 1885}]');
  });
});
