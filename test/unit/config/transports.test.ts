import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { settingsJsonSchema, settingsMarkdown } from '../../../src/config/describe-settings.ts';
import { describeLoaded } from '../../../src/config/effective-settings.ts';
import { type LoadOptions, loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';

const FOLDER = new URL('../../../fixtures/config/', import.meta.url).pathname;
const CONFIG = new URL('../../../config/', import.meta.url).pathname;

function load(options: Partial<LoadOptions> = {}): ReturnType<typeof loadSettings> {
  return loadSettings({ environment: {}, workingFolder: FOLDER, ...options });
}

function problemsOf(options: Partial<LoadOptions>): string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.split('\n');
    }
    throw error;
  }
  return [];
}

/** With a file `gateway.yaml` of this content in a folder of its own. */
function withFile<T>(text: string, use: (options: Pick<LoadOptions, 'file' | 'workingFolder'>) => T): T {
  const workingFolder = mkdtempSync(join(tmpdir(), 'transports-'));
  try {
    writeFileSync(join(workingFolder, 'gateway.yaml'), text);
    return use({ file: 'gateway.yaml', workingFolder });
  } finally {
    rmSync(workingFolder, { recursive: true });
  }
}

describe('transports of every kind', () => {
  it('have their own settings, with defaults, and paths of devices are left as they are', () => {
    expect(load({ file: 'right-transports.yaml' }).settings.transports).toEqual([
      {
        ...{ type: 'udp', host: '0.0.0.0', port: 1884, maxFrame: 1472, retryInterval: 5_000 },
        forwarders: ['192.168.1.20', '192.168.1.21:1884'],
      },
      {
        ...{
          type: 'serial',
          path: '/dev/serial/by-id/usb-Arduino-if00',
          baudRate: 115_200,
          dataBits: 8,
          parity: 'none',
          stopBits: 1,
          rtscts: false,
        },
        ...{ framing: 'length', crc: 'none', interFrameGap: 100, maxFrame: 1024, advertise: false },
      },
      {
        ...{
          type: 'serial',
          name: 'slow',
          path: '/dev/ttyAMA0',
          baudRate: 9_600,
          dataBits: 8,
          parity: 'even',
          stopBits: 1.5,
          rtscts: true,
        },
        ...{
          framing: 'slip',
          crc: 'ccitt',
          interFrameGap: 1_000,
          maxFrame: 128,
          retryInterval: 30_000,
          forwarders: [],
          advertise: true,
        },
      },
      {
        type: 'xbee',
        path: '/dev/ttyUSB1',
        baudRate: 38_400,
        rtscts: false,
        apiMode: 2,
        statusTimeout: 5_000,
        advertise: true,
      },
      {
        ...{
          type: 'xbee',
          name: 'mesh',
          path: 'COM3',
          baudRate: 38_400,
          rtscts: false,
          apiMode: 1,
          maxFrame: 60,
          statusTimeout: 500,
        },
        ...{ forwarders: ['0013a20040401122', '0013A20040401123'], advertise: false },
      },
    ]);
  });

  it('report every problem with its place, by the kind of the entry', () => {
    expect(problemsOf({ file: 'wrong-transports.yaml' })).toEqual([
      'wrong-transports.yaml:2:5: transports[0].path: expected a serial port such as /dev/ttyUSB0, or tcp://host:port, found nothing',
      'wrong-transports.yaml:3:15: transports[0].baudRate: expected a whole number from 50 to 4000000, found "9600" (write it without quotes)',
      'wrong-transports.yaml:4:15: transports[0].dataBits: must be 8: MQTT-SN frames are binary, found 7',
      'wrong-transports.yaml:5:15: transports[0].stopBits: expected 1, 1.5 or 2, found 3',
      'wrong-transports.yaml:6:13: transports[0].parity: expected one of "none", "even", "odd", "mark", "space", found "evn" (did you mean "even"?)',
      'wrong-transports.yaml:7:10: transports[0].crc: needs framing slip or cobs: with framing length there is nothing behind a frame, found "modbus"',
      'wrong-transports.yaml:8:5: transports[0].port: unknown setting (it belongs to type udp and dtls)',
      'wrong-transports.yaml:9:5: transports[0].apiMode: unknown setting (it belongs to type xbee)',
      'wrong-transports.yaml:10:5: transports[0].framming: unknown setting (did you mean "framing"?)',
      'wrong-transports.yaml:13:14: transports[1].apiMode: expected 1 or 2, found 3',
      'wrong-transports.yaml:14:15: transports[1].maxFrame: expected a whole number of octets from 16 to 65535, found 8',
      'wrong-transports.yaml:15:17: transports[1].forwarders: expected a list of addresses (64-bit addresses, 16 hexadecimal digits), found in it: 7 (write it in quotes)',
      'wrong-transports.yaml:16:5: transports[1].interFrameGap: unknown setting (it belongs to type serial)',
      'wrong-transports.yaml:18:11: transports[2].path: transports[1] has this port already: "/dev/ttyUSB0"',
      'wrong-transports.yaml:19:14: transports[2].framing: expected one of "length", "slip", "cobs", found "smile"',
      'wrong-transports.yaml:20:20: transports[2].interFrameGap: expected a duration from 1ms to 10s, written like 10s, found 20',
      'wrong-transports.yaml:21:17: transports[2].forwarders: expected a list of addresses (`line`, the one at the other end), found a map',
      'wrong-transports.yaml:22:11: transports[3].type: expected one of "udp", "dtls", "serial", "xbee", "module", or the path of a module such as "./my-radio.js", found "seriel" (did you mean "serial"?)',
    ]);
  });

  it('can be given by environment variables alone, lists with commas', () => {
    const environment = {
      MQTTSN_TRANSPORTS_0_TYPE: 'serial',
      MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0',
      MQTTSN_TRANSPORTS_0_BAUD_RATE: '57600',
      MQTTSN_TRANSPORTS_0_STOP_BITS: '2',
      MQTTSN_TRANSPORTS_0_FORWARDERS: 'line',
      MQTTSN_TRANSPORTS_1_TYPE: 'xbee',
      MQTTSN_TRANSPORTS_1_PATH: '/dev/ttyUSB1',
      MQTTSN_TRANSPORTS_1_FORWARDERS: '0013a20040401122, 0013a20040401123',
    };
    expect(load({ environment }).settings.transports).toMatchObject([
      { type: 'serial', path: '/dev/ttyUSB0', baudRate: 57_600, stopBits: 2, forwarders: ['line'] },
      { type: 'xbee', path: '/dev/ttyUSB1', forwarders: ['0013a20040401122', '0013a20040401123'] },
    ]);
  });

  it('say which variable is wrong, by the kind of the entry', () => {
    const environment = { MQTTSN_TRANSPORTS_0_TYPE: 'serial', MQTTSN_TRANSPORTS_0_PORT: '7' };
    expect(problemsOf({ environment })).toEqual([
      'MQTTSN_TRANSPORTS_0_TYPE: transports[0].path: expected a serial port such as /dev/ttyUSB0, or tcp://host:port, found nothing',
      'MQTTSN_TRANSPORTS_0_PORT: transports[0].port: unknown setting (it belongs to type udp and dtls)',
    ]);
  });

  it('say which variable made an entry that cannot be, where the setting itself was not written', () => {
    const serial = { MQTTSN_TRANSPORTS_0_TYPE: 'serial', MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0' };
    expect(problemsOf({ environment: { ...serial, MQTTSN_TRANSPORTS_0_MULTICAST_GROUP: '225.1.1.1' } })).toEqual([
      'MQTTSN_TRANSPORTS_0_MULTICAST_GROUP: transports[0].multicast: unknown setting (it belongs to type udp)',
    ]);
    expect(problemsOf({ environment: { MQTTSN_TRANSPORTS_1_NAME: 'second' } })).toEqual([
      'MQTTSN_TRANSPORTS_1_NAME: transports[1].port: transports[0] has this host and port already: 1884',
    ]);
    expect(problemsOf({ environment: { MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0' } })).toEqual([
      'MQTTSN_TRANSPORTS_0_PATH: transports[0].path: unknown setting (it belongs to type serial and xbee)',
    ]);
  });

  it('say the line of the file where file and variable give parts of what does not belong there', () => {
    const text =
      'transports:\n  - type: serial\n    path: /dev/ttyUSB0\n    multicast:\n      group: 225.1.1.1\n      ttl: 2\n';
    const environment = { MQTTSN_TRANSPORTS_0_MULTICAST_GROUP: '225.1.1.2' };
    expect(withFile(text, (options) => problemsOf({ ...options, environment }))).toEqual([
      'gateway.yaml:4:5: transports[0].multicast: unknown setting (it belongs to type udp)',
    ]);
  });

  it('are those of the example, with its comments taken away', () => {
    const example = readFileSync(`${CONFIG}gateway.yaml`, 'utf8');
    const text = example.replaceAll(/^ {2}# ((?:- type| {2}[a-zA-Z]+):.*)$/gm, '  $1');
    const environment = { MQTTSN_PREDEFINED_TOPICS: `${CONFIG}predefined-topics.yaml` };
    const { settings } = withFile(text, (options) => load({ ...options, environment }));
    expect(settings.transports).toMatchObject([
      { type: 'udp', port: 1884 },
      { type: 'serial', path: expect.stringMatching(/^\/dev\/serial\/by-id\//), baudRate: 115_200, framing: 'length' },
      { type: 'xbee', path: expect.stringMatching(/^\/dev\/serial\/by-id\//), baudRate: 38_400, apiMode: 2 },
    ]);
  });

  it('get a UDP transport with --udp-port where they have none', () => {
    const commandLine = [
      { path: ['transports', '*', 'port'], value: 1885, origin: 'command line' as const, source: '--udp-port' },
    ];
    const { settings } = load({ file: 'right-transports.yaml', commandLine });
    expect(settings.transports[0]).toMatchObject({ type: 'udp', port: 1885 });
    const serialOnly = { MQTTSN_TRANSPORTS_0_TYPE: 'serial', MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0' };
    expect(load({ environment: serialOnly, commandLine }).settings.transports).toMatchObject([
      { type: 'serial' },
      { type: 'udp', port: 1885 },
    ]);
  });

  it('are shown by check-config with the settings of their kind only', () => {
    const text = describeLoaded(load({ file: 'right-transports.yaml' })).replaceAll(/ +/g, ' ');
    expect(text).toContain('transports[0].forwarders 192.168.1.20, 192.168.1.21:1884 file\n');
    expect(text).toContain('transports[2].forwarders none file\n');
    expect(text).toContain('transports[3].maxFrame not set default\n');
    expect(text).toContain('transports[4].statusTimeout 500ms file\n');
    expect(text).not.toMatch(
      /transports\[0\]\.(path|baudRate)|transports\[1\]\.(host|apiMode)|transports\[3\]\.framing/,
    );
  });
});

describe('the host of a UDP transport', () => {
  const problems = (host: string) => problemsOf({ environment: { MQTTSN_TRANSPORTS_0_HOST: host } });

  it.each(['0.0.0.0', '::', 'fe80::1%eth0', 'localhost', 'gateway.example', 'pi-4', 'host1', '1and1.example'])(
    'may be %s',
    (host) => {
      expect(problems(host)).toEqual([]);
    },
  );

  it.each(['10.9.9.9.9', '256.1.1.1', '192.168.1', 'fe80::x', '::1:5:', '10.0.0.1:1884', '7'])(
    'may not be %s, which is neither an address nor a name',
    (host) => {
      expect(problems(host)).toEqual([
        `MQTTSN_TRANSPORTS_0_HOST: transports[0].host: expected a host name or an IP address, found "${host}"`,
      ]);
    },
  );
});

describe('the list of forwarders', () => {
  const NO_IP = 'expected a list of addresses (IP addresses, with a port or without), found in it: ';
  const NO_RADIO = 'expected a list of addresses (64-bit addresses, 16 hexadecimal digits), found in it: ';
  const forwarders = (environment: Record<string, string>) => load({ environment }).settings.transports[0]?.forwarders;
  const problem = (text: string, type = 'udp') => {
    const path: Record<string, string> = type === 'udp' ? {} : { MQTTSN_TRANSPORTS_0_PATH: '/dev/ttyUSB0' };
    const environment = { MQTTSN_TRANSPORTS_0_TYPE: type, ...path, MQTTSN_TRANSPORTS_0_FORWARDERS: text };
    return problemsOf({ environment }).map((line) =>
      line.replace('MQTTSN_TRANSPORTS_0_FORWARDERS: transports[0].forwarders: ', ''),
    );
  };

  it('has commas in a variable; a comma alone is the empty list, an empty variable none', () => {
    expect(forwarders({ MQTTSN_TRANSPORTS_0_FORWARDERS: ' 192.168.1.20 ,,192.168.1.21:1884' })).toEqual([
      '192.168.1.20',
      '192.168.1.21:1884',
    ]);
    expect(forwarders({ MQTTSN_TRANSPORTS_0_FORWARDERS: ',' })).toEqual([]);
    expect(forwarders({ MQTTSN_TRANSPORTS_0_FORWARDERS: '' })).toBeUndefined();
  });

  it.each([
    ['192.168.1.20', '192.168.1.20'],
    ['192.168.1.20:65535', '192.168.1.20:65535'],
    ['2001:DB8:0:0::7', '2001:db8::7'],
    ['[2001:DB8::7]', '2001:db8::7'],
    ['[2001:DB8::7]:4711', '[2001:db8::7]:4711'],
    ['fe80::A%eth0', 'fe80::a%eth0'],
    ['[FE80::a%eth0]:1', '[fe80::a%eth0]:1'],
  ])('has %s as the address of a link has it: %s', (written, used) => {
    expect(forwarders({ MQTTSN_TRANSPORTS_0_FORWARDERS: written })).toEqual([used]);
  });

  it.each([
    'bridge.example',
    'line',
    '0013a20040401122',
    '192.168.1',
    '192.168.1.20:0',
    '192.168.1.20:65536',
    '[192.168.1.20]:1',
    '[::1]:x',
    '[::1',
    '::1]:5',
  ])('of UDP has no %s', (text) => {
    expect(problem(text)).toEqual([`${NO_IP}"${text}"`]);
  });

  it.each([
    ['udp', 'udp-lan:192.168.1.20:4711', `${NO_IP}"udp-lan:192.168.1.20:4711" (did you mean "192.168.1.20:4711"?)`],
    ['udp', '192.168.1.20, bridge', `${NO_IP}"bridge"`],
    ['xbee', '0013A200 40401122', `${NO_RADIO}"0013A200 40401122" (did you mean "0013A20040401122"?)`],
    ['xbee', '0x0013a20040401122', `${NO_RADIO}"0x0013a20040401122" (did you mean "0013a20040401122"?)`],
    ['xbee', 'mesh:0013a20040401122', `${NO_RADIO}"mesh:0013a20040401122" (did you mean "0013a20040401122"?)`],
    ['xbee', '0013a2004040112', `${NO_RADIO}"0013a2004040112"`],
    ['xbee', '0013a2004040112g, 1,2,3,4,5,6', `${NO_RADIO}"0013a2004040112g", "1", "2", "3", "4", and 2 more`],
    [
      'serial',
      '/dev/ttyUSB0',
      'expected a list of addresses (`line`, the one at the other end), found in it: "/dev/ttyUSB0" (did you mean "line"?)',
    ],
  ])('of %s with %j names what is wrong in it', (type, text, expected) => {
    expect(problem(text, type)).toEqual([expected]);
  });

  it('asks for quotes where YAML reads an address as a number', () => {
    expect(problemsOf({ file: 'wrong-forwarders.yaml' })).toEqual([
      `wrong-forwarders.yaml:4:17: transports[0].forwarders: ${NO_RADIO}13200040401122 (write it in quotes)`,
      `wrong-forwarders.yaml:7:17: transports[1].forwarders: ${NO_RADIO.replace('in it: ', '')}13200040401122 (write it in quotes)`,
      'wrong-forwarders.yaml:9:5: transports[1].baud: unknown setting (did you mean "baudRate"?)',
    ]);
  });
});

describe('the documentation of the transports', () => {
  it('has a table for each kind', () => {
    const text = settingsMarkdown(new Map()).replaceAll(/ +/g, ' ');
    expect(text.match(/^### type: .*$/gm)).toEqual([
      '### type: udp',
      '### type: dtls',
      '### type: serial',
      '### type: xbee',
      '### type: module',
    ]);
    expect(text).toContain('| `transports[].stopBits` | 1, 1.5 or 2 | `1` | `MQTTSN_TRANSPORTS_<n>_STOP_BITS` |');
  });

  it('has a shape for each kind in the JSON Schema, with lists as they may be written', () => {
    const { items } = JSON.parse(settingsJsonSchema()).properties.transports;
    const shapes = items.oneOf.map((shape: { properties: { type: { const: string } }; required: string[] }) => [
      shape.properties.type.const,
      shape.required,
    ]);
    expect(shapes).toEqual([
      ['udp', ['type']],
      ['dtls', ['type']],
      ['serial', ['type', 'path']],
      ['xbee', ['type', 'path']],
      [undefined, ['type']],
    ]);
    expect(items.oneOf[4].properties.type.anyOf[0]).toEqual({ const: 'module' });
    expect('./my-radio.js').toMatch(new RegExp(items.oneOf[4].properties.type.anyOf[1].pattern));
    expect(items.oneOf[1].properties.forwarders.anyOf).toEqual([
      { type: 'array', items: { type: 'string' } },
      { type: 'string' },
    ]);
  });
});

describe('a serial line over the network', () => {
  const problems = (path: string) =>
    problemsOf({ environment: { MQTTSN_TRANSPORTS_0_TYPE: 'serial', MQTTSN_TRANSPORTS_0_PATH: path } });

  it.each(['tcp://192.168.1.20:3333', 'tcp://[2001:db8::7]:23', 'TCP://esp-link.local:23/', '/dev/ttyUSB0', 'COM3'])(
    'is named by a path such as %s, which is left as it is',
    (path) => {
      const environment = { MQTTSN_TRANSPORTS_0_TYPE: 'xbee', MQTTSN_TRANSPORTS_0_PATH: path };
      expect(load({ environment }).settings.transports).toMatchObject([{ type: 'xbee', path }]);
    },
  );

  it.each(['tcp://192.168.1.20', 'tcp://192.168.1.20:0', 'tcp://192.168.1.20:65536', 'tcp:3333', 'tcp://[1.2.3.4]:1'])(
    'needs a host and a port: %s has not both',
    (path) => {
      expect(problems(path)).toEqual([
        `MQTTSN_TRANSPORTS_0_PATH: transports[0].path: expected tcp://host:port such as tcp://192.168.1.20:3333, found "${path}"`,
      ]);
    },
  );

  it('is said to be without Telnet where a scheme of another program is written', () => {
    expect(problems('udp://192.168.1.20:3333')).toEqual([
      expect.stringContaining('found "udp://192.168.1.20:3333" (did you mean "tcp://192.168.1.20:3333"?)'),
    ]);
    expect(problems('socket://192.168.1.20:3333')).toEqual([
      'MQTTSN_TRANSPORTS_0_PATH: transports[0].path: expected a serial port such as /dev/ttyUSB0, or tcp://host:port, found "socket://192.168.1.20:3333" (did you mean "tcp://192.168.1.20:3333"?); octets are taken as they are, without Telnet or RFC 2217',
    ]);
  });
});

describe("a transport of one's own", () => {
  const MODULE = 'export const transportInterface = 1;';

  it('is named by the path of its module, relative to the file, with options that nobody looks at', () => {
    const text =
      'transports:\n  - type: ./my-radio.mjs\n    name: barn\n    options: { pins: { ce: 22 }, key: secret }\n';
    withFile(text, (options) => {
      writeFileSync(join(options.workingFolder, 'my-radio.mjs'), MODULE);
      const loaded = load({ ...options });
      expect(loaded.settings.transports).toEqual([
        {
          ...{ type: 'module', name: 'barn', module: join(options.workingFolder, 'my-radio.mjs'), advertise: true },
          options: { pins: { ce: 22 }, key: 'secret' },
        },
      ]);
      expect(describeLoaded(loaded)).toMatch(/transports\[0\]\.module +\S+my-radio\.mjs +file\n/);
      expect(describeLoaded(loaded)).not.toContain('secret');
    });
  });

  it('may be written as type module as well, and come from the environment, then relative to the working folder', () => {
    withFile('transports: [{ type: module, module: my-radio.mjs }]', (options) => {
      const module = join(options.workingFolder, 'my-radio.mjs');
      writeFileSync(module, MODULE);
      expect(load({ ...options }).settings.transports).toMatchObject([{ type: 'module', module, options: {} }]);
      const environment = { MQTTSN_TRANSPORTS_0_TYPE: './my-radio.mjs' };
      const { workingFolder } = options;
      expect(load({ environment, workingFolder }).settings.transports).toMatchObject([{ type: 'module', module }]);
    });
  });

  it('is a problem where there is no such file, at the place of its type', () => {
    withFile('transports:\n  - type: ./my-radio.mjs\n  - type: module\n', (options) => {
      expect(problemsOf({ ...options })).toEqual([
        'gateway.yaml:2:5: transports[0].module: cannot load the module ./my-radio.mjs: no such file',
        'gateway.yaml:3:5: transports[1].module: expected the path of a file, found nothing',
      ]);
    });
    expect(problemsOf({ environment: { MQTTSN_TRANSPORTS_0_TYPE: '/nowhere.js' } })).toEqual([
      'MQTTSN_TRANSPORTS_0_TYPE: transports[0].module: cannot load the module /nowhere.js: no such file',
    ]);
  });
});
