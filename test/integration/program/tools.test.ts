import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeCommand } from '../../../src/cli/decode-command.ts';
import { pingCommand } from '../../../src/cli/ping-command.ts';
import { pubCommand } from '../../../src/cli/pub-command.ts';
import { searchCommand } from '../../../src/cli/search-command.ts';
import { simulateCommand } from '../../../src/cli/simulate/simulate-command.ts';
import { subCommand } from '../../../src/cli/sub-command.ts';
import { freePort } from '../../support/free-port.ts';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { PseudoTerminal } from '../../support/pseudo-terminal.ts';
import { RunningCommand, runCommand } from '../../support/run-command.ts';
import { programBench } from './program-under-test.ts';

const program = programBench();

let broker: Mosquitto;
let peer: MqttPeer;
let gateway: GatewayUnderTest;
let folder: string;
/** A line without hardware: the gateway has one end of it, the tools the other. */
let lines: readonly [PseudoTerminal, PseudoTerminal];
let address: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-'));
  broker = await Mosquitto.start();
  peer = await MqttPeer.connect(broker.url);
  await peer.subscribe('up/#');
  lines = [await PseudoTerminal.open(), await PseudoTerminal.open()];
  const [near, far] = lines;
  near.onOctets((octets) => far.write(octets));
  far.onOctets((octets) => near.write(octets));
  await writeFile(join(folder, 'keys.yaml'), [1, 2, 3].map((n) => `sensor-${n}: ${'0f'.repeat(15)}0${n}\n`).join(''), {
    mode: 0o600,
  });
  gateway = await GatewayUnderTest.start(broker.url, {
    predefined: { '*': { 10: 'up/boiler' } },
    settings: {
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 0, forwarders: ['127.0.0.1'] },
        { type: 'serial', path: near.path, framing: 'slip', crc: 'ccitt', forwarders: ['line'] },
        { type: 'dtls', host: '127.0.0.1', port: 0, keys: join(folder, 'keys.yaml') },
      ],
    },
  });
  await gateway.waitForNote('transport-up', { transport: 'serial' });
  address = ['-p', String(gateway.port())];
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all(lines?.map((line) => line.close()) ?? []);
  await peer?.close();
  await broker?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const QUIETLY = { output: '', errors: '', exitCode: 0 };

/** `sub` with these options, once it is subscribed to the filter. */
async function subscribed(filter: string, ...args: readonly string[]): Promise<RunningCommand> {
  const run = new RunningCommand(subCommand, ['sub', ...args]);
  await gateway.waitForNote('subscribed', { filter });
  return run;
}

describe('pub and sub', () => {
  it('take gateway and topic as one, and print a message as -F says', async () => {
    const run = await subscribed(
      'down/1',
      '-L',
      `mqtt-sn://127.0.0.1:${gateway.port()}/down/1`,
      '-C',
      '1',
      '-F',
      '%t|%x',
    );
    await peer.publish('down/1', 'hi', 1);
    expect(await run.ended).toEqual({ ...QUIETLY, output: 'down/1|6869\n' });
  });

  it('publish to a pre-defined topic by -T, from a port of their own', async () => {
    const cport = await freePort();
    const args = [...address, '-T', '10', '-m', '42', '-q', '1', '-i', 'boiler', '--cport', String(cport)];
    expect(await runCommand(pubCommand, 'pub', ...args)).toEqual(QUIETLY);
    expect(await peer.message(1)).toMatchObject({ topic: 'up/boiler', payload: '42' });
    const { link } = await gateway.waitForNote('client-connected', { clientId: 'boiler' });
    expect(link).toBe(`udp:127.0.0.1:${cport}`);
  });

  it('are a node behind a forwarder', async () => {
    const args = [...address, '-t', 'up/node', '-m', '43', '-q', '1', '-i', 'node', '--fe', '--wlnid', '0x0102'];
    expect(await runCommand(pubCommand, 'pub', ...args)).toEqual(QUIETLY);
    expect(await peer.message(2)).toMatchObject({ topic: 'up/node', payload: '43' });
    const { link } = await gateway.waitForNote('client-connected', { clientId: 'node' });
    expect(link).toMatch(/^udp:127\.0\.0\.1:\d+\/0102$/);
  });

  it('speak over a serial line', async () => {
    const line = ['--serial', lines[1].path, '--framing', 'slip', '--crc', 'ccitt'];
    expect(await runCommand(pubCommand, 'pub', ...line, '-t', 'up/line', '-m', '44', '-q', '2')).toEqual(QUIETLY);
    expect(await peer.message(3)).toMatchObject({ topic: 'up/line', payload: '44' });
    const run = await subscribed('down/2', ...line, '-t', 'down/2', '-C', '1');
    await peer.publish('down/2', 'over the line', 1);
    expect(await run.ended).toEqual({ ...QUIETLY, output: 'over the line\n' });
  });

  it.each([
    [['-f', '/nope'], 2, 'pub: --file: cannot read /nope: no such file (mqtt-sn-gateway pub --help)\n'],
    [['-m', 'x', '--quiet', '--serial', '/dev/nope'], 1, ''],
    [
      ['-m', 'x', '--serial', '/dev/nope'],
      1,
      'pub: cannot open /dev/nope: there is no such device ("mqtt-sn-gateway ports" lists what is)\n',
    ],
    [
      ['-m', 'x', '-n'],
      2,
      'pub: say once what to publish: --message, --file, --stdin-file, --stdin-line or --null-message (mqtt-sn-gateway pub --help)\n',
    ],
  ])('say in one line what is wrong: %j', async (args, exitCode, errors) => {
    expect(await runCommand(pubCommand, 'pub', '-t', 'up/x', ...args)).toEqual({ output: '', exitCode, errors });
  });

  it('publish a file', async () => {
    const file = join(folder, 'payload');
    await writeFile(file, 'from a file');
    expect(await runCommand(pubCommand, 'pub', ...address, '-t', 'up/file', '-q', '1', '-f', file)).toEqual(QUIETLY);
    expect(await peer.message(4)).toMatchObject({ topic: 'up/file', payload: 'from a file' });
  });
});

describe('sub --sleep', () => {
  it('sleeps, fetches what the gateway has kept when it wakes up, and shows it in its order (6.14)', async () => {
    const args = ['-i', 'sleeper', '-t', 'down/3', '-q', '1', '--sleep', '1s', '--cycles', '1'];
    const run = new RunningCommand(subCommand, ['sub', ...address, ...args]);
    await gateway.waitForNote('client-asleep', { clientId: 'sleeper' });
    await peer.publish('down/3', 'first', 1);
    await peer.publish('down/3', 'second', 1);
    const { output, errors, exitCode } = await run.ended;
    expect({ output, exitCode }).toEqual({ output: 'first\nsecond\n', exitCode: 0 });
    const lines = errors.split('\n').map((line) => line.replaceAll(/\d+ ms/g, 'N ms').replaceAll(/Id=\d+/g, 'Id=N'));
    const publish = 'sub: awake 1, N ms: < PUBLISH qos=1 topicIdType=normal topicId=N msgId=N';
    expect(lines).toEqual([
      'sub: asleep for 1 s',
      'sub: awake 1, N ms: > PINGREQ clientId="sleeper"',
      `${publish} 5 octets`,
      'sub: awake 1, N ms: > PUBACK topicId=N msgId=N accepted',
      `${publish} 6 octets`,
      'sub: awake 1, N ms: > PUBACK topicId=N msgId=N accepted',
      'sub: awake 1, N ms: < PINGRESP',
      'sub: awake 1: 2 messages, PINGRESP after N ms',
      '',
    ]);
    await gateway.waitForNote('client-disconnected', { clientId: 'sleeper' });
  });
});

describe('search', () => {
  it('lists the gateways that answer, and ends when there are enough', async () => {
    const where = `127.0.0.1:${gateway.port()}`;
    const run = await runCommand(searchCommand, 'search', where, '-C', '1', '--wait', '60');
    expect(run).toEqual({
      ...QUIETLY,
      output: expect.stringMatching(/^gateway 1 {4}127\.0\.0\.1:\d+ +GWINFO after \d+ ms\n$/),
    });
    const json = await runCommand(searchCommand, 'search', where, '-C', '1', '--wait', '60', '--json');
    expect(JSON.parse(json.output)).toMatchObject({
      gwId: 1,
      address: '127.0.0.1',
      port: gateway.port(),
      by: 'GWINFO',
    });
  });

  it('says what was asked where none answers, with exit code 1', async () => {
    const port = await freePort();
    const run = await runCommand(searchCommand, 'search', `127.0.0.1:${port}`, '--wait', '0.1');
    expect(run).toMatchObject({ output: '', exitCode: 1 });
    expect(run.errors).toMatch(
      new RegExp(`^search: no gateway answered within 0.1 s \\(asked: 127.0.0.1:${port}\\).*\n$`),
    );
  });
});

describe('ping', () => {
  it('tells how long CONNECT, PINGREQ and DISCONNECT took', async () => {
    const run = await runCommand(pingCommand, 'ping', ...address, '--count', '2', '--interval', '0');
    const times = run.output.replaceAll(/ +\d+\.\d/g, ' N').replaceAll(/\/\d+\.\d/g, '/N');
    expect({ ...run, output: times }).toEqual({
      ...QUIETLY,
      output: 'CONNECT N ms\nPINGREQ 1 N ms\nPINGREQ 2 N ms\nDISCONNECT N ms\n2 PINGREQ: min/avg/max N/N/N ms\n',
    });
  });

  it('says that nobody is there, with exit code 1', async () => {
    const run = await runCommand(pingCommand, 'ping', '-p', String(await freePort()));
    expect(run).toMatchObject({ output: '', exitCode: 1 });
    expect(run.errors).toMatch(
      /^ping: no answer from 127\.0\.0\.1:\d+ \(connection refused\): is the gateway running\?\n$/,
    );
  });
});

describe('simulate', () => {
  /** What a simulation says of itself. */
  async function simulated(...args: readonly string[]) {
    const { output, errors, exitCode } = await runCommand(simulateCommand, 'simulate', '--quiet', '--json', ...args);
    expect(errors).toBe('');
    return { ...(JSON.parse(output) as Record<string, unknown>), exitCode } as Readonly<Record<string, unknown>>;
  }

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
      String(gateway.port('dtls')),
      '--dtls',
      '--psk-identity',
      'sensor-%n',
      '--psk-file',
      join(folder, 'keys.yaml'),
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
    const line = ['--serial', lines[1].path, '--framing', 'slip', '--crc', 'ccitt'];
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
    await gateway.waitForNote('client-disconnected', { clientId: 'c-1' }); // whether there is a gateway at all
    process.emit('SIGINT');
    const { output, exitCode } = await run.ended;
    expect(output).toMatch(/^Time .*\nSensors +1, [\s\S]*\nResult /);
    expect([0, 1]).toContain(exitCode);
  });

  it('says at once that nobody is there, and what is wrong with a profile', async () => {
    const nobody = await runCommand(simulateCommand, 'simulate', '-p', String(await freePort()));
    expect(nobody).toMatchObject({ output: '', exitCode: 1 });
    expect(nobody.errors).toMatch(/^simulate: no answer from .* is the gateway running\?\n$/);
    const file = join(folder, 'profile.yaml');
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
    const file = join(folder, 'frames.pcapng');
    const args = ['--broker', broker.url, '--udp-port', '0'];
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
