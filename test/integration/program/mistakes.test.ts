import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { type ProgramOptions, programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** Runs to the end; exit code and the lines on standard error, none of which belongs to a stack trace. */
async function failure(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<{ code: number | null; lines: string[]; output: string }> {
  const run = await program(args, {
    ...options,
    environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', ...options.environment },
  });
  const code = await run.exitCode();
  expect(run.errors).not.toMatch(/^\s+at /m);
  expect(run.output).not.toMatch(/^\s+at /m);
  return { code, lines: run.errors.trimEnd().split('\n'), output: run.output };
}

describe('a port that is taken', () => {
  it('for UDP is told in one line', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => socket.close(() => resolve())));
    const { port } = socket.address();
    const { code, lines } = await failure(['-p', `${port}`, '-b', 'mqtt://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining(`${port}`)]);
    expect(lines[0]).toMatch(/taken|in use/i);
  });

  it('for UDP leaves no embedded broker running', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => socket.close(() => resolve())));
    const { code, lines } = await failure(['-p', `${socket.address().port}`], {
      environment: { MQTTSN_BROKER_PORT: `${await freePort()}` },
    });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
  });

  it('for the embedded broker is told in one line, which suggests to use the broker that has it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { code, lines } = await failure(['-p', '0'], { environment: { MQTTSN_BROKER_PORT: `${port}` } });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining(`--broker mqtt://localhost:${port}`)]);
  });
});

describe('settings that cannot be used', () => {
  it('are told in one line where there is no such file', async () => {
    const { code, lines } = await failure(['--config', 'nowhere.yaml']);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringContaining('nowhere.yaml')]);
  });

  it('are told in one line where the file is a folder', async () => {
    const { code, lines } = await failure(['--config', '.']);
    expect(code).toBe(2);
    expect(lines).toHaveLength(1);
  });

  it('are told in one line where the file is no YAML', async () => {
    const { code, lines } = await failure(['-c', 'gateway.yaml'], {
      files: { 'gateway.yaml': 'gateway: {id: 1\nupstream: [' },
    });
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/^gateway\.yaml:\d+:\d+: /);
  });

  it('are told in one line where the broker has a URL of an unknown kind', async () => {
    const { code, lines } = await failure(['--broker', 'http://localhost:1883']);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/--broker.*mqtt:/)]);
  });

  it('are all listed at once, each with its place and a suggestion, with exit code 2', async () => {
    const yaml = [
      'gateway:',
      '  id: 300',
      'upstream:',
      '  keepAlvie: 10s',
      'timing:',
      '  retryInterval: 10',
      'transports:',
      '  - type: udp',
      '    port: 99999',
      'predefinedTopics: topics.csv',
    ].join('\n');
    const { code, lines } = await failure(['-c', 'gateway.yaml', '-b', 'ftp://broker'], {
      files: {
        'gateway.yaml': yaml,
        'topics.csv': '*, sensors/boiler, 1\n*, sensors/+/temp, 2\n*, sensors/cellar, 70000\n',
      },
      environment: { MQTTSN_TRANSPORTS_0_HOST: '' },
    });
    expect(code).toBe(2);
    expect(lines.map((line) => line.replace(/: .*/, ''))).toEqual([
      expect.stringMatching(/^gateway\.yaml:2:\d+$/),
      expect.stringMatching(/^gateway\.yaml:4:\d+$/),
      expect.stringMatching(/^gateway\.yaml:6:\d+$/),
      expect.stringMatching(/^gateway\.yaml:9:\d+$/),
      expect.stringMatching(/^topics\.csv:2:\d+$/),
      expect.stringMatching(/^topics\.csv:3:\d+$/),
      '--broker',
    ]);
    expect(lines[1]).toContain('did you mean "keepAlive"?');
  });

  it('are listed by check-config in the same way', async () => {
    const { code, lines, output } = await failure(['check-config', 'gateway.yaml'], {
      files: { 'gateway.yaml': 'gatway:\n  id: 1\nhttp: yes\n' },
    });
    expect(code).toBe(2);
    expect(lines).toEqual([
      expect.stringMatching(/^gateway\.yaml:1:1: gatway: .*"gateway"/),
      expect.stringMatching(/^gateway\.yaml:3:\d+: http: /),
    ]);
    expect(output).toBe('');
  });

  it('are told where an environment variable is misspelt', async () => {
    const { code, lines } = await failure([], { environment: { MQTTSN_UPSTREAM_URI: 'mqtt://localhost' } });
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/^MQTTSN_UPSTREAM_URI: .*MQTTSN_UPSTREAM_URL/)]);
  });
});

describe('the command line', () => {
  it('that has an unknown option is told so, with a suggestion and exit code 2', async () => {
    const { code, lines } = await failure(['--brokr', 'mqtt://localhost']);
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/brokr.*--broker/);
  });

  it('that has an unknown command is told so, with a suggestion and exit code 2', async () => {
    const { code, lines } = await failure(['chek-config']);
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/chek-config.*check-config/);
  });
});
