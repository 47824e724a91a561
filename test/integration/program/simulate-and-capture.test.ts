import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeCommand } from '../../../src/cli/decode-command.ts';
import { pubCommand } from '../../../src/cli/pub-command.ts';
import { simulateCommand } from '../../../src/cli/simulate/simulate-command.ts';
import { freePort } from '../../support/free-port.ts';
import { RunningCommand, runCommand } from '../../support/run-command.ts';
import { programBench } from './program-under-test.ts';
import { QUIETLY, type ToolsBench, toolsBench } from './tools-bench.ts';

const program = programBench();

let bench: ToolsBench;
let address: readonly string[];

beforeAll(async () => {
  bench = await toolsBench();
  address = ['-p', String(bench.gateway.port())];
});

afterAll(async () => {
  await bench?.stop();
});

describe('simulate', () => {
  /** What a simulation says of itself. */
  async function simulated(...args: readonly string[]) {
    const { output, errors, exitCode } = await runCommand(simulateCommand, 'simulate', '--quiet', '--json', ...args);
    expect(errors).toBe('');
    return { ...(JSON.parse(output) as Record<string, unknown>), exitCode } as Readonly<Record<string, unknown>>;
  }

  it('says that nobody is left where the only sensors are none', async () => {
    const { output, errors, exitCode } = await runCommand(simulateCommand, 'simulate', ...address, '--publishers', '0');
    expect({ output, errors, exitCode }).toEqual({
      output: '',
      errors:
        'simulate: no sensor is left to simulate: add --publishers, --sleepers or --subscribers (mqtt-sn-gateway simulate --help)\n',
      exitCode: 2,
    });
  });

  it('has publishers, sleepers and subscribers say what they have, and ends well', async () => {
    const sensors = ['--publishers', '2', '--sleepers', '1', '--subscribers', '1', '--id-prefix', 's-'];
    const times = [
      '--messages',
      '2',
      '--interval',
      '50ms',

      '--sleep',
      '1s',
      '--duration',
      '10m',
    ];
    const summary = await simulated(...address, ...sensors, ...times, '-t', 'up/sim/%c');
    expect(summary).toMatchObject({
      exitCode: 0,
      sensors: 4,
      everConnected: 4,
      sent: 6,
      acknowledged: 6,
      problems: [],
    });
    expect(summary.commands).toMatchObject({ taken: expect.any(Number) });
    const { taken, delivered } = summary.commands as { taken: number; delivered: number };
    expect(delivered).toBeGreaterThanOrEqual(taken);
    expect(taken).toBeGreaterThan(0);
  });

  it('goes over DTLS with a key for each sensor, with bad radios', async () => {
    const dtls = [
      '-p',
      String(bench.gateway.port('dtls')),
      '--dtls',
      '--psk-identity',
      'sensor-%n',
      '--psk-file',
      join(bench.folder, 'keys.yaml'),
    ];
    const radio = [
      '--loss',
      '10%',
      '--duplicate',
      '10%',
      '--delay',
      '5ms',
      '--retry-interval',
      '0.2',
      '--retry-count',
      '20',
    ];
    const summary = await simulated(
      ...dtls,
      ...radio,
      '--publishers',
      '3',
      '--messages',
      '3',
      '--interval',
      '20ms',
      '--seed',
      '1',
    );
    expect(summary).toMatchObject({ exitCode: 0, everConnected: 3, sent: 9, acknowledged: 9 });
  });

  it('goes over a serial line, as nodes behind a forwarder', async () => {
    const line = ['--serial', bench.line, '--framing', 'slip', '--crc', 'ccitt'];
    const summary = await simulated(...line, '--publishers', '3', '--messages', '2', '--interval', '20ms');
    expect(summary).toMatchObject({ exitCode: 0, everConnected: 3, sent: 6, acknowledged: 6 });
  });

  it('ends at Ctrl-C, with its summary', async () => {
    const run = new RunningCommand(simulateCommand, [
      'simulate',
      ...address,
      '--publishers',
      '1',
      '--id-prefix',
      'c-',
      '--quiet',
    ]);
    await bench.gateway.waitForNote('client-disconnected', { clientId: 'c-1' }); // whether there is a gateway at all
    process.emit('SIGINT');
    const { output, exitCode } = await run.ended;
    expect(output).toMatch(/^Time .*\nSensors +1, [\s\S]*\nResult /);
    expect([0, 1]).toContain(exitCode);
  });

  it('says at once that nobody is there, and what is wrong with a profile', async () => {
    const nobody = await runCommand(simulateCommand, 'simulate', '-p', String(await freePort()));
    expect(nobody).toMatchObject({ output: '', exitCode: 1 });
    expect(nobody.errors).toMatch(/^simulate: no answer from .* is the gateway running\?\n$/);
    const file = join(bench.folder, 'profile.yaml');
    await writeFile(file, 'loss: much');
    const wrong = await runCommand(simulateCommand, 'simulate', file);
    expect(wrong).toEqual({
      output: '',
      errors: `${file}:1:7: loss: expected a part such as 5%, at most 100%, found "much"\n`,
      exitCode: 2,
    });
    const option = await runCommand(simulateCommand, 'simulate', '--loss', 'much');
    expect(option).toMatchObject({ exitCode: 2, errors: expect.stringMatching(/^simulate: --loss: expected a part/) });
  });
});

describe('the setting capture', () => {
  it('writes every frame of the gateway to a file that tshark and decode read', async () => {
    const file = join(bench.folder, 'frames.pcapng');
    const args = ['--broker', bench.broker.url, '--udp-port', '0'];
    const run = await program(args, { environment: { MQTTSN_CAPTURE_PATH: file, MQTTSN_SESSIONS_PATH: 'memory' } });
    const port = await run.ready();
    expect(
      await runCommand(pubCommand, 'pub', '-p', `${port}`, '-i', 'seen', '-t', 'up/seen', '-m', 'secret', '-q', '1'),
    ).toEqual(QUIETLY);
    run.kill('SIGTERM');
    expect(await run.exitCode()).toBe(0);
    expect(run.output).toContain(
      `every frame is written to ${file}; to read it: tshark -d udp.port==1884,mqttsn -r ${file}`,
    );
    const { output } = await runCommand(decodeCommand, 'decode', file);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => /(?: {2})([A-Z]+)\b[^>]*$/.exec(line)?.[1]);
    expect(lines).toEqual([
      'CONNECT',
      'CONNACK',
      'REGISTER',
      'REGACK',
      'PUBLISH',
      'PUBACK',
      'DISCONNECT',
      'DISCONNECT',
    ]);
    expect(output).not.toContain('secret');
    const { stdout } = await promisify(execFile)('tshark', [
      '-r',
      file,
      '-d',
      'udp.port==1884,mqttsn',
      '-T',
      'fields',
      '-e',
      '_ws.col.Protocol',
    ]);
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['MQTT-SN']));
  });
});
