import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { programBench, REPOSITORY } from './program-under-test.ts';

const run = promisify(execFile);
const program = programBench();
const UNIT = join(REPOSITORY, 'config', 'systemd', 'mqtt-sn-gateway.service');

let folder: string;
let root: string;
let packed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'debian-'));
  root = join(folder, 'root');
  const { stdout } = await run(process.execPath, [join(REPOSITORY, '.ci', 'deb.mjs'), folder, '--fast']);
  packed = stdout.slice(0, stdout.indexOf(','));
  await run('dpkg-deb', ['-x', packed, root]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the Debian package', () => {
  it('is for all machines, needs a Node.js that is new enough, and keeps what was set over an upgrade', async () => {
    const field = async (name: string) => (await run('dpkg-deb', ['-f', packed, name])).stdout.trim();
    const { engines } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8'));
    expect(await field('Architecture')).toBe('all');
    expect(await field('Depends')).toContain(`nodejs (>= ${engines.node.slice(2)})`);
    const control = join(folder, 'control');
    await run('dpkg-deb', ['-e', packed, control]);
    expect(await readFile(join(control, 'conffiles'), 'utf8')).toBe(
      '/etc/mqtt-sn-gateway/gateway.yaml\n/etc/mqtt-sn-gateway/predefined-topics.yaml\n',
    );
    for (const script of ['postinst', 'prerm', 'postrm']) {
      expect((await stat(join(control, script))).mode & 0o777).toBe(0o755);
      await run('sh', ['-n', join(control, script)]);
    }
  });

  it('has settings that check-config likes, and they name a broker of the site', async () => {
    const settings = join(root, 'etc', 'mqtt-sn-gateway', 'gateway.yaml');
    const { stdout } = await run(join(root, 'usr', 'bin', 'mqtt-sn-gateway'), ['check-config', settings]);
    expect(stdout).toContain('no problems');
    const text = await readFile(settings, 'utf8');
    expect(text).toMatch(/^ {2}url: mqtt:\/\/localhost:1883/m);
    const named = [...text.matchAll(/\/usr\/\S+\.(?:md|json)\b/g)].map(([path]) => path);
    expect(text).not.toMatch(/(?<!\/)(?:docs\/|README)/); // where they are in a clone
    expect(named.length).toBeGreaterThanOrEqual(4);
    for (const path of named) {
      await stat(join(root, path)); // is in the package
    }
    // Documents link to it as in a clone.
    await stat(join(root, 'usr', 'share', 'doc', 'mqtt-sn-gateway', 'docs', '..', 'config', 'README.md'));
  });

  it('runs as the unit runs it: tells systemd that it is ready, lives and stops, and carries a message to the broker', async () => {
    const broker = await Mosquitto.start();
    const socket = join(folder, 'notify');
    const heard = join(folder, 'heard');
    const listener = spawn('socat', ['-u', `UNIX-RECV:${socket}`, `OPEN:${heard},creat,append`]);
    try {
      await eventually('socat listens', async () => (await stat(socket).catch(() => undefined)) !== undefined);
      const state = join(folder, 'state');
      await mkdir(state);
      const gateway = await program(['--config', join(root, 'etc', 'mqtt-sn-gateway', 'gateway.yaml')], {
        program: join(root, 'usr', 'bin', 'mqtt-sn-gateway'),
        environment: {
          ...{ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '60000000', STATE_DIRECTORY: state },
          ...{ MQTTSN_UPSTREAM_URL: broker.url, MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_TRANSPORTS_0_PORT: '0' },
        },
      });
      const sensor = await RawSensor.open({ port: await gateway.ready() });
      await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
      await sensor.exchange('0b 0c 22 61 62 00 01 68 65 6c 6c', '07 0d 61 62 00 01 00'); // QoS 1 on the short topic "ab"
      await sensor.close();
      // Datagrams stand one behind the other, without a new line between them.
      const told = async (what: string) => (await readFile(heard, 'utf8').catch(() => '')).includes(what);
      await eventually('READY', () => told('READY=1'));
      await eventually('WATCHDOG', () => told('WATCHDOG=1'));
      expect(await readFile(heard, 'utf8')).toMatch(/^STATUS=UDP 127\.0\.0\.1:\d+; broker mqtt:/m);
      gateway.kill('SIGTERM');
      expect(await gateway.exitCode()).toBe(0);
      await eventually('STOPPING', () => told('STOPPING=1'));
      expect((await stat(join(state, 'CURRENT'))).isFile()).toBe(true);
    } finally {
      listener.kill();
      await broker.dispose();
    }
  });
});

describe('the unit for systemd', () => {
  it('is one without a fault for systemd-analyze, and little is exposed', async () => {
    const unit = join(folder, 'mqtt-sn-gateway.service');
    const text = await readFile(UNIT, 'utf8');
    // The program is not installed here, but unpacked.
    await writeFile(unit, text.replace('/usr/bin/mqtt-sn-gateway', join(root, 'usr', 'bin', 'mqtt-sn-gateway')));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', unit]);
    expect(stdout + stderr).toBe('');
    await run('systemd-analyze', ['security', '--offline=true', '--threshold=25', UNIT]); // of 100; fails above
  });
});
