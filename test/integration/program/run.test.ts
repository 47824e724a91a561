import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { freePort } from '../../support/free-port.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { expectWellFormed } from '../../support/tshark.ts';
import { programBench, REPOSITORY } from './program-under-test.ts';

const program = programBench();
const sensors: RawSensor[] = [];
const peers: MqttPeer[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close().catch(() => undefined)));
});

afterAll(async () => {
  await Promise.all(sensors.map((sensor) => sensor.close()));
  await expectWellFormed(sensors.flatMap(({ received }) => received));
});

async function sensorAt(port: number): Promise<RawSensor> {
  const sensor = await RawSensor.open({ port });
  sensors.push(sensor);
  return sensor;
}

async function peerAt(port: number): Promise<MqttPeer> {
  const peer = await MqttPeer.connect(`mqtt://127.0.0.1:${port}`);
  peers.push(peer);
  return peer;
}

/** A message of a sensor reaches an MQTT client, and one of the client the sensor. */
async function exchangeBothWays(udpPort: number, brokerPort: number): Promise<void> {
  const peer = await peerAt(brokerPort);
  await peer.subscribe('up/#');
  const sensor = await sensorAt(udpPort);
  await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
  const registered = await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B .. .. 00 01 00');
  const id = Buffer.from(registered.subarray(2, 4)).toString('hex');
  await sensor.exchange(frame(`0c 20 ${id} 0002`, '21.5'), `07 0D ${id} 00 02 00`);
  expect(await peer.message(1)).toMatchObject({ topic: 'up/temp', payload: '21.5', qos: 1 });
  await sensor.exchange(frame('12 20 0003', 'cmd/led'), '08 13 20 .. .. 00 03 00');
  await peer.publish('cmd/led', 'on', 1);
  await sensor.expect('09 0C 20 .. .. .. .. 6F 6E');
}

describe('the program without any settings but ports', () => {
  it('runs with its embedded broker: messages go both ways', async () => {
    const [udpPort, brokerPort] = [await freePort(), await freePort()];
    const gateway = await program(['--udp-port', `${udpPort}`], {
      environment: { MQTTSN_BROKER_PORT: `${brokerPort}`, MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
    });
    expect(await gateway.ready()).toBe(udpPort);
    expect(gateway.output).toContain(`broker mqtt://127.0.0.1:${brokerPort} (embedded`);
    await exchangeBothWays(udpPort, brokerPort);
    await gateway.line(/client connected .*clientId=sensor-1 link=udp:127\.0\.0\.1:\d+/);
    expect(gateway.errors).toBe('');
  });
});

describe('the program with a file', () => {
  it('runs with its settings and its pre-defined topics', async () => {
    const brokerPort = await freePort();
    const gateway = await program(['-c', 'gateway.yaml'], {
      files: {
        'gateway.yaml': [
          'gateway:',
          '  id: 9',
          'broker:',
          `  port: ${brokerPort}`,
          'transports:',
          '  - type: udp',
          '    host: 127.0.0.1',
          '    port: 0',
          'predefinedTopics: topics.yaml',
        ].join('\n'),
        'topics.yaml': '"*":\n  10: up/boiler\n',
      },
    });
    const udpPort = await gateway.ready();
    await exchangeBothWays(udpPort, brokerPort);
    const peer = await peerAt(brokerPort);
    await peer.subscribe('up/boiler');
    const sensor = await sensorAt(udpPort);
    await sensor.exchange('03 01 00', '03 02 09');
    sensor.send('09 0C 61 00 0A 00 00 34 32');
    expect(await peer.message(1)).toMatchObject({ topic: 'up/boiler', payload: '42' });
  });

  it('runs with the annotated example of the repository as it is', async () => {
    const brokerPort = await freePort();
    const gateway = await program(
      ['--config', join(REPOSITORY, 'config', 'gateway.yaml'), '--udp-port', `${await freePort()}`],
      {
        environment: { MQTTSN_BROKER_PORT: `${brokerPort}`, MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
      },
    );
    await exchangeBothWays(await gateway.ready(), brokerPort);
    expect(await readFile(join(REPOSITORY, 'config', 'gateway.yaml'), 'utf8')).toContain('transports:');
  });
});
