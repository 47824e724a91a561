import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { settingChanges } from '../../../src/config/setting-changes.ts';
import { topicChanges } from '../../../src/config/topic-changes.ts';
import { makeCertificates } from '../../support/certificates.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'changes-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The settings of a file with this text. */
function loaded(text: string, environment: Record<string, string> = {}): LoadedSettings {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  return loadSettings({ file, environment, workingFolder: folder });
}

function between(before: string, after: string) {
  return settingChanges(loaded(before), loaded(after));
}

describe('changes between settings (I-112)', () => {
  it('are none where the files say the same', () => {
    const text = 'clients: { maxInflight: 8, qosMinus1From: [192.0.2.1] }\ntransports: [{ type: udp, port: 1885 }]\n';
    const { changed, needsRestart, topics, settings } = between(text, `${text}# a comment\n`);
    expect([changed, needsRestart, topics]).toEqual([[], [], { first: [], count: 0 }]);
    expect(settings).toEqual(loaded(text).settings);
  });

  it('that count at once are in effect, each named with both values', () => {
    const { changed, needsRestart, settings } = between(
      'timing: { retryInterval: 10s }\nclients: { qosMinus1From: [192.0.2.1] }\n',
      'timing: { retryInterval: 90s }\nclients: { maxInflight: 8 }\nlogging: { level: debug }\n',
    );
    expect(changed).toEqual([
      { setting: 'timing.retryInterval', what: 'value', from: '10s', to: '90s' },
      { setting: 'clients.maxInflight', what: 'value', from: '16', to: '8' },
      { setting: 'clients.qosMinus1From', what: 'value', from: '192.0.2.1', to: 'not set' },
      { setting: 'logging.level', what: 'value', from: 'info', to: 'debug' },
    ]);
    expect(needsRestart).toEqual([]);
    expect(settings.timing.retryInterval).toBe(90_000);
    expect(settings.clients).toMatchObject({ maxInflight: 8, qosMinus1From: undefined });
  });

  it('that need a restart are named without their values, and are not in effect', () => {
    const { changed, needsRestart, settings } = between(
      'upstream: { url: "mqtt://u:old@a", grace: 30s }\n',
      'upstream: { url: "mqtt://u:new@b", grace: 40s }\ngateway: { id: 7 }\nlogging: { format: json }\n',
    );
    expect(needsRestart).toEqual(['gateway.id', 'upstream.url', 'upstream.password', 'logging.format']);
    expect(changed.map(({ setting }) => setting)).toEqual(['upstream.grace']);
    expect(settings).toMatchObject({ gateway: { id: 1 }, upstream: { url: 'mqtt://a', grace: 40_000 } });
    expect(JSON.stringify([changed, needsRestart])).not.toMatch(/old|new/);
  });

  it.each([
    ['a password', 'password', 'upstream: { url: "mqtt://a", username: u, password: SECRET }\n'],
    ['one in the URL', 'password', 'upstream: { url: "mqtt://u:SECRET@a" }\n'],
    ['a key', 'psk.key', 'upstream: { url: "mqtts://a", psk: { identity: i, key: SECRET } }\n'],
  ])(
    'of %s of the gateway at the broker counts for the next connection, beside what stays the same',
    (_, name, text) => {
      const [before, after] = ['aa'.repeat(16), 'bb'.repeat(16)].map((secret) => text.replace('SECRET', secret));
      const { changed, needsRestart, settings } = between(before ?? '', after ?? '');
      expect(changed).toEqual([{ setting: `upstream.${name}`, what: 'secret', from: undefined, to: undefined }]);
      expect(needsRestart).toEqual([]);
      expect(JSON.stringify(settings.upstream)).toContain('bb'.repeat(16));
      const elsewhere = between(
        before ?? '',
        (after ?? '').replace(/u(?=[,:] ?(password|b))|(?<=identity: )i/, 'other'),
      );
      expect(elsewhere.changed).toEqual([]);
      expect(elsewhere.needsRestart).toContain(`upstream.${name}`);
      expect(JSON.stringify(elsewhere.settings.upstream)).toContain('aa'.repeat(16));
    },
  );

  it('are still named where the gateway runs with the former value', () => {
    const first = loaded('gateway: { id: 1 }\n');
    const second = loaded('gateway: { id: 7 }\n');
    const { settings } = settingChanges(first, second);
    const running = { ...first, settings };
    const third = loaded('gateway: { id: 7 }\nclients: { maxInflight: 8 }\n');
    const again = settingChanges(running, third);
    expect(again.needsRestart).toEqual(['gateway.id']);
    expect(settingChanges(running, first).needsRestart).toEqual([]);
  });

  it('that follow from others are not named: what they follow from is', () => {
    const { needsRestart, settings } = between('', 'gateway: { id: 7 }\nupstream: { mode: aggregating }\n');
    expect(needsRestart).toEqual(['gateway.id', 'upstream.mode']); // and neither status.topicPrefix nor upstream.protocolVersion
    expect(settings.status.topicPrefix).toBe('mqtt-sn-gateway/1');
    expect(between('gateway: { id: 7 }\n', 'status: { topicPrefix: a }\n').needsRestart).toContain(
      'status.topicPrefix',
    );
  });

  it('of a transport: its allow list and its T_retry count at once, what it is does not', () => {
    const { changed, needsRestart, settings } = between(
      'transports: [{ type: udp, port: 1885 }, { type: serial, path: /dev/ttyUSB0 }]\n',
      'transports: [{ type: udp, port: 1886, forwarders: [192.0.2.1] }, { type: serial, path: /dev/ttyUSB0, retryInterval: 3s }]\n',
    );
    expect(changed).toEqual([
      { setting: 'transports[0].forwarders', what: 'value', from: 'not set', to: '192.0.2.1' },
      { setting: 'transports[1].retryInterval', what: 'value', from: 'not set', to: '3s' },
    ]);
    expect(needsRestart).toEqual(['transports[0].port']);
    expect(settings.transports[0]).toMatchObject({ port: 1885, forwarders: ['192.0.2.1'] });
  });

  it('of how many transports there are, or of which type, need a restart as a whole', () => {
    const one = 'transports: [{ type: udp, port: 1885 }]\n';
    const two = 'transports: [{ type: udp, port: 1886 }, { type: udp, port: 1885, forwarders: [192.0.2.1] }]\n';
    expect(between(one, two)).toMatchObject({ changed: [], needsRestart: ['transports'] });
    expect(between(one, 'transports: [{ type: serial, path: /dev/ttyUSB0 }]\n').needsRestart).toEqual(['transports']);
  });

  it.each([
    ['by their ports', '{ type: udp, port: 1885, forwarders: [192.0.2.1] }', '{ type: udp, port: 1886 }'],
    [
      'by their paths',
      '{ type: serial, path: /dev/ttyUSB0, forwarders: [] }',
      '{ type: serial, path: /dev/ttyUSB1, retryInterval: 3s }',
    ],
    [
      'by their names',
      '{ type: xbee, name: a, path: /dev/ttyUSB0, forwarders: [0013a20040522baa] }',
      '{ type: xbee, name: b, path: /dev/ttyUSB1 }',
    ],
  ])(
    'of transports that change places, known %s, need a restart: nobody gets the allow list of another',
    (_how, one, two) => {
      const running = `transports: [${one}, ${two}]\n`;
      const { changed, needsRestart, settings } = between(running, `transports: [${two}, ${one}]\n`);
      expect({ changed, needsRestart }).toEqual({ changed: [], needsRestart: ['transports'] });
      expect(settings.transports).toEqual(between(running, running).settings.transports);
    },
  );

  describe('of who may open the status page', () => {
    const user = (name: string, hash = 'B') =>
      `http: { users: [{ name: ${name}, passwordHash: "$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${hash.repeat(43)}" }] }\n`;
    const token = 'http: { token: 0123456789abcdef }\n';

    it('count at once, and are told of without secrets', () => {
      expect(between(user('anna'), user('otto'))).toMatchObject({
        settings: { http: { users: [{ name: 'otto' }] } },
        changed: [{ setting: 'http.users', what: 'value', from: 'anna', to: 'otto' }],
        needsRestart: [],
      });
      expect(between(user('anna'), user('anna', 'C')).changed).toEqual([
        { setting: 'http.users', what: 'secret', from: undefined, to: undefined },
      ]);
      expect(between('', token)).toMatchObject({
        changed: [{ setting: 'http.token', what: 'secret' }],
        needsRestart: [],
      });
      expect(between(user('anna'), user('anna'))).toMatchObject({ changed: [], needsRestart: [] });
    });

    it('may be changed for others, but the last ones need a restart: the address is open because of them', () => {
      expect(between(user('anna'), token)).toMatchObject({
        settings: { http: { users: [], token: '0123456789abcdef' } },
        needsRestart: [],
      });
      expect(between(user('anna'), '')).toMatchObject({
        settings: { http: { users: [{ name: 'anna' }] } },
        changed: [],
        needsRestart: ['http.users'],
      });
      expect(between(token, '')).toMatchObject({
        settings: { http: { token: '0123456789abcdef' } },
        needsRestart: ['http.token'],
      });
    });
  });

  it('of what a certificate file has are named', async () => {
    const [first, second] = await Promise.all([makeCertificates(), makeCertificates()]);
    const text = 'upstream: { url: "mqtts://a", ca: ca.pem }\n';
    writeFileSync(join(folder, 'ca.pem'), first.ca);
    const before = loaded(text);
    expect(settingChanges(before, loaded(text)).changed).toEqual([]);
    writeFileSync(join(folder, 'ca.pem'), second.ca);
    expect(settingChanges(before, loaded(text)).changed).toEqual([
      { setting: 'upstream.ca', what: 'file', from: undefined, to: undefined },
    ]);
  });
});

describe('changes of pre-defined topic ids', () => {
  const table = (entries: Record<string, Record<number, string>>) =>
    new Map(
      Object.entries(entries).map(([client, topics]) => [
        client,
        new Map(Object.entries(topics).map(([id, name]) => [Number(id), name])),
      ]),
    );

  it('are ids that mean another topic, that are new, and that are gone', () => {
    const before = table({ '*': { 1: 'a', 2: 'b', 3: 'c' }, s: { 1: 'mine' } });
    const after = table({ '*': { 1: 'a', 2: 'B', 4: 'd' }, t: { 1: 'yours' } });
    expect(topicChanges(before, after)).toEqual({
      first: [
        { clientId: '*', topicId: 2, from: 'b', to: 'B' },
        { clientId: '*', topicId: 4, from: undefined, to: 'd' },
        { clientId: 't', topicId: 1, from: undefined, to: 'yours' },
        { clientId: '*', topicId: 3, from: 'c', to: undefined },
        { clientId: 's', topicId: 1, from: 'mine', to: undefined },
      ],
      count: 5,
    });
  });

  it('are all counted, and the first twenty named', () => {
    const many = table({ '*': Object.fromEntries(Array.from({ length: 300 }, (_, id) => [id + 1, `t/${id}`])) });
    const { first, count } = topicChanges(new Map(), many);
    expect([first.length, count]).toEqual([20, 300]);
    expect(topicChanges(many, many).count).toBe(0);
  });
});
