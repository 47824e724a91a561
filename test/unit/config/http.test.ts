import { describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { type LoadedSettings, loadSettings } from '../../../src/config/load.ts';
import { isLoopback } from '../../../src/config/loopback.ts';
import { ConfigError } from '../../../src/config/problem.ts';

const HASH = `$scrypt$ln=14,r=8,p=5$${'A'.repeat(22)}$${'b'.repeat(43)}`;
const TOKEN = '0123456789abcdef';

function load(environment: Readonly<Record<string, string>>): LoadedSettings {
  return loadSettings({ environment, workingFolder: '/' });
}

/** What is wrong, line by line. */
function problems(environment: Readonly<Record<string, string>>): string[] {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.split('\n');
    }
    throw error;
  }
  return [];
}

const user = (position: number, name: string) => ({
  [`MQTTSN_HTTP_USERS_${position}_NAME`]: name,
  [`MQTTSN_HTTP_USERS_${position}_PASSWORD_HASH`]: HASH,
});

describe('the settings of the status page', () => {
  it('take users from the environment, each by its position', () => {
    const { settings, origins } = load({ ...user(0, 'anna'), ...user(1, 'Bob O’Hara') });
    expect(settings.http.users).toEqual([
      { name: 'anna', passwordHash: HASH },
      { name: 'Bob O’Hara', passwordHash: HASH },
    ]);
    expect(origins.get('http.users[1].name')).toBe('environment');
  });

  it('are shown by check-config without hash and token', () => {
    const text = describeLoaded(load({ ...user(0, 'anna'), MQTTSN_HTTP_TOKEN: TOKEN }));
    expect(text).toMatch(/^http\.users\[0\]\.name +anna +environment$/m);
    expect(text).toMatch(/^http\.users\[0\]\.passwordHash +\*\*\* +environment$/m);
    expect(text).toMatch(/^http\.token +\*\*\* +environment$/m);
    expect(text).not.toContain('scrypt');
    expect(text).not.toContain(TOKEN);
  });

  it.each([
    ['a password that is no hash', { ...user(0, 'anna'), MQTTSN_HTTP_USERS_0_PASSWORD_HASH: 'hunter2' }],
    [
      'a cost that would stop the machine',
      {
        ...user(0, 'anna'),
        MQTTSN_HTTP_USERS_0_PASSWORD_HASH: HASH.replace('ln=14', 'ln=24'),
      },
    ],
  ])('refuse %s, and do not show it', (_what, environment) => {
    expect(problems(environment)).toEqual([
      'MQTTSN_HTTP_USERS_0_PASSWORD_HASH: http.users[0].passwordHash: expected what "mqtt-sn-gateway hash-password" prints ($scrypt$ln=…), in quotes, found another text, which is not shown',
    ]);
  });

  it('refuse a token that can be guessed, and do not show it', () => {
    expect(problems({ MQTTSN_HTTP_TOKEN: 'secret' })).toEqual([
      'MQTTSN_HTTP_TOKEN: http.token: expected at least 16 visible ASCII characters, such as those of "openssl rand -hex 16", found another text, which is not shown',
    ]);
  });

  it('refuse two users of one name, a name with a colon, and a user without a hash', () => {
    expect(problems({ ...user(0, 'anna'), ...user(1, 'anna') })).toEqual([
      'MQTTSN_HTTP_USERS_1_NAME: http.users[1].name: http.users[0] has this name already: "anna"',
    ]);
    expect(problems(user(0, 'an:na'))).toEqual([expect.stringContaining('without a colon')]);
    expect(problems({ MQTTSN_HTTP_USERS_0_NAME: 'anna' })).toEqual([
      expect.stringMatching(/http\.users\[0\]\.passwordHash: expected .* found nothing/),
    ]);
  });

  it.each(['0.0.0.0', '::', '192.0.2.7', 'gateway.example'])('refuse to be open to other machines at %s', (host) => {
    expect(problems({ MQTTSN_HTTP_HOST: host })).toEqual([
      expect.stringMatching(
        /^MQTTSN_HTTP_HOST: http\.host: .*set http\.users .*or http\.token; or http\.insecure: true/,
      ),
    ]);
    expect(problems({ MQTTSN_HTTP_HOST: host, MQTTSN_HTTP_TOKEN: TOKEN })).toEqual([]);
    expect(problems({ MQTTSN_HTTP_HOST: host, ...user(0, 'anna') })).toEqual([]);
    expect(problems({ MQTTSN_HTTP_HOST: host, MQTTSN_HTTP_INSECURE: 'true' })).toEqual([]);
    expect(problems({ MQTTSN_HTTP_HOST: host, MQTTSN_HTTP_ENABLED: 'false' })).toEqual([]);
  });

  it('know which addresses are those of this machine alone', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST.', 'a.localhost'].map(isLoopback)).not.toContain(
      false,
    );
    expect(['127.example', 'localhost.example', '::', '1.2.7.0', '::2', '128.0.0.1'].map(isLoopback)).not.toContain(
      true,
    );
  });

  it('take host names with and without brackets, and say what was meant', () => {
    const { settings } = load({ MQTTSN_HTTP_ALLOWED_HOSTS: 'Gateway.example, [2001:db8::1], 192.0.2.1' });
    expect(settings.http.allowedHosts).toEqual(['gateway.example', '2001:db8::1', '192.0.2.1']);
    expect(problems({ MQTTSN_HTTP_ALLOWED_HOSTS: 'https://gateway.example:8884/' })).toEqual([
      expect.stringContaining('did you mean "gateway.example"?'),
    ]);
  });

  it('need certificate and key together', () => {
    expect(problems({ MQTTSN_HTTP_CERT: '/nowhere.crt' })).toEqual(
      expect.arrayContaining([
        'MQTTSN_HTTP_CERT: http.cert: needs http.key as well: the certificate of a server is a pair of cert and key',
        expect.stringContaining('cannot read /nowhere.crt'),
      ]),
    );
  });
});
