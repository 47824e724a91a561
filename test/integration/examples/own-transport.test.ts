import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { PacketRadio } from '../../support/packet-radio.ts';
import { programBench } from '../program/program-under-test.ts';
import { SceneClient } from '../transports/scene.ts';

const EXAMPLE = new URL('../../../examples/own-transport/', import.meta.url).pathname;
const program = programBench();

let broker: Mosquitto;
let radio: PacketRadio;

beforeEach(async () => {
  [broker, radio] = await Promise.all([Mosquitto.start(), PacketRadio.open()]);
});
afterEach(async () => {
  radio.close();
  await broker.dispose();
});

const settings = (port: number): string => `
upstream: { url: ${broker.url} }
sessions: { path: memory }
transports:
  - type: ${EXAMPLE}line-radio.js
    name: barn
    options: { host: 127.0.0.1, port: ${port} }
`;

describe("the example of a transport of one's own", () => {
  it('carries a client both ways, and comes back with its sessions after its medium was gone', async () => {
    const gateway = await program(['--config', 'gateway.yaml'], { files: { 'gateway.yaml': settings(radio.port) } });
    await gateway.line(/barn listens on line-radio\.js: packet radio at 127\.0\.0\.1:\d+, packets of 61 octets/);
    const peer = await MqttPeer.connect(broker.url);
    await peer.subscribe('barn/temperature');
    const node = new SceneClient({ clientId: 'node-7', transport: radio.node(7), retryInterval: 1_000 });
    await node.connect();
    await node.publish({ name: 'barn/temperature' }, '21', { qos: 1 });
    expect(await peer.messageOn('barn/temperature')).toMatchObject({ payload: '21' });
    await node.subscribe({ name: 'barn/light' }, 1);

    radio.cut();
    await gateway.line(/barn: line-radio\.js: the microcontroller has closed the connection; it is started again/);
    await peer.publish('barn/light', 'on', 1);
    await node.payload('on');
    await node.ping();
    expect(radio.lines.every((line) => /^TX (7|255) [0-9a-f]+$/.test(line))).toBe(true);
    await node.close();
    await peer.close();
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode()).toBe(0);
    const connected = gateway.lines.items.filter((line) => line.includes('client connected'));
    expect(connected).toHaveLength(1);
  });

  it('refuses options that are not right in its own words, and nothing else is harmed', async () => {
    const wrong = `${settings(radio.port).replace(/port: \d+ }/, 'port: "4403" }')}  - { type: udp, host: 127.0.0.1, port: 0 }\n`;
    const gateway = await program(['--config', 'gateway.yaml'], { files: { 'gateway.yaml': wrong } });
    await gateway.line(
      /barn: line-radio\.js: it cannot make a transport \(are the options right\?\): option port: expected a number from 1 to 65535, found "4403" \(line-radio\.js:\d+:\d+\)/,
    );
    await gateway.line(/MQTT-SN gateway ready: /);
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode()).toBe(0);
  });

  it('has a settings file that is right', async () => {
    const checked = await program(['check-config', `${EXAMPLE}gateway.yaml`]);
    expect(await checked.exitCode()).toBe(0);
    expect(checked.output).toMatch(/transports\[0\]\.module +\S*examples\/own-transport\/line-radio\.js +file/);
    expect(readFileSync(`${EXAMPLE}gateway.yaml`, 'utf8')).toContain('type: ./line-radio.js');
  });
});
