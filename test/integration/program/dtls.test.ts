import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { ProgramUnderTest } from './program-under-test.ts';

let folder: string;
let broker: Mosquitto;
let peer: MqttPeer;
let gateway: ProgramUnderTest;
let port: string;
const programs: ProgramUnderTest[] = [];

/** The program, in the folder that has `psk.yaml`. */
function run(...args: string[]): ProgramUnderTest {
  const program = new ProgramUnderTest(folder, args);
  programs.push(program);
  return program;
}

/** The program, until its end: its exit code, and what it said. */
async function done(...args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const program = run(...args);
  const code = await program.exitCode();
  return { code, output: program.output, errors: program.errors };
}

/** Options of `pub` and `sub` for a client with its identity. */
const as = (identity: string): string[] => [
  ...['--dtls', '-p', port, '--psk-identity', identity, '--psk-file', 'psk.yaml'],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtls-'));
  broker = await Mosquitto.start();
  for (const identity of ['sensor-1', 'sensor 2']) {
    expect(await done('psk', 'add', identity)).toMatchObject({ code: 0, errors: '' });
  }
  const transports = '[{ type: udp, host: 127.0.0.1, port: 0 }, { type: dtls, host: 127.0.0.1, port: 0 }]';
  await writeFile(
    join(folder, 'gateway.yaml'),
    `transports: ${transports}\nupstream: { url: "${broker.url}" }\nsessions: { path: memory }\n`,
  );
  gateway = run('-c', 'gateway.yaml');
  [, port = ''] = await gateway.line(/MQTT-SN gateway ready: .*DTLS [^;]*?:(\d+)[,;]/);
  peer = await MqttPeer.connect(broker.url);
  await peer.subscribe('#');
});

afterAll(async () => {
  await Promise.all(programs.map((program) => program.dispose()));
  await peer.close();
  await broker.dispose();
  await rm(folder, { recursive: true });
});

describe('pub --dtls', () => {
  it.each(['0', '1', '2'])('publishes with QoS %s, with the key that psk add has made', async (qos) => {
    const ended = await done('pub', ...as('sensor 2'), '-t', `qos/${qos}`, '-m', '21.5', '-q', qos);
    expect(ended).toEqual({ code: 0, output: '', errors: '' });
    expect(await peer.messageOn(`qos/${qos}`)).toMatchObject({ payload: '21.5', qos: Number(qos) });
  });

  it('publishes with QoS −1, without connecting', async () => {
    expect(await done('pub', ...as('sensor 2'), '-t', 'tp', '-m', '43', '-q', '-1')).toMatchObject({ code: 0 });
    expect(await peer.messageOn('tp')).toMatchObject({ payload: '43', qos: 0 });
  });

  it('takes a file that has the key alone', async () => {
    const [key = ''] = /[0-9a-f]{32}/.exec(await readFile(join(folder, 'psk.yaml'), 'utf8')) ?? [];
    await writeFile(join(folder, 'key'), `${key}\n`);
    const line = ['--dtls', '-p', port, '--psk-identity', 'sensor-1', '--psk-file', 'key', '-t', 'alone', '-m', 'x'];
    expect(await done('pub', ...line, '-q', '1')).toMatchObject({ code: 0, errors: '' });
    expect((await peer.messageOn('alone')).payload).toBe('x');
  });

  it('says in one line whose key is not in the file, with exit code 2', async () => {
    expect(await done('pub', ...as('nobody'), '-t', 'a', '-m', 'x')).toEqual({
      ...{ code: 2, output: '' },
      errors: expect.stringMatching(/^pub: --psk-file: no key of nobody is in psk\.yaml.*\n$/),
    });
  });
});

describe('psk', () => {
  it('lists the identities, and says in one line what is wrong', async () => {
    expect(await done('psk', 'list')).toEqual({
      ...{ code: 0, errors: '' },
      output: 'sensor-1  16 octets\nsensor 2  16 octets\n',
    });
    expect(await done('psk', 'remove', 'nobody')).toEqual({
      ...{ code: 1, output: '' },
      errors: 'mqtt-sn-gateway: psk.yaml has no key of nobody\n',
    });
  });

  it('remove ends the associations of the identity in a gateway that reads its settings again; the others go on', async () => {
    const removed = run('sub', ...as('sensor-1'), '-i', 'removed', '-t', 'to/#', '-q', '1');
    const stays = run('sub', ...as('sensor 2'), '-i', 'stays', '-t', 'to/#', '-q', '1', '-C', '1');
    await broker.logged(/Received SUBSCRIBE from removed/);
    await broker.logged(/Received SUBSCRIBE from stays/);
    expect(await done('psk', 'remove', 'sensor-1')).toMatchObject({ code: 0 });
    gateway.kill('SIGHUP');
    await gateway.line(/ info {2}DTLS association over: .* identity=sensor-1/);
    await gateway.line(/settings read again \(SIGHUP\): 1 change in effect/);
    await peer.publish('to/all', 'hello', 1);
    expect(await stays.exitCode()).toBe(0);
    expect(stays.output).toBe('hello\n');
    expect(removed.output).toBe('');
  });
});
