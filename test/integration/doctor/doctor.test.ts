import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkDisk } from '../../../src/app/doctor/check-disk.ts';
import { checkDevices, checkMachine } from '../../../src/app/doctor/check-machine.ts';
import { checkBroker, checkPorts } from '../../../src/app/doctor/check-network.ts';
import { upstreamSettings } from '../../../src/app/gateway.ts';
import { findingsText } from '../../../src/cli/doctor-command.ts';
import { completeSettings, settingsSchema } from '../../../src/config/schema.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';

const parseSettings = (written: unknown) => completeSettings(settingsSchema.parse(written));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const results = (findings: readonly { what: string; result: string }[]) =>
  Object.fromEntries(findings.map(({ what, result }) => [what, result]));

describe('doctor: the machine', () => {
  const machine = { nodeVersion: '22.1.0', platform: 'linux arm64', now: Date.UTC(2026, 10, 29), userId: 1000 };

  it('is all right', () => {
    expect(results(checkMachine(machine))).toEqual({ 'Node.js': 'ok', user: 'ok', clock: 'ok' });
  });

  it.each([
    ['a clock that stands at the beginning of time', { now: 0 }, 'clock'],
    ['root', { userId: 0 }, 'user'],
  ])('has %s: worth a look, with what to do', (_what, change, name) => {
    const finding = checkMachine({ ...machine, ...change }).find(({ what }) => what === name);
    expect([finding?.result, finding?.advice]).toEqual(['warn', expect.stringContaining(' ')]);
  });
});

describe('doctor: serial ports', () => {
  it('that are not there are waited for; over TCP there is none', async () => {
    const { transports } = parseSettings({
      transports: [
        { type: 'serial', path: '/dev/ttyNOPE7' },
        { type: 'serial', path: 'tcp://127.0.0.1:4000' },
      ],
    });
    expect(results(await checkDevices(transports))).toEqual({ 'port /dev/ttyNOPE7': 'warn' });
  });

  it('that this user may not use fail, and the group is named', async () => {
    const path = join(folder, 'port');
    await writeFile(path, '');
    const { transports } = parseSettings({ transports: [{ type: 'serial', path }] });
    expect(results(await checkDevices(transports))).toEqual({ [`port ${path}`]: 'ok' });
    const [finding] = await checkDevices(transports, async () => false);
    expect([finding?.result, finding?.advice]).toEqual(['fail', expect.stringContaining('dialout')]);
  });
});

describe('doctor: the disk', () => {
  it('is measured, and nothing is left behind', async () => {
    const path = join(folder, 'made', 'sessions');
    const [speed, space] = await checkDisk(path);
    expect([speed?.result, speed?.found]).toEqual([
      expect.stringMatching(/ok|warn/),
      expect.stringMatching(/^written and flushed in [\d.]+ ms/),
    ]);
    expect(space?.found).toMatch(/MiB free$/);
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });

  it('that cannot be written fails; sessions in memory are worth a look', async () => {
    expect((await checkDisk('/proc/nope')).map(({ result }) => result)).toEqual(['fail']);
    expect((await checkDisk('memory')).map(({ result }) => result)).toEqual(['warn']);
  });
});

describe('doctor: ports', () => {
  it('that are free, in use, or of no address here', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    const server = createServer().listen(0, '127.0.0.1');
    await Promise.all([once(socket, 'listening'), once(server, 'listening')]);
    const used = socket.address().port;
    const page = (server.address() as { port: number }).port;
    const free = await freePort();
    const findings = await checkPorts(
      parseSettings({
        transports: [
          { type: 'udp', host: '127.0.0.1', port: used },
          { type: 'udp', host: '192.0.2.1', port: free },
        ],
        http: { port: page },
        broker: { port: free },
      }),
    );
    socket.close();
    server.close();
    expect(results(findings)).toEqual({
      [`UDP port ${used}`]: 'warn',
      [`UDP port ${free}`]: 'warn',
      [`status page, TCP port ${page}`]: 'warn',
      [`embedded broker, TCP port ${free}`]: 'ok',
      firewall: 'ok',
    });
  });
});

describe('doctor: the broker', () => {
  const check = (url: string, more = {}) =>
    checkBroker(upstreamSettings(parseSettings({ upstream: { url, ...more } }), url, ''));

  it('lets the gateway in, or refuses it, or is not there: what to do stands there, and no password', async () => {
    const [open, closed] = await Promise.all([Mosquitto.start(), Mosquitto.start({ users: { anna: 'another' } })]);
    try {
      expect(await check(open.url)).toMatchObject({ result: 'ok' });
      const refused = await check(closed.url, { username: 'anna', password: 'hush-hush' });
      expect([refused.result, refused.advice]).toEqual(['fail', expect.stringContaining('upstream.username')]);
      const url = `mqtt://anna:hush-hush@127.0.0.1:${await freePort()}`;
      const missing = await check(url);
      expect([missing.result, missing.found]).toEqual(['fail', expect.stringContaining('is the broker running')]);
      expect(findingsText([refused, missing])).not.toContain('hush-hush');
    } finally {
      await Promise.all([open.dispose(), closed.dispose()]);
    }
  });
});
