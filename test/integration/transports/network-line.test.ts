import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { SerialPeer } from '../../support/serial-peer.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { XBeeModule } from '../../support/xbee-module.ts';
import { SceneClient } from './scene.ts';

const bench = gatewayBench();
let broker: Mosquitto;

beforeEach(async () => {
  broker = await bench.broker();
});

/** Debian's ser2net, in front of a serial device. */
async function ser2net(device: string, port: number): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'ser2net-'));
  bench.cleanUp(() => rm(folder, { recursive: true }));
  const settings = `%YAML 1.1
---
connection: &line
  accepter: tcp,127.0.0.1,${port}
  enable: on
  options:
    kickolduser: true
  connector: serialdev,${device},115200n81,local
`;
  await writeFile(join(folder, 'ser2net.yaml'), settings);
  const program = new ServerProcess({
    name: 'ser2net',
    // it says nothing when it listens, and the gateway tries again by itself
    command: ['sh', '-c', 'echo started; exec "$@"', 'sh', 'ser2net', '-n', '-d', '-c', 'ser2net.yaml', '-P', 'pid'],
    ready: /started/,
    folder,
  });
  bench.cleanUp(() => program.stop('SIGTERM'));
  return program;
}

describe('a serial line behind ser2net', () => {
  it('is connected when it can be reached, goes on with its sessions when it was away, and tells that as of an unplugged port', async () => {
    const line = await SerialPeer.open({ framing: 'slip' });
    bench.cleanUp(() => line.close());
    const port = await freePort();
    const path = `tcp://127.0.0.1:${port}`;
    const server = await ser2net(line.path, port);
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [{ type: 'serial', path, framing: 'slip' }] },
    });
    expect(await gateway.waitForNote('transport-down')).toMatchObject({
      ...{ transport: 'serial', code: 'ECONNREFUSED' },
      reason: expect.stringContaining(`cannot connect to ${path}: nothing listens there`),
    });

    await server.start();
    const up = await gateway.waitForNote('transport-up');
    expect(up.address).toBe(`${path} at 115200 baud, 8N1, framing slip`);
    const peer = await bench.peer(broker);
    const sensor = new SceneClient({ clientId: 'sensor-1', transport: line.clientTransport(), retryInterval: 500 });
    bench.cleanUp(() => sensor.close());
    await sensor.connect();
    await sensor.subscribe({ name: 'cmd/led' }, 1);

    await server.stop('SIGTERM');
    expect(await gateway.waitForNote('transport-down', { code: 'ENODEV' })).toMatchObject({
      reason: expect.stringMatching(/ is gone: .*; it is connected again as soon as that is possible/),
    });
    await peer.publish('cmd/led', 'while it was away', 1);
    await broker.logged(/Sending PUBLISH to sensor-1/);
    await server.start();
    await sensor.payload('while it was away');
    await sensor.ping();
    expect(gateway.notesOf('client-connected')).toHaveLength(1);
    expect(gateway.notesOf('transport-down')).toHaveLength(2);
    expect(gateway.embedded.site.transports()).toMatchObject([{ address: path, state: 'up' }]);
    expect(line.violations).toEqual([]);
  });
});

describe('an XBee module behind ser2net', () => {
  it('is asked what it is, and carries the nodes of its network', async () => {
    const radio = await XBeeModule.open({ apiMode: 2, address64: '0013a20040000001' });
    bench.cleanUp(() => radio.close());
    const port = await freePort();
    await (await ser2net(radio.path, port)).start();
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [{ type: 'xbee', path: `tcp://127.0.0.1:${port}`, baudRate: 115_200 }] },
    });
    expect((await gateway.waitForNote('transport-up')).address).toMatch(
      /^tcp:\/\/127\.0\.0\.1:\d+ at 115200 baud, 8N1: Zigbee module 0013a20040000001 /,
    );
    const node = new SceneClient({ clientId: 'node-0', transport: radio.node(0).clientTransport() });
    bench.cleanUp(() => node.close());
    await node.connect();
    expect(gateway.notesOf('client-connected')).toHaveLength(1);
    expect(radio.violations).toEqual([]);
  });
});
