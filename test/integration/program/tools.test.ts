import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pingCommand } from '../../../src/cli/ping-command.ts';
import { pubCommand } from '../../../src/cli/pub-command.ts';
import { searchCommand } from '../../../src/cli/search-command.ts';
import { subCommand } from '../../../src/cli/sub-command.ts';
import { freePort } from '../../support/free-port.ts';
import { RunningCommand, runCommand } from '../../support/run-command.ts';
import { QUIETLY, type ToolsBench, toolsBench } from './tools-bench.ts';

let bench: ToolsBench;
let address: readonly string[];

beforeAll(async () => {
  bench = await toolsBench();
  address = ['-p', String(bench.gateway.port())];
});

afterAll(async () => {
  await bench?.stop();
});

/** `sub` with these options, once it is subscribed to the filter. */
async function subscribed(filter: string, ...args: readonly string[]): Promise<RunningCommand> {
  const run = new RunningCommand(subCommand, ['sub', ...args]);
  await bench.gateway.waitForNote('subscribed', { filter });
  return run;
}

describe('pub and sub', () => {
  it('take gateway and topic as one, and print a message as -F says', async () => {
    const run = await subscribed(
      'down/1',
      '-L',
      `mqtt-sn://127.0.0.1:${bench.gateway.port()}/down/1`,
      '-C',
      '1',
      '-F',
      '%t|%x',
    );
    await bench.peer.publish('down/1', 'hi', 1);
    expect(await run.ended).toEqual({ ...QUIETLY, output: 'down/1|6869\n' });
  });

  it('publish to a pre-defined topic by -T, from a port of their own', async () => {
    const cport = await freePort();
    const args = [...address, '-T', '10', '-m', '42', '-q', '1', '-i', 'boiler', '--cport', String(cport)];
    expect(await runCommand(pubCommand, 'pub', ...args)).toEqual(QUIETLY);
    expect(await bench.peer.message(1)).toMatchObject({ topic: 'up/boiler', payload: '42' });
    const { link } = await bench.gateway.waitForNote('client-connected', { clientId: 'boiler' });
    expect(link).toBe(`udp:127.0.0.1:${cport}`);
  });

  it('are a node behind a forwarder', async () => {
    const args = [...address, '-t', 'up/node', '-m', '43', '-q', '1', '-i', 'node', '--fe', '--wlnid', '0x0102'];
    expect(await runCommand(pubCommand, 'pub', ...args)).toEqual(QUIETLY);
    expect(await bench.peer.message(2)).toMatchObject({ topic: 'up/node', payload: '43' });
    const { link } = await bench.gateway.waitForNote('client-connected', { clientId: 'node' });
    expect(link).toMatch(/^udp:127\.0\.0\.1:\d+\/0102$/);
  });

  it('speak over a serial line', async () => {
    const line = ['--serial', bench.line, '--framing', 'slip', '--crc', 'ccitt'];
    expect(await runCommand(pubCommand, 'pub', ...line, '-t', 'up/line', '-m', '44', '-q', '2')).toEqual(QUIETLY);
    expect(await bench.peer.message(3)).toMatchObject({ topic: 'up/line', payload: '44' });
    const run = await subscribed('down/2', ...line, '-t', 'down/2', '-C', '1');
    await bench.peer.publish('down/2', 'over the line', 1);
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
    const file = join(bench.folder, 'payload');
    await writeFile(file, 'from a file');
    expect(await runCommand(pubCommand, 'pub', ...address, '-t', 'up/file', '-q', '1', '-f', file)).toEqual(QUIETLY);
    expect(await bench.peer.message(4)).toMatchObject({ topic: 'up/file', payload: 'from a file' });
  });
});

describe('sub --sleep', () => {
  it('sleeps, fetches what the gateway has kept when it wakes up, and shows it in its order (6.14)', async () => {
    const args = ['-i', 'sleeper', '-t', 'down/3', '-q', '1', '--sleep', '1s', '--cycles', '1'];
    const run = new RunningCommand(subCommand, ['sub', ...address, ...args]);
    await bench.gateway.waitForNote('client-asleep', { clientId: 'sleeper' });
    await bench.peer.publish('down/3', 'first', 1);
    await bench.peer.publish('down/3', 'second', 1);
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
    await bench.gateway.waitForNote('client-disconnected', { clientId: 'sleeper' });
  });
});

describe('search', () => {
  it('lists the gateways that answer, and ends when there are enough', async () => {
    const where = `127.0.0.1:${bench.gateway.port()}`;
    const run = await runCommand(searchCommand, 'search', where, '-C', '1', '--wait', '60');
    expect(run).toEqual({
      ...QUIETLY,
      output: expect.stringMatching(/^gateway 1 {4}127\.0\.0\.1:\d+ +GWINFO after \d+ ms\n$/),
    });
    const json = await runCommand(searchCommand, 'search', where, '-C', '1', '--wait', '60', '--json');
    expect(JSON.parse(json.output)).toMatchObject({
      gwId: 1,
      address: '127.0.0.1',
      port: bench.gateway.port(),
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
