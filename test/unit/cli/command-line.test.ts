import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { checkConfigCommand } from '../../../src/cli/check-config-command.ts';
import { runCommandLine } from '../../../src/cli/command-line.ts';
import { decodeCommand } from '../../../src/cli/decode-command.ts';
import { pubCommand } from '../../../src/cli/pub-command.ts';
import { runCommand } from '../../../src/cli/run-command.ts';
import { subCommand } from '../../../src/cli/sub-command.ts';
import { settingsJsonSchema } from '../../../src/config/describe-settings.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/config/', import.meta.url));

const boom = (name: string, error: Error) => ({
  command: name,
  describe: 'Fails',
  handler: () => {
    throw error;
  },
});
const portInUse = Object.assign(new Error('port 1884 is in use'), { code: 'EADDRINUSE' });

/** Runs a command line, and collects what it prints. */
async function run(...args: string[]) {
  let output = '';
  let errors = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  jest.spyOn(console, 'log').mockImplementation((text) => {
    output += `${text}\n`;
  });
  const exitCode = await runCommandLine(args, {
    version: '1.2.3',
    commands: [
      runCommand,
      checkConfigCommand,
      decodeCommand,
      pubCommand,
      subCommand,
      boom('busy', portInUse),
      boom('defect', new Error('invariant')),
      {
        command: 'list',
        describe: 'Takes a list',
        builder: { topic: { type: 'array', string: true, alias: 't' } },
        handler: (values: { topic?: unknown }) => {
          process.stdout.write(`${JSON.stringify(values.topic)}\n`);
        },
      },
    ],
    writeError: (text) => {
      errors += text;
    },
    columns: 100,
  });
  return { exitCode, output, errors };
}

afterEach(() => {
  jest.restoreAllMocks();
});

const OTHER_SETTINGS =
  'Settings that are no options: in the file of --config, or as MQTTSN_… variables (config/README.md)\n';
const HINT = 'Try: mqtt-sn-gateway --help\n';

describe('a wrong command line ends with exit code 2, what is wrong, and a hint:', () => {
  it.each([
    [['--brokr', 'x'], 'Unknown option: --brokr (did you mean --broker?)\n'],
    [['--gatewayid', '4'], 'Unknown option: --gatewayid (did you mean --gateway-id?)\n'],
    [['--udp-prot', '1885'], 'Unknown option: --udp-prot (did you mean --udp-port?)\n'],
    [
      ['--udp-prot=1885', 'check-confg'],
      'Unknown option: --udp-prot (did you mean --udp-port?)\nUnknown argument: check-confg (did you mean check-config?)\n',
    ],
    [['--sessions-path', 'memory'], `Unknown option: --sessions-path\n${OTHER_SETTINGS}`],
    [['-x'], `Unknown option: -x\n${OTHER_SETTINGS}`],
    [['chek-config'], 'Unknown argument: chek-config (did you mean check-config?)\n'],
    [['something-else'], 'Unknown argument: something-else\n'],
    [['gw.yaml'], 'Unknown argument: gw.yaml (did you mean --config gw.yaml?)\n'],
    [['publish', '-t', 'a', '-m', 'x'], 'Unknown argument: publish (did you mean pub?)\n'],
    [['subscribe', '-t', 'a'], 'Unknown argument: subscribe (did you mean sub?)\n'],
    [['check'], 'Unknown argument: check (did you mean check-config?)\n'],
    [['--port', '1885'], 'Unknown option: --port (did you mean --udp-port?)\n'],
    [['--host', 'broker'], 'Unknown option: --host (did you mean --broker?)\n'],
    [['--config'], 'Not enough arguments following: config\n'],
    [['-b', 'mqtt://a', '-b', 'mqtt://b'], '--broker is given 2 times\n'],
    [
      ['--log-level', 'loud'],
      'Invalid values:\n  Argument: log-level, Given: "loud", Choices: "error", "warn", "info", "debug", "trace"\n',
    ],
  ])('%j', async (args, message) => {
    expect(await run(...args)).toEqual({ exitCode: 2, output: '', errors: message + HINT });
  });

  it.each([
    [['check-config', 'a', 'b'], 'Unknown argument: b\n'],
    [['check-config', '--gateway-id', '1', '--gateway-id', '2'], '--gateway-id is given 2 times\n'],
    [['check-config', '-x'], `Unknown option: -x\n${OTHER_SETTINGS}`],
    [['pub', '-u', 'bob'], 'Unknown option: -u\n'],
    [['sub', '--mesage', 'x'], 'Unknown option: --mesage\n'],
    [['pub', '--payload', 'x'], 'Unknown option: --payload (did you mean --message?)\n'],
    [['pub', '--mesage', 'x'], 'Unknown option: --mesage (did you mean --message?)\n'],
    [
      ['decode'],
      'decode which packet? Give its octets in hexadecimal, such as: decode 02 16, or - to read packets from standard input\n',
    ],
  ])('%j, and the hint is the help of the command', async (args, message) => {
    const hint = `Try: mqtt-sn-gateway ${args[0]} --help\n`;
    expect(await run(...args)).toEqual({ exitCode: 2, output: '', errors: message + hint });
  });
});

describe('wrong settings', () => {
  it('of the command line name the option, without a stack trace', async () => {
    expect(await run('--broker', 'localhost:1883', '--udp-port', '99999', '--gateway-id', 'x')).toEqual({
      exitCode: 2,
      output: '',
      errors: [
        '--gateway-id: gateway.id: expected a whole number from 0 to 255, found "x"',
        '--broker: upstream.url: expected a broker URL (mqtt:, mqtts:, ws:, wss:) such as mqtt://localhost:1883, found "localhost:1883" (did you mean "mqtt://localhost:1883"?)',
        '--udp-port: transports[0].port: expected a whole number from 0 to 65535 (0 = any free port), found 99999',
        '',
      ].join('\n'),
    });
  });

  it('of a file that is missing are one line', async () => {
    const expected = { exitCode: 2, output: '', errors: 'missing.yaml: cannot be read: no such file\n' };
    expect(await run('--config', 'missing.yaml')).toEqual(expected);
    expect(await run('check-config', 'missing.yaml')).toEqual(expected);
  });
});

describe('failures of a command', () => {
  it('that come from the environment are one line, exit code 1', async () => {
    expect(await run('busy')).toEqual({ exitCode: 1, output: '', errors: 'mqtt-sn-gateway: port 1884 is in use\n' });
  });

  it('that are defects show where they happened', async () => {
    const { exitCode, errors } = await run('defect');
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/^mqtt-sn-gateway: Error: invariant\n +at /);
  });
});

describe('check-config', () => {
  it('prints the settings in effect with their origin', async () => {
    const { exitCode, output, errors } = await run(
      'check-config',
      `${FIXTURES}right.yaml`,
      '-b',
      'mqtt://me:secret@a.example',
      '-p',
      '1885',
    );
    const lines = output.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    expect({ exitCode, errors }).toEqual({ exitCode: undefined, errors: '' });
    expect(lines).toEqual(
      expect.arrayContaining([
        `${FIXTURES}right.yaml: no problems`,
        'gateway.id | 7 | file',
        'upstream.url | mqtt://a.example | command line',
        'upstream.username | me | command line',
        'upstream.password | *** | command line',
        'transports[0].port | 1885 | command line',
        'transports[1].port | 1884 | default',
      ]),
    );
    expect(output).not.toContain('secret');
  });

  it('prints the first twenty problems and the number of the others, exit code 2', async () => {
    const { exitCode, output, errors } = await run('check-config', '--config', `${FIXTURES}wrong.yaml`);
    expect({ exitCode, output, lines: errors.split('\n').length }).toEqual({ exitCode: 2, output: '', lines: 22 });
    expect(errors).toMatch(/\nand 12 more\n$/);
    expect(errors).toContain(
      `${FIXTURES}wrong.yaml:6:3: upstream.keepAlvie: unknown setting (did you mean "keepAlive"?)\n`,
    );
  });

  it('prints the JSON Schema', async () => {
    expect(await run('check-config', '--schema')).toEqual({
      exitCode: undefined,
      output: settingsJsonSchema(),
      errors: '',
    });
  });
});

describe('the command line', () => {
  it('explains itself', async () => {
    const { exitCode, output, errors } = await run('--help');
    expect({ exitCode, errors }).toEqual({ exitCode: undefined, errors: '' });
    expect(output).toMatch(/^Usage: mqtt-sn-gateway \[command\] \[options\]\n/);
    for (const text of [
      '-c, --config',
      '-b, --broker',
      '-p, --udp-port',
      '-T, --predefined-topics',
      '--gateway-id',
      '--log-level',
    ]) {
      expect(output).toContain(text);
    }
    expect(output).toContain('UDP port of the service (transports[].port)');
    expect(output).toContain('check-config [file]');
  });

  it('prints its version and a completion script', async () => {
    expect(await run('--version')).toEqual({ exitCode: undefined, output: '1.2.3\n', errors: '' });
    expect((await run('completion')).output).toContain('mqtt-sn-gateway_yargs_completions');
  });

  it('accepts an option twice where the command takes a list', async () => {
    expect(await run('list', '-t', 'a', '-t', 'b')).toEqual({ exitCode: undefined, output: '["a","b"]\n', errors: '' });
  });
});
