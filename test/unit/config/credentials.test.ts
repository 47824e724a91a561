import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Credentials } from '../../../src/config/credentials.ts';
import { CREDENTIALS_TREE } from '../../../src/config/credentials-file.ts';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import { isSecretText, secretFileOf } from '../../../src/config/secret-files.ts';
import { settingChanges } from '../../../src/config/setting-changes.ts';
import { pathText, SETTINGS } from '../../../src/config/setting-list.ts';
import { type Certificates, makeClientCertificates } from '../../support/certificates.ts';

const KEY = '00112233445566778899aabbccddeeff';
const HASH = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'B'.repeat(43)}`;

let folder: string;
let certificates: readonly Certificates[];

beforeAll(async () => {
  certificates = await makeClientCertificates('pump');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => {
  certificates = [];
});

/** Writes a file that its owner alone can read. */
function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
}

/** Loads settings; the file of credentials is in a folder of its own beside them. */
function load(credentials: string, settings = 'upstream: { credentials: secrets/rules.yaml }\n'): LoadedSettings {
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  write('secrets/rules.yaml', credentials);
  write('gateway.yaml', settings);
  return loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder });
}

/** All that is wrong, a line each. */
function problems(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(formatProblem);
    }
    throw error;
  }
  return [];
}

const choose = (credentials: string, clientId: string, identity?: string) => {
  const { credentials: rules } = load(credentials);
  return rules && new Credentials(rules).of(clientId, identity);
};

describe('the file of credentials', () => {
  it('is none where nothing names it, and lets everybody be what the gateway is where it is empty', () => {
    expect(load('', '{}\n').credentials).toBeUndefined();
    expect(load('').credentials).toEqual({ default: 'upstream', rules: [] });
    expect(choose('', 'anybody')).toBeUndefined();
    expect(choose('default: refuse\n', 'anybody')).toEqual({ refusal: 'no rule of upstream.credentials fits it' });
  });

  it('has all that a client can be, secrets from files beside it too', () => {
    mkdirSync(join(folder, 'secrets'));
    write('secrets/word', 'p w\n');
    write('secrets/key', `${KEY}\r\n`);
    write('secrets/pump.crt', certificates[1]?.cert ?? '');
    write('secrets/pump.key', certificates[1]?.key ?? '');
    const { credentials } = load(`rules:
  - { name: a, clientId: [meter-*, pump], identity: 'plant-?', username: u, passwordFile: word, clientIdPrefix: x- }
  - { username: '%c', passwordTemplate: '%i%%' }
  - { cert: pump.crt, key: pump.key }
  - { psk: { identity: i, keyFile: key } }
  - { clientIdPrefix: '' }
`);
    const path = (name: string): string => join(folder, 'secrets', name);
    expect(credentials?.rules).toEqual([
      {
        name: 'a',
        clientId: ['meter-*', 'pump'],
        identity: ['plant-?'],
        username: 'u',
        password: 'p w',
        clientIdPrefix: 'x-',
      },
      { name: 'secrets/rules.yaml[1]', username: '%c', passwordTemplate: '%i%%' },
      { name: 'secrets/rules.yaml[2]', certificate: { cert: path('pump.crt'), key: path('pump.key') } },
      {
        name: 'secrets/rules.yaml[3]',
        psk: { identity: 'i', key: Uint8Array.from(Buffer.from(KEY, 'hex')) },
      },
      { name: 'secrets/rules.yaml[4]', clientIdPrefix: '' },
    ]);
  });

  it('may use aliases: each rule has the secret of the file that it names', () => {
    mkdirSync(join(folder, 'secrets'));
    write('secrets/word', 'w');
    const { credentials } = load('rules: [&a { username: u, passwordFile: word }, *a]\n');
    expect(credentials?.rules.map(({ password }) => password)).toEqual(['w', 'w']);
  });

  it('tells all its problems at once, each with its place, what was meant, and no secret', () => {
    mkdirSync(join(folder, 'secrets'));
    write('secrets/empty', '\n');
    write('secrets/short', 'geheim\n');
    write('secrets/no.crt', 'nothing');
    write('secrets/other.key', certificates[0]?.key ?? '');
    write('secrets/pump.crt', certificates[1]?.cert ?? '');
    const told = problems(() =>
      load(`default: refused
rules:
  - clientID: a
    username: 7
  - { password: geheim }
  - { username: u, password: geheim, passwordFile: short }
  - { username: u, passwordFile: empty }
  - { username: u, passwordFile: nowhere, passwordTemplate: geheim }
  - { cert: no.crt }
  - { cert: pump.crt, key: other.key }
  - { psk: geheim }
  - { psk: { identity: i, keyFile: short }, cert: pump.crt, key: other.key }
  - { psk: { identity: '' } }
  - { clientId: [] , clientIdPrefix: "a\\tb" }
  - { username: u, password: 1234 }
`),
    );
    const at = (line: number, column: number): string => `secrets/rules.yaml:${line}:${column}: `;
    expect(told).toEqual([
      `${at(1, 10)}default: expected one of "upstream", "refuse", found "refused" (did you mean "refuse"?)`,
      `${at(3, 5)}rules[0].clientID: unknown setting (did you mean "clientId"?)`,
      `${at(4, 15)}rules[0].username: expected text, found 7 (write it in quotes)`,
      `${at(5, 17)}rules[1].password: needs username as well: MQTT has no password without a user name`,
      `${at(6, 52)}rules[2].passwordFile: password is given as well: only one of the two may be`,
      `${at(7, 34)}rules[3].passwordFile: empty is empty: expected password in it`,
      `${at(8, 34)}rules[4].passwordFile: cannot read nowhere: no such file`,
      `${at(8, 61)}rules[4].passwordTemplate: passwordFile is given as well: a rule has one password`,
      `${at(9, 13)}rules[5].cert: needs key as well: a client certificate is a pair of cert and key`,
      `${at(9, 13)}rules[5].cert: no.crt holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)`,
      `${at(10, 28)}rules[6].key: is not the private key of the certificate in cert`,
      `${at(11, 12)}rules[7].psk: expected a map of settings (identity, key, keyFile), found something else, which is not shown`,
      `${at(12, 12)}rules[8].psk: does not go with cert and key: a connection has a certificate or a pre-shared key`,
      `${at(12, 66)}rules[8].key: is not the private key of the certificate in cert`,
      `${at(13, 12)}rules[9].psk.key: expected a key, here or by keyFile, found nothing`,
      `${at(13, 24)}rules[9].psk.identity: expected an identity of 1 to 128 octets, found 0`,
      `${at(14, 17)}rules[10].clientId: an empty list would fit nobody`,
      `${at(14, 38)}rules[10].clientIdPrefix: expected up to 256 characters without control characters, found "a\\tb"`,
      `${at(15, 30)}rules[11].password: expected text, found a number (write it in quotes)`,
      'secrets/short: rules[8].psk.key: expected a key in hexadecimal or base64 digits',
    ]);
    expect(told.join()).not.toContain('geheim');
  });

  it('refuses what has nothing behind it: a rule would fit more, or give less, than was meant', () => {
    expect(problems(() => load('default:\nrules: [{ clientId: , username: }]\n'))).toEqual([
      'secrets/rules.yaml:1:1: default: has nothing behind it: write a value, or leave the line out',
      'secrets/rules.yaml:2:11: rules[0].clientId: has nothing behind it: write a value, or leave the line out, and the rule fits whatever that is',
      'secrets/rules.yaml:2:23: rules[0].username: has nothing behind it: write a value, or leave the line out',
    ]);
    expect(problems(() => load('rules:\n'))).toEqual([]);
    expect(problems(() => load('', 'upstream:\n  credentials:\n'))).toEqual([
      'gateway.yaml:2:3: upstream.credentials: has nothing behind it: write a file, or leave the line out, and every client is what the gateway is',
    ]);
  });

  it.each([
    ['- { clientId: a }', 'found a list (write "rules:" before it)'],
    ['geheim', 'found a single value'],
  ])('of another form is told without what it has: %s', (text, found) => {
    expect(problems(() => load(text))).toEqual([
      `secrets/rules.yaml:1:1: expected a map with rules, and perhaps default, ${found}`,
    ]);
  });

  it.each([
    ['depth', `rules: ${'['.repeat(50_000)}`, 'nested too deeply'],
    [
      'aliases',
      `a: &a {x: 1}\n${Array.from({ length: 200 }, (_, i) => `b${i}: *a`).join('\n')}\n`,
      'more than 100 aliases',
    ],
    ['length', `#${'x'.repeat(16_777_216)}`, 'longer than 16 MiB'],
  ])('that would make much of little, or is too long, is refused: %s', (_what, text, reason) => {
    expect(problems(() => load(text))).toEqual([expect.stringContaining(reason)]);
  });

  it('has to be there', () => {
    expect(problems(() => load('', 'upstream: { credentials: other.yaml }\n'))).toEqual([
      'gateway.yaml:1:26: upstream.credentials: cannot read other.yaml: no such file',
    ]);
  });
});

describe('config/credentials.yaml', () => {
  const example = readFileSync(new URL('../../../config/credentials.yaml', import.meta.url), 'utf8');

  it('is right as it is, and with all that it has as an example', () => {
    expect(load(example).credentials).toEqual({ default: 'upstream', rules: [] });
    write('secrets/pump-7.password', 'x');
    write('secrets/gate-2.psk', KEY);
    write('secrets/gate-1.crt', certificates[1]?.cert ?? '');
    write('secrets/gate-1.key', certificates[1]?.key ?? '');
    const { credentials } = load(example.replaceAll(/^ {2}# (?=- | )/gm, '  '));
    expect(credentials?.rules).toHaveLength(4);
  });
});

describe('the rule of a client', () => {
  it('is the first that fits its client id and its identity, however the rules name them', () => {
    const rules = `rules:
  - { name: one, clientId: b, identity: x, username: u }
  - { name: two, clientId: 'a*', username: u }
  - { name: three, clientId: [ab, b], username: u }
  - { name: four, identity: 'x?', username: u }
`;
    const named = (clientId: string, identity?: string): unknown => {
      const chosen = choose(rules, clientId, identity);
      return chosen && 'rule' in chosen ? chosen.rule : chosen;
    };
    expect([named('ab'), named('a', 'xy'), named('b'), named('b', 'x'), named('b', 'xy'), named('c', 'xy')]).toEqual([
      'two',
      'two',
      'three',
      'one',
      'three',
      'four',
    ]);
    expect([named('c'), named('c', 'x')]).toEqual([undefined, undefined]);
  });

  it('fills templates once, and refuses a client without the identity that it asks for', () => {
    const rules = "rules: [{ name: t, username: '%c@%i', passwordTemplate: '%%c-%c' }]\n";
    expect(choose(rules, '%i%c', 'me')).toMatchObject({ username: '%i%c@me', password: '%c-%i%c', hasLogin: true });
    expect(choose(rules, 'a')).toEqual({
      refusal: 'rule "t" of upstream.credentials has %i in it, and it has no identity',
    });
    expect(choose("rules: [{ username: '%%i', password: '%i' }]\n", 'a')).toMatchObject({
      username: '%i',
      password: '%i',
    });
  });

  it('with a prefix alone leaves it all else that the gateway is', () => {
    expect(choose('rules: [{ clientIdPrefix: x- }]\n', 'a')).toMatchObject({ hasLogin: false, clientIdPrefix: 'x-' });
  });
});

describe('changes of credentials', () => {
  it('are one line, without anything secret', () => {
    const before = load('rules: [{ name: a, username: u, password: old }]\n');
    const changed = (text: string) => settingChanges(before, load(text)).changed;
    expect(changed('rules: [{ name: a, username: u, password: old }] # a comment\n')).toEqual([]);
    expect(changed('rules: [{ name: a, username: u, password: new }]\n')).toEqual([
      { setting: 'upstream.credentials', what: 'file', from: undefined, to: undefined },
    ]);
    expect(changed('default: refuse\n')).toEqual([
      {
        setting: 'upstream.credentials',
        what: 'value',
        from: '1 rule, other clients as upstream',
        to: '0 rules, other clients refused',
      },
    ]);
    const gone = settingChanges(before, load('', 'upstream: {}\n'));
    expect(gone.credentials).toBeUndefined();
    expect(gone.changed).toMatchObject([{ setting: 'upstream.credentials', to: 'not set' }]);
  });

  it('of a secret in a file of its own count at once, unless what goes with it waits for a restart', () => {
    const withPassword = (password: string, more = ''): LoadedSettings => {
      write('word', password);
      return load('', `upstream: { url: "mqtt://a", username: u, passwordFile: word${more} }\n`);
    };
    const before = withPassword('old');
    const { changed, needsRestart, settings } = settingChanges(before, withPassword('new'));
    expect(changed).toEqual([{ setting: 'upstream.password', what: 'secret', from: undefined, to: undefined }]);
    expect([needsRestart, settings.upstream.password]).toEqual([[], 'new']);
    write('word', 'new');
    const other = load('', 'upstream: { url: "mqtt://b", username: u, passwordFile: word }\n');
    expect(settingChanges(before, other)).toMatchObject({
      needsRestart: ['upstream.url', 'upstream.password'],
      settings: { upstream: { password: 'old' } },
    });
  });
});

describe('check-config', () => {
  it('names the rules, and shows nothing of them', () => {
    const text = describeLoaded(
      load(
        'default: refuse\nrules: [{ name: meters, username: u, password: geheim }, { name: rest, clientIdPrefix: "" }]\n',
      ),
    );
    expect(text).toContain('\ncredentials: 2 rules, other clients refused (meters, rest)\n');
    expect(text).not.toContain('geheim');
  });

  it('says which rules can do nothing without TLS, and that none can on a connection that is shared', () => {
    const psk = `rules: [{ name: k, psk: { identity: i, key: "${KEY}" } }]\n`;
    expect(describeLoaded(load(psk))).toContain(
      'psk of rule "k" in upstream.credentials has no effect: upstream.url is none with TLS (mqtts:// or wss://)\n',
    );
    expect(describeLoaded(load('rules: [{ name: all, username: u }, { name: late, clientId: a }]\n'))).toContain(
      'rule "late" in upstream.credentials has no effect: rule "all" before it fits every client\n',
    );
    write('key', KEY);
    const own = describeLoaded(load('', 'upstream: { psk: { identity: i, keyFile: key } }\n')).split('\n');
    expect(own.filter((line) => line.includes('has no effect'))).toEqual([
      'upstream.psk.identity has no effect: upstream.url is none with TLS (mqtts:// or wss://)',
      'upstream.psk.keyFile has no effect: upstream.url is none with TLS (mqtts:// or wss://)',
    ]);
    const secured = 'upstream: { url: "mqtts://a", credentials: secrets/rules.yaml }\n';
    expect(describeLoaded(load(psk, secured))).not.toContain('no effect');
    expect(describeLoaded(load('', 'upstream: { mode: aggregating, credentials: secrets/rules.yaml }\n'))).toContain(
      'upstream.credentials has no effect: with upstream.mode: aggregating only clients in upstream.ownConnection',
    );
    expect(
      describeLoaded(load('', 'upstream: { mode: aggregating, ownConnection: a, credentials: secrets/rules.yaml }\n')),
    ).not.toContain('no effect');
  });
});

describe('secrets in files of their own', () => {
  it('are there for every setting that is a secret text', () => {
    for (const settings of [SETTINGS, CREDENTIALS_TREE.settings]) {
      const secrets = settings.filter(isSecretText).map(({ path }) => path);
      expect(secrets).not.toEqual([]);
      const files = settings.filter(({ kind }) => kind.kind === 'file').map(({ path }) => pathText(path));
      expect(secrets.map((path) => pathText(secretFileOf(path))).filter((name) => !files.includes(name))).toEqual([]);
    }
  });

  it('are read without the newline at their end, from beside the file that names them', () => {
    write('word', 'a b\n\n');
    write('token', '0123456789abcdef\r\n');
    write('hash', `${HASH}\n`);
    write('key', KEY);
    const { settings, origins, exposedFiles, files } = load(
      '',
      `upstream: { username: u, passwordFile: word, psk: { identity: i, keyFile: key } }
http: { tokenFile: token, users: [{ name: anna, passwordHashFile: hash }] }
`,
    );
    expect(settings.upstream).toMatchObject({ password: 'a b\n', psk: { key: KEY } });
    expect(settings.http).toMatchObject({ token: '0123456789abcdef', users: [{ passwordHash: HASH }] });
    expect(origins.get('http.token')).toBe('file');
    expect(exposedFiles).toEqual([]);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['word', 'token', 'hash', 'key'].map((name) => join(folder, name))),
    );
  });

  it('of the environment are relative to the working folder', () => {
    write('word', 'w');
    const { settings } = loadSettings({
      environment: { MQTTSN_UPSTREAM_PASSWORD_FILE: 'word' },
      workingFolder: folder,
    });
    expect(settings.upstream.password).toBe('w');
  });

  it('are told of where everybody on the machine can read them', () => {
    write('word', 'w', 0o644);
    write('own', 'w');
    mkdirSync(join(folder, 'secrets'));
    write('secrets/open', 'w', 0o604);
    load('', '{}\n');
    chmodSync(join(folder, 'secrets/rules.yaml'), 0o644);
    writeFileSync(join(folder, 'secrets/rules.yaml'), 'rules: [{ username: u, passwordFile: open }]\n');
    write('gateway.yaml', 'upstream: { passwordFile: word, credentials: secrets/rules.yaml }\n');
    const { exposedFiles } = loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder });
    expect(exposedFiles).toEqual(['word', 'secrets/rules.yaml', 'secrets/open'].map((name) => join(folder, name)));
  });

  it('are a problem where they are given twice, empty, not there, or not what they should be', () => {
    write('empty', '\n');
    write('short', 'geheim');
    const told = problems(() =>
      load(
        '',
        `upstream: { password: geheim, passwordFile: short, psk: { identity: i, keyFile: empty } }
http:
  host: 0.0.0.0
  tokenFile: short
  users: [{ name: anna, passwordHashFile: nowhere }, { name: bob }]
`,
      ),
    );
    expect(told).toEqual([
      'gateway.yaml:1:45: upstream.passwordFile: password is given as well: only one of the two may be',
      'gateway.yaml:1:81: upstream.psk.keyFile: empty is empty: expected key in it',
      'gateway.yaml:5:43: http.users[0].passwordHashFile: cannot read nowhere: no such file',
      'gateway.yaml:5:54: http.users[1].passwordHash: expected what "mqtt-sn-gateway hash-password" prints ($scrypt$ln=…), in quotes, or passwordHashFile; found nothing',
      'short: http.token: expected at least 16 visible ASCII characters, such as those of "openssl rand -hex 16", found another text, which is not shown',
    ]);
    expect(told.join()).not.toContain('geheim');
  });

  it('a pre-shared key goes with no certificate, and a map that is none is not shown', () => {
    write('pump.crt', certificates[1]?.cert ?? '');
    write('pump.key', certificates[1]?.key ?? '');
    expect(
      problems(() => load('', `upstream: { cert: pump.crt, key: pump.key, psk: { identity: i, key: "${KEY}" } }\n`)),
    ).toEqual([
      'gateway.yaml:1:19: upstream.cert: does not go with upstream.psk: a connection has certificates or a pre-shared key',
      'gateway.yaml:1:34: upstream.key: does not go with upstream.psk: a connection has certificates or a pre-shared key',
    ]);
    expect(problems(() => load('', 'upstream: { psk: geheim }\n'))).toEqual([
      'gateway.yaml:1:18: upstream.psk: expected a map of settings (identity, key, keyFile), found something else, which is not shown',
    ]);
  });
});
