import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { type LoadOptions, loadSettings } from '../../../src/config/load.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import { toCoreSettings } from '../../../src/config/schema.ts';
import { DEFAULT_CORE_SETTINGS } from '../../../src/core/contract/core-settings.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/config/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../config/', import.meta.url));

function load(options: Partial<LoadOptions> = {}) {
  return loadSettings({ environment: {}, workingFolder: FIXTURES, ...options });
}

function linesOf(options: Partial<LoadOptions>): string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(formatProblem);
    }
    throw error;
  }
  throw new Error('the settings have no problem');
}

describe('settings without a file', () => {
  it('are the defaults, those of the core included', () => {
    const { settings, file, predefinedTopics, origins } = load();
    expect(toCoreSettings(settings)).toEqual(DEFAULT_CORE_SETTINGS);
    expect(settings.transports).toEqual([{ type: 'udp', host: '0.0.0.0', port: 1884, maxFrame: 1472 }]);
    expect(settings.upstream.gatewayClientId).toBeUndefined();
    expect(settings.upstream).toMatchObject({
      clientIdPrefix: '',
      protocolVersion: 4,
      keepAlive: 60_000,
    });
    expect(settings.upstream.url).toBeUndefined();
    expect(settings.broker).toEqual({ host: '127.0.0.1', port: 1883 });
    expect(settings.sessions.path).toBe(`${FIXTURES}sessions`);
    expect(file).toBeUndefined();
    expect(predefinedTopics.size).toBe(0);
    expect(new Set(origins.values())).toEqual(new Set(['default']));
  });
});

describe('a settings file', () => {
  it('is read with durations, empty sections, paths relative to it, and its pre-defined topics', () => {
    const { settings, predefinedTopics } = load({ file: 'right.yaml', workingFolder: FIXTURES });
    expect(settings.gateway).toEqual({ id: 7, advertiseInterval: 0, answerWithoutUpstream: false });
    expect(settings.upstream.keepAlive).toBe(90_000);
    expect(settings.upstream.offlineQueue).toEqual({ messages: 100, octets: 1000, drop: 'oldest' });
    expect(settings.timing.retryInterval).toBe(500);
    expect(settings.broker.port).toBe(1883);
    expect(settings.http).toEqual({
      ...{ enabled: true, host: '127.0.0.1', port: 8884, users: [], insecure: false },
    });
    expect(settings.sessions.path).toBe(`${FIXTURES}state/sessions`);
    expect(settings.predefinedTopics).toBe(`${FIXTURES}topics/own-form.yaml`);
    expect(settings.transports[1]).toEqual({
      type: 'udp',
      name: 'lan6',
      host: '::1',
      port: 1884,
      maxFrame: 1472,
      multicast: { group: 'ff02::1', port: 1883, ttl: 1, loopback: false, radiusAsTtl: false },
    });
    expect(predefinedTopics.get('meter-7')?.get(10)).toBe('meters/7/power');
  });

  it('may have user name and password in the URL, which are taken out of it', () => {
    const { settings } = load({ file: 'right.yaml' });
    expect(settings.upstream).toMatchObject({
      url: 'mqtts://broker.example:8884',
      username: 'sensors',
      password: 'p@ss',
    });
  });

  it('gives way to a password of its own setting', () => {
    const { settings, origins } = load({ file: 'right.yaml', environment: { MQTTSN_UPSTREAM_PASSWORD: 'other' } });
    expect(settings.upstream).toMatchObject({ username: 'sensors', password: 'other' });
    expect([origins.get('upstream.username'), origins.get('upstream.password')]).toEqual(['file', 'environment']);
  });

  it('is found relative to the working folder, by option or by MQTTSN_CONFIG', () => {
    expect(load({ environment: { MQTTSN_CONFIG: 'right.yaml' } }).settings.gateway.id).toBe(7);
    expect(linesOf({ file: 'missing.yaml', environment: { MQTTSN_CONFIG: 'right.yaml' } })).toEqual([
      'missing.yaml: cannot be read: no such file',
    ]);
    expect(linesOf({ file: 'topics/not-text.bin' })).toEqual([
      'topics/not-text.bin: cannot be read: it is not UTF-8 text',
    ]);
    expect(linesOf({ file: 'topics' })).toEqual(['topics: cannot be read: it is a folder']);
  });

  it('that is the example of the repository has no problem, and runs with the embedded broker', () => {
    const { settings, predefinedTopics } = load({ file: 'gateway.yaml', workingFolder: EXAMPLES });
    expect(settings.upstream.url).toBeUndefined();
    expect(toCoreSettings(settings)).toEqual(DEFAULT_CORE_SETTINGS);
    expect(predefinedTopics).toEqual(
      new Map([
        [
          '*',
          new Map([
            [1, 'sensors/boiler/temperature'],
            [2, 'sensors/boiler/pressure'],
          ]),
        ],
        ['meter-7', new Map([[10, 'meters/7/power']])],
      ]),
    );
  });
});

describe('the origin of a setting', () => {
  const environment = {
    MQTTSN_GATEWAY_ID: '8',
    MQTTSN_TIMING_RETRY_INTERVAL: '2s',
    MQTTSN_TRANSPORTS_1_PORT: '0',
    MQTTSN_LOGGING_LEVEL: '',
  };
  const commandLine = [
    { path: ['gateway', 'id'], value: 9, origin: 'command line' as const, source: '--gateway-id' },
    { path: ['transports', '*', 'port'], value: 1885, origin: 'command line' as const, source: '--udp-port' },
  ];

  it('is the command line before the environment, before the file, before the default', () => {
    const { settings, origins } = load({ file: 'right.yaml', environment, commandLine });
    const shown = (path: string) => [path, origins.get(path)];
    expect(settings.gateway.id).toBe(9);
    expect(settings.timing.retryInterval).toBe(2_000);
    expect(settings.transports).toMatchObject([{ port: 1885 }, { port: 0 }]);
    expect(
      ['gateway.id', 'timing.retryInterval', 'upstream.keepAlive', 'timing.retryCount', 'logging.level'].map(shown),
    ).toEqual([
      ['gateway.id', 'command line'],
      ['timing.retryInterval', 'environment'],
      ['upstream.keepAlive', 'file'],
      ['timing.retryCount', 'default'],
      ['logging.level', 'default'],
    ]);
    expect(
      ['transports[0].port', 'transports[0].name', 'transports[1].port', 'transports[1].maxFrame'].map(shown),
    ).toEqual([
      ['transports[0].port', 'command line'],
      ['transports[0].name', 'file'],
      ['transports[1].port', 'environment'],
      ['transports[1].maxFrame', 'default'],
    ]);
  });

  it('decides to which folder a path is relative', () => {
    const options = {
      file: 'fixtures/config/right.yaml',
      workingFolder: fileURLToPath(new URL('../../../', import.meta.url)),
    };
    const environmentPath = {
      MQTTSN_PREDEFINED_TOPICS: 'config/predefined-topics.yaml',
      MQTTSN_SESSIONS_PATH: 'elsewhere',
    };
    const { settings } = load({ ...options, environment: environmentPath });
    expect(settings.predefinedTopics).toBe(`${EXAMPLES}predefined-topics.yaml`);
    expect(settings.sessions.path).toBe(`${options.workingFolder}elsewhere`);
  });
});

describe('environment variables', () => {
  it('set numbers, flags, durations, and the transports of the default list', () => {
    const { settings } = load({
      environment: {
        MQTTSN_UPSTREAM_URL: 'wss://broker.example/mqtt',
        MQTTSN_UPSTREAM_REJECT_UNAUTHORIZED: 'false',
        MQTTSN_UPSTREAM_PROTOCOL_VERSION: '5',
        MQTTSN_UPSTREAM_PASSWORD: '1234',
        MQTTSN_UPSTREAM_OFFLINE_QUEUE_MESSAGES: '5',
        MQTTSN_CLIENTS_QOS_MINUS1_LONG_NAMES: 'true',
        MQTTSN_TRANSPORTS_0_MULTICAST_GROUP: '225.1.1.7',
        MQTTSN_TRANSPORTS_1_PORT: '10000',
        OTHER: 'x',
      },
    });
    expect(settings.upstream).toMatchObject({
      url: 'wss://broker.example/mqtt',
      rejectUnauthorized: false,
      protocolVersion: 5,
      password: '1234',
    });
    expect(settings.upstream.offlineQueue.messages).toBe(5);
    expect(settings.clients.qosMinus1LongNames).toBe(true);
    expect(settings.transports).toMatchObject([{ port: 1884, multicast: { group: '225.1.1.7' } }, { port: 10000 }]);
    expect(settings.transports[1]).not.toHaveProperty('multicast');
  });

  it('that are unknown or wrong are problems, with a suggestion', () => {
    const environment = {
      MQTTSN_UPSTREAM_URI: 'x',
      MQTTSN_TRANSPORTS_0_PROT: '1',
      MQTTSN_TRANSPORTS_5_PORT: '1',
      MQTTSN_GATEWAY_ID: 'seven',
      MQTTSN_UPSTREAM_URL: 'tcp://me:secret@broker.example',
      MQTTSN_UPSTREAM_RECONNECT_MAX: '500ms',
      MQTTSN_HTTP_ENABLED: 'on',
      MQTTSN_UPSTREAM_CA: 'missing.pem',
    };
    expect(linesOf({ environment })).toEqual([
      'MQTTSN_TRANSPORTS_0_PROT: unknown setting (did you mean MQTTSN_TRANSPORTS_0_PORT?)',
      'MQTTSN_UPSTREAM_URI: unknown setting (did you mean MQTTSN_UPSTREAM_URL?)',
      'MQTTSN_TRANSPORTS_5_PORT: there is no transports[1] yet: entries are counted from 0 without gaps',
      'MQTTSN_GATEWAY_ID: gateway.id: expected a whole number from 0 to 255, found "seven"',
      'MQTTSN_UPSTREAM_URL: upstream.url: expected a broker URL (mqtt:, mqtts:, ws:, wss:) such as mqtt://localhost:1883, found "tcp://me:***@broker.example" (did you mean "mqtt://me:***@broker.example"?)',
      'MQTTSN_HTTP_ENABLED: http.enabled: expected true or false, found "on" (did you mean "true"?)',
      'MQTTSN_UPSTREAM_RECONNECT_MAX: upstream.reconnectMin: must not be longer than upstream.reconnectMax, found 1s and 500ms',
      'MQTTSN_UPSTREAM_CA: upstream.ca: cannot read missing.pem: no such file',
    ]);
  });
});

describe('problems of a settings file', () => {
  it('are listed all at once, with place, path, what was expected and what was found', () => {
    expect(linesOf({ file: 'wrong.yaml' })).toEqual([
      'wrong.yaml:2:7: gateway.id: expected a whole number from 0 to 255, found 300',
      'wrong.yaml:3:3: gateway.advertiseIntervall: unknown setting (did you mean "advertiseInterval"?)',
      'wrong.yaml:5:8: upstream.url: expected a broker URL (mqtt:, mqtts:, ws:, wss:) such as mqtt://localhost:1883, found "localhost:1883" (did you mean "mqtt://localhost:1883"?)',
      'wrong.yaml:6:3: upstream.keepAlvie: unknown setting (did you mean "keepAlive"?)',
      'wrong.yaml:7:14: upstream.keepAlive: expected a duration from 1s to 18h in whole seconds, or 0 (off), written like 10s, found 90 (did you mean "90s"?)',
      'wrong.yaml:8:13: upstream.password: expected text, found a number (write it in quotes)',
      'wrong.yaml:9:9: upstream.cert: needs upstream.key as well: a client certificate is a pair of cert and key',
      'wrong.yaml:9:9: upstream.cert: cannot read missing.crt: no such file',
      'wrong.yaml:10:23: upstream.rejectUnauthorized: expected true or false, found "yes" (did you mean "true"?)',
      'wrong.yaml:11:17: upstream.reconnectMin: must not be longer than upstream.reconnectMax, found 2m and 1m',
      'wrong.yaml:12:17: upstream.offlineQueue: expected a map of settings (messages, octets, drop), found 5',
      'wrong.yaml:14:11: transports[0].type: expected one of "udp", "dtls", "serial", "xbee", "module", or the path of a module such as "./my-radio.js", found "upd" (did you mean "udp"?)',
      'wrong.yaml:16:11: transports[1].port: expected a whole number from 0 to 65535 (0 = any free port), found "1884" (write it without quotes)',
      'wrong.yaml:18:14: transports[1].multicast.group: expected a multicast address (224.0.0.0 to 239.255.255.255, or ff00::/8), found "10.0.0.1"',
      'wrong.yaml:19:12: transports[1].multicast.ttl: expected a whole number from 0 to 255, found 300',
      'wrong.yaml:20:5: transports[2].type: expected one of "udp", "dtls", "serial", "xbee", "module", or the path of a module such as "./my-radio.js", found nothing',
      'wrong.yaml:21:5: transports[3]: expected a map of settings with a type (udp, dtls, serial, xbee, module), found 5',
      'wrong.yaml:24:18: timing.retryInterval: expected a duration from 100ms to 10m, written like 10s, found "20m"',
      'wrong.yaml:25:15: timing.retryCount: expected a whole number from 0 to 20, found 1.5',
      'wrong.yaml:27:14: clients.qosMinus1: expected true or false, found "maybe"',
      'wrong.yaml:28:18: clients.emptyClientId: expected one of "reject", "generate", found "rejct" (did you mean "reject"?)',
      'wrong.yaml:29:10: logging: expected a map of settings (level, format, payloads), found "info" (did you mean "logging.level: info"?)',
      'wrong.yaml:30:1: retryInterval: unknown setting (did you mean "timing.retryInterval"?)',
      'topics/wrong.yaml:2:3: expected a topic id from 1 to 65534, found "0"',
      'topics/wrong.yaml:3:3: expected a topic id from 1 to 65534, found "65535"',
      'topics/wrong.yaml:4:6: a topic name must not contain the wildcards + or #',
      'topics/wrong.yaml:5:3: a topic name must not be empty',
      'topics/wrong.yaml:6:6: expected a topic name, found 7 (write it in quotes)',
      'topics/wrong.yaml:7:3: expected a topic id from 1 to 65534, found "four"',
      'topics/wrong.yaml:9:3: topic id 5 of every client is in line 8 already',
      'topics/wrong.yaml:10:10: expected a map of topic ids to names for client "meter-7", found "meters/7/power"',
      'topics/wrong.yaml:11:1: client "*" is in line 1 already',
    ]);
  });

  it('say what was meant where a word stands for a whole section', () => {
    const [sessions, upstream, gateway, ...rest] = linesOf({ file: 'words-for-sections.yaml' });
    expect(sessions).toMatch(/found "memory" \(did you mean "sessions.path: memory"\?\)$/);
    expect(upstream).toMatch(/\(did you mean "upstream.url: mqtt:\/\/me:\*\*\*@broker.example"\?\)$/);
    expect(gateway).toMatch(/found 5$/);
    expect(rest).toEqual([]);
  });

  it('say how a setting is called that had another name before', () => {
    expect(linesOf({ file: 'former-name.yaml' })).toEqual([
      'former-name.yaml:2:3: frames.tolerateLength255: unknown setting (it is called tolerateShortLength now)',
    ]);
  });

  it('include a pair of transports that cannot both exist, and a group that the host cannot send to', () => {
    expect(linesOf({ file: 'wrong-pairs.yaml' })).toEqual([
      'wrong-pairs.yaml:4:5: transports[1].port: transports[0] has this host and port already: 1884',
      'wrong-pairs.yaml:5:11: transports[1].name: transports[0] has this name already: "lan"',
      'wrong-pairs.yaml:9:14: transports[2].multicast.group: must be IPv4 as the host 0.0.0.0: multicasts are sent from the service port, found "ff02::1"',
      'wrong-pairs.yaml:10:19: predefinedTopics: cannot read missing.yaml: no such file',
    ]);
  });
});

describe('the settings in effect', () => {
  it('are shown with their origin, secrets masked', () => {
    const text = describeLoaded(load({ file: 'right.yaml', environment: { MQTTSN_UPSTREAM_CLIENT_ID_PREFIX: 'a-' } }));
    const lines = text.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    expect(lines[0]).toBe('right.yaml: no problems');
    expect(lines).toEqual(
      expect.arrayContaining([
        'gateway.id | 7 | file',
        'upstream.url | mqtts://broker.example:8884 | file',
        'upstream.password | *** | file',
        'upstream.clientIdPrefix | a- | environment',
        'upstream.ca | not set | default',
        'upstream.keepAlive | 90s | file',
        'transports[1].multicast.group | ff02::1 | file',
        'timing.retryInterval | 500ms | file',
        `pre-defined topic ids: 5 read from ${FIXTURES}topics/own-form.yaml`,
        ' | every client: 2',
        ' | meter-7: 2',
      ]),
    );
    expect(text).not.toContain('p@ss');
    expect(text).not.toContain('transports[0].multicast');
  });
});

describe('the pre-defined topics in effect', () => {
  const told = (file: string): string[] =>
    describeLoaded(load({ environment: { MQTTSN_PREDEFINED_TOPICS: `topics/${file}` } }))
      .trimEnd()
      .split('\n\n')
      .slice(2)
      .flatMap((part) => part.split('\n'));

  it('are counted, also where the file has none', () => {
    expect(told('empty.yaml')).toEqual([`pre-defined topic ids: 0 read from ${FIXTURES}topics/empty.yaml`]);
    expect(told('commas.conf')[0]).toMatch(/^pre-defined topic ids: 4 read from /);
  });

  it('are counted for twenty clients one by one', () => {
    const predefinedTopics = new Map(Array.from({ length: 23 }, (_, i) => [`c${i}`, new Map([[1, 'a']])]));
    const loaded = load({ environment: { MQTTSN_PREDEFINED_TOPICS: 'topics/empty.yaml' } });
    const lines = describeLoaded({ ...loaded, predefinedTopics })
      .trimEnd()
      .split('\n');
    expect(lines.slice(-22)).toEqual([
      `pre-defined topic ids: 23 read from ${FIXTURES}topics/empty.yaml`,
      ...Array.from({ length: 20 }, (_, i) => `  c${i}: 1`),
      '  and those of 3 more clients',
    ]);
  });
});

describe('the folder of the sessions', () => {
  const path = (options: Partial<LoadOptions>): string => load(options).settings.sessions.path;
  const STATE_DIRECTORY = '/var/lib/one:/var/lib/two';

  it('is the first one of STATE_DIRECTORY where no other is named', () => {
    const { settings, origins } = load({ environment: { STATE_DIRECTORY } });
    expect(settings.sessions.path).toBe('/var/lib/one');
    expect(origins.get('sessions.path')).toBe('environment');
    expect(path({ environment: { STATE_DIRECTORY: '' } })).toBe(`${FIXTURES}sessions`);
  });

  it('is the one that is named, by file or variable, before that of STATE_DIRECTORY', () => {
    expect(path({ file: 'right.yaml', environment: { STATE_DIRECTORY } })).toBe(`${FIXTURES}state/sessions`);
    expect(path({ environment: { STATE_DIRECTORY, MQTTSN_SESSIONS_PATH: 'memory' } })).toBe('memory');
    expect(path({ environment: { STATE_DIRECTORY, MQTTSN_SESSIONS_PATH: 'here' } })).toBe(`${FIXTURES}here`);
  });

  it('may have been another one before, where it is relative or that of STATE_DIRECTORY', () => {
    const others = (options: Partial<LoadOptions>): readonly string[] =>
      load({ startFolders: ['/opt/gateway'], ...options }).otherSessionFolders;
    expect(others({})).toEqual(['/opt/gateway/sessions']);
    expect(others({ environment: { STATE_DIRECTORY } })).toEqual([`${FIXTURES}sessions`, '/opt/gateway/sessions']);
    expect(others({ environment: { MQTTSN_SESSIONS_PATH: 'here' } })).toEqual(['/opt/gateway/here']);
    expect(others({ file: `${FIXTURES}right.yaml`, workingFolder: '/srv' })).toEqual([
      '/srv/state/sessions',
      '/opt/gateway/state/sessions',
    ]);
    expect(others({ environment: { MQTTSN_SESSIONS_PATH: '/srv/sessions' } })).toEqual([]);
    expect(others({ environment: { MQTTSN_SESSIONS_PATH: 'memory' } })).toEqual([]);
  });
});
