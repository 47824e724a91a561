import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DtlsClientTransport } from '../../../src/client/dtls-client-transport.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { type Certificates, makeCertificates, makeClientCertificates } from '../../support/certificates.ts';
import { connectFrame, frame, octets } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench, PATIENT } from '../../support/gateway-under-test.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

const GATEWAY_KEY = '00112233445566778899aabbccddeeff';
const ALPHA_KEY = 'ffeeddccbbaa99887766554433221100';

let broker: Mosquitto;
let folder: string;
let foreign: Certificates;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  const made = await Promise.all([makeClientCertificates('gw', 'alpha'), makeCertificates()]);
  const [[server, own, alpha], other] = made;
  foreign = other;
  const { ca, cert, key } = server as Certificates;
  write('ca.pem', ca);
  write('gw.crt', own?.cert ?? '');
  write('gw.key', own?.key ?? '');
  write('alpha.crt', alpha?.cert ?? '');
  write('alpha.key', alpha?.key ?? '');
  write('foreign.crt', foreign.cert);
  write('foreign.key', foreign.key);
  write('alpha.psk', `${ALPHA_KEY}\n`);
  const users = { admin: 'a', gw: 'gateway-password', alpha: 'alpha-password', beta: 'beta-secret' };
  const acl = Object.keys(users).flatMap((user) => [
    `user ${user}`,
    `topic readwrite ${user === 'admin' ? '#' : `${user}/#`}`,
  ]);
  broker = await Mosquitto.start({
    users,
    acl,
    tls: { ca, cert, key, requireCertificate: true, identityAsUsername: true },
    psk: { gw: GATEWAY_KEY, alpha: ALPHA_KEY },
  });
});

afterAll(async () => {
  await broker.dispose();
  rmSync(folder, { recursive: true });
});

/** A file in the folder of the tests; its path. */
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const OWN = { username: 'gw', password: 'gateway-password' };

interface Site {
  readonly url?: string;
  readonly upstream?: Readonly<Record<string, unknown>>;
}

/** A gateway with this file of credentials. */
function gatewayWith(rules: string, { url = broker.url, upstream = OWN }: Site = {}): Promise<GatewayUnderTest> {
  const credentials = write('credentials.yaml', rules);
  return bench.gateway(url, {
    settings: { upstream: { ...upstream, credentials } },
    predefined: { '*': { 1: 'alpha/t', 2: 'beta/t', 3: 'gw/t' } },
  });
}

/** What the settings would be if they were read again with this file of credentials. */
function readAgain(rules: string, upstream: Readonly<Record<string, unknown>> = OWN): LoadedSettings {
  const credentials = write('credentials.yaml', rules);
  const file = write(
    'gateway.yaml',
    JSON.stringify({ upstream: { url: broker.url, ...PATIENT.upstream, ...upstream, credentials } }),
  );
  return loadSettings({ file, environment: {}, workingFolder: folder });
}

function change(gateway: GatewayUnderTest, rules: string): void {
  const { settings, predefinedTopics, pskKeys, credentials } = readAgain(rules);
  gateway.embedded.change(settings, predefinedTopics, pskKeys, credentials);
}

/** The log of the broker says that a client is there as this user, in a connection that began after `from` characters of it. */
async function expectUser(clientId: string, user: string, from: number): Promise<void> {
  const [, seen] = await broker.logged(
    new RegExp(`New client connected from \\S+ as ${clientId} \\(.*u'([^']*)'`),
    from,
  );
  expect(seen).toBe(user);
}

/** A CONNECT that is answered with "not supported". */
async function refused(gateway: GatewayUnderTest, clientId: string): Promise<{ reason: string; sensor: RawSensor }> {
  const sensor = await bench.sensor(gateway);
  await sensor.exchange(connectFrame(clientId), '03 05 03');
  const { reason } = await gateway.waitForNote('client-refused', { clientId });
  return { reason, sensor };
}

const USERS = `
rules:
  - { name: first, clientId: alpha, username: alpha, password: alpha-password }
  - { name: second, clientId: 'b*', username: '%c', passwordTemplate: '%c-secret' }
`;

describe('credentials of clients towards the broker (I-127)', () => {
  it('tell two sensors apart for the access list of the broker; others are what the gateway is', async () => {
    const from = broker.log.length;
    const gateway = await gatewayWith(USERS);
    const admin = await MqttPeer.connect(broker.url, { username: 'admin', password: 'a' });
    bench.cleanUp(() => admin.close());
    await admin.subscribe('#');
    for (const [clientId, own, user] of [
      ['alpha', 1, 'alpha'],
      ['beta', 2, 'beta'],
      ['other', 3, 'gw'],
    ] as const) {
      const sensor = await bench.client(gateway, clientId);
      await expectUser(clientId, user, from);
      // each publishes everywhere, to its own topic last
      for (const id of [1, 2, 3].filter((each) => each !== own).concat(own)) {
        await sensor.exchange(frame(`0c 21 000${id} 000${id}`, clientId), `07 0d 000${id} 000${id} 00`);
      }
      await admin.messageOn(`${user}/t`);
    }
    expect(admin.messages.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual([
      'alpha/t alpha',
      'beta/t beta',
      'gw/t other',
    ]);
  });

  it.each([4, 5])(
    'that are wrong keep one client out, and nobody else hears of it (protocol level %i)',
    async (level) => {
      const gateway = await gatewayWith(`${USERS}  - { clientId: gamma, username: alpha, password: wrong }\n`, {
        upstream: { ...OWN, protocolVersion: level },
      });
      const alpha = await bench.client(gateway, 'alpha');
      const { reason } = await refused(gateway, 'gamma');
      expect(reason).toMatch(
        /^the broker refused: (bad user name or password|not authorized) \(0x(04|05|86|87)\): check rule "\S*credentials\.yaml\[2\]" of upstream\.credentials/,
      );
      await alpha.exchange('02 16', '02 17');
      await bench.client(gateway, 'beta');
      expect(gateway.embedded.site.counts()['client-refused.notSupported']).toBe(1);
      expect(gateway.notesOf('upstream-down')).toEqual([]);
    },
  );

  it('with default: refuse, or with %i and no identity, keep a client out of which the broker never hears', async () => {
    const from = broker.log.length;
    const gateway = await gatewayWith(
      `default: refuse\n${USERS}  - { name: by-identity, clientId: 'i*', username: '%i' }\n`,
    );
    await bench.client(gateway, 'alpha');
    const unknown = await refused(gateway, 'nobody');
    expect(unknown.reason).toBe('no rule of upstream.credentials fits it');
    const plain = await refused(gateway, 'i-am');
    expect(plain.reason).toBe('rule "by-identity" of upstream.credentials has %i in it, and it has no identity');
    await bench.client(gateway, 'beta');
    expect(broker.log.slice(from)).not.toMatch(/as (nobody|i-am) /);
  });

  it('may be those of an identity that DTLS has proven', async () => {
    const from = broker.log.length;
    const credentials = write(
      'credentials.yaml',
      `default: refuse
rules: [{ identity: 'alph?', username: '%i', passwordTemplate: '%i-password', clientIdPrefix: dtls- }]
`,
    );
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [{ type: 'dtls', host: '127.0.0.1', port: 0 }], upstream: { ...OWN, credentials } },
      psk: `alpha: ${ALPHA_KEY}\nbeta: ${GATEWAY_KEY}\n`,
    });
    const connect = async (identity: string, key: string): Promise<void> => {
      const sensor = new DtlsClientTransport({
        host: '127.0.0.1',
        port: gateway.port('dtls'),
        identity,
        key: Buffer.from(key, 'hex'),
      });
      bench.cleanUp(() => sensor.close());
      await sensor.open();
      sensor.send(octets(connectFrame(`of-${identity}`)));
    };
    await connect('alpha', ALPHA_KEY);
    await expectUser('dtls-of-alpha', 'alpha', from);
    await connect('beta', GATEWAY_KEY);
    await gateway.waitForNote('client-refused', {
      clientId: 'of-beta',
      reason: 'no rule of upstream.credentials fits it',
    });
  });

  it('may be certificates: each client is whom its certificate names, and one that does not hold good keeps only its client out', async () => {
    const from = broker.log.length;
    const upstream = { ca: join(folder, 'ca.pem'), cert: join(folder, 'gw.crt'), key: join(folder, 'gw.key') };
    const gateway = await gatewayWith(
      'rules: [{ clientId: alpha, cert: alpha.crt, key: alpha.key }, { name: bad, clientId: bad, cert: foreign.crt, key: foreign.key }]\n',
      { url: broker.tlsUrl, upstream },
    );
    await bench.client(gateway, 'alpha');
    await expectUser('alpha', 'alpha', from);
    await bench.client(gateway, 'other');
    await expectUser('other', 'gw', from);
    const { reason } = await refused(gateway, 'bad');
    expect(reason).toMatch(
      /^TLS: .*alert unknown ca: the broker does not accept the client certificate in rule "bad" of upstream\.credentials$/,
    );
    await bench.client(gateway, 'another');
    expect(gateway.notesOf('upstream-down')).toEqual([]);
  });

  it('may be pre-shared keys: each client is whom its key is for, and a wrong one keeps only its client out', async () => {
    const from = broker.log.length;
    const gateway = await gatewayWith(
      `rules:
  - { clientId: alpha, psk: { identity: alpha, keyFile: alpha.psk } }
  - { name: wrong, clientId: wrong, psk: { identity: alpha, key: '${GATEWAY_KEY}' } }
  - { name: unknown, clientId: unknown, psk: { identity: nobody, key: '${GATEWAY_KEY}' } }
`,
      { url: broker.pskUrl, upstream: { psk: { identity: 'gw', key: GATEWAY_KEY } } },
    );
    await bench.client(gateway, 'alpha');
    await expectUser('alpha', 'alpha', from);
    await bench.client(gateway, 'other');
    await expectUser('other', 'gw', from);
    expect((await refused(gateway, 'wrong')).reason).toMatch(
      /^TLS: .*: the key in rule "wrong" of upstream\.credentials is not the one that the broker has for this identity$/,
    );
    expect((await refused(gateway, 'unknown')).reason).toMatch(
      /^TLS: .*: the broker does not know the identity in rule "unknown" of upstream\.credentials$/,
    );
    await bench.client(gateway, 'another');
    expect(gateway.notesOf('upstream-down')).toEqual([]);
  });

  it('may be pre-shared keys over WebSockets too', async () => {
    let proven: string | undefined;
    const server = createServer({
      ciphers: 'PSK',
      maxVersion: 'TLSv1.2',
      pskCallback: (_socket, identity) => {
        proven = identity;
        return Buffer.from(ALPHA_KEY, 'hex');
      },
    });
    const asked = new Promise<string | undefined>((resolve) => {
      server.on('upgrade', ({ url }, socket) => {
        resolve(url);
        socket.destroy();
      });
    });
    bench.cleanUp(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const psk = { identity: 'gw', key: ALPHA_KEY };
    await bench.gateway(`wss://127.0.0.1:${port}/mqtt`, { settings: { upstream: { psk } } });
    expect([await asked, proven]).toEqual(['/mqtt', 'gw']);
  });

  it.each([
    [
      'key',
      { identity: 'gw', key: ALPHA_KEY },
      /: the key in upstream\.psk is not the one that the broker has for this identity$/,
    ],
    ['identity', { identity: 'nobody', key: GATEWAY_KEY }, /: the broker does not know the identity in upstream\.psk$/],
  ])('of the gateway itself with a wrong pre-shared %s: the log says what to do', async (_what, psk, reason) => {
    const gateway = await bench.gateway(broker.pskUrl, { settings: { upstream: { psk } } });
    expect((await gateway.waitForNote('upstream-down')).reason).toMatch(reason);
  });

  it('count in an aggregating gateway for clients with a connection of their own', async () => {
    const from = broker.log.length;
    const gateway = await gatewayWith(
      "default: refuse\nrules: [{ clientId: '*', username: alpha, password: alpha-password, clientIdPrefix: own- }]\n",
      {
        upstream: { ...OWN, mode: 'aggregating', ownConnection: ['pump-*'] },
      },
    );
    await bench.client(gateway, 'pump-1');
    await expectUser('own-pump-1', 'alpha', from);
    await bench.client(gateway, 'shared-1');
    expect(broker.log.slice(from)).not.toContain('shared-1');
  });
});

describe('the prefix before a client id at the broker (I-126)', () => {
  const prefixed = (prefix: string): string =>
    `rules: [{ clientId: alpha, username: admin, password: a, clientIdPrefix: '${prefix}' }]\n`;

  /** The same client connects again, with its session. */
  async function again(gateway: GatewayUnderTest, sensor: RawSensor): Promise<void> {
    await sensor.exchange('02 18', '02 18');
    await gateway.waitForNote('client-disconnected');
    await sensor.exchange(connectFrame('alpha', false), '03 05 00');
  }

  it('is that of its rule, and another one from its next connection on: what it has subscribed to is there under each', async () => {
    let from = broker.log.length;
    const gateway = await gatewayWith(prefixed('a-'));
    const sensor = await bench.client(gateway, 'alpha', { clean: false });
    await expectUser('a-alpha', 'admin', from);
    await sensor.exchange(frame('12 20 0001', 'one'), '08 13 20 00 04 00 01 00');

    change(gateway, prefixed('b-'));
    await sensor.exchange('02 16', '02 17'); // nobody is dropped
    await again(gateway, sensor);
    await expectUser('b-alpha', 'admin', from);
    await sensor.exchange(frame('12 20 0002', 'two'), '08 13 20 00 05 00 02 00');

    from = broker.log.length;
    change(gateway, prefixed('a-'));
    await again(gateway, sensor);
    await expectUser('a-alpha', 'admin', from); // the broker has a session for it, without "two"
    const admin = await MqttPeer.connect(broker.url, { username: 'admin', password: 'a' });
    bench.cleanUp(() => admin.close());
    await admin.publish('two', 'x', 0);
    await sensor.expect('09 0a 00 05 .. .. 74 77 6f'); // REGISTER: the message is on its way
  });

  it('cannot make one client of two, nor one of the gateway itself', async () => {
    const gateway = await gatewayWith(
      `rules:
  - { clientId: alpha, clientIdPrefix: same- }
  - { clientId: same-alpha, clientIdPrefix: '' }
  - { clientId: way, clientIdPrefix: gate }
`,
      { upstream: { ...OWN, gatewayClientId: 'gateway' } },
    );
    const alpha = await bench.client(gateway, 'alpha');
    expect((await refused(gateway, 'same-alpha')).reason).toBe(
      'its client id at the broker (same-alpha) is that of the client alpha: check clientIdPrefix in upstream.credentials',
    );
    expect((await refused(gateway, 'way')).reason).toBe(
      'its client id at the broker would be one of the gateway itself (gateway)',
    );
    await alpha.exchange('02 16', '02 17');
    await alpha.exchange('02 18', '02 18');
    await broker.logged(/Client same-alpha disconnected/);
    await bench.client(gateway, 'same-alpha');
  });

  it('cannot make a client that which is absent: its session at the broker waits for it alone', async () => {
    const gateway = await gatewayWith(
      'rules: [{ clientId: alpha, username: admin, password: a, clientIdPrefix: same- }]\n',
      { upstream: OWN },
    );
    const alpha = await bench.client(gateway, 'alpha', { clean: false });
    await alpha.exchange(frame('12 20 0001', 'one'), '08 13 20 .. .. 00 01 00');
    const from = broker.log.length;
    await alpha.exchange('02 18', '02 18');
    await broker.logged(/Client same-alpha disconnected/, from);
    const { reason } = await refused(gateway, 'same-alpha');
    expect(reason).toContain('its client id at the broker (same-alpha) is that of the client alpha');
    const admin = await MqttPeer.connect(broker.url, { username: 'admin', password: 'a' });
    bench.cleanUp(() => admin.close());
    await admin.publish('one', 'x', 1);
    await alpha.exchange(connectFrame('alpha', false), '03 05 00');
    await alpha.expect('09 0a .. .. .. .. 6f 6e 65'); // REGISTER: the message is on its way
  });
});
