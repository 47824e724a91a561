import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { RetainedTopics } from '../status/retained-topics.ts';
import { programBench } from './program-under-test.ts';

const program = programBench();

describe('the status of a gateway that is killed', () => {
  let broker: Mosquitto;
  let peer: MqttPeer;
  let folder: string;

  beforeEach(async () => {
    broker = await Mosquitto.start();
    peer = await MqttPeer.connect(broker.url);
    await peer.subscribe('#');
    folder = await mkdtemp(join(tmpdir(), 'status-'));
  });

  afterEach(async () => {
    await peer.close();
    await broker.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (sessions: string) => {
    const running = await program([], {
      environment: {
        MQTTSN_UPSTREAM_URL: broker.url,
        MQTTSN_SESSIONS_PATH: sessions,
        MQTTSN_HOME_ASSISTANT_ENABLED: 'true',
        MQTTSN_TRANSPORTS_0_TYPE: 'udp',
        MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1',
        MQTTSN_TRANSPORTS_0_PORT: '0',
      },
    });
    return { running, port: await running.ready() };
  };

  it('is offline by its will; what is left of clients that the next one does not know goes', async () => {
    const topics = new RetainedTopics(peer);
    const first = await start(join(folder, 'sessions'));
    const sensor = await RawSensor.open({ port: first.port });
    await sensor.exchange(connectFrame('left-over', false), '03 05 00');
    const client = 'mqtt-sn-gateway/1/clients/left-over/state';
    const device = 'homeassistant/device/mqtt-sn_mqtt-sn-gateway_2f1__left-over/config';
    await topics.has(client, { state: 'active' });
    await topics.says(device, () => true);
    first.running.kill('SIGKILL');
    await topics.says('mqtt-sn-gateway/1/state', (text) => text === 'offline');

    const second = await start(join(folder, 'sessions'));
    await topics.says('mqtt-sn-gateway/1/state', (text) => text === 'online');
    await topics.has(client, { clientId: 'left-over' });
    second.running.kill('SIGKILL');
    await topics.says('mqtt-sn-gateway/1/state', (text) => text === 'offline');
    expect(topics.all.has(device)).toBe(true);

    await start(join(folder, 'others'));
    await topics.says('mqtt-sn-gateway/1/state', (text) => text === 'online');
    await topics.gone(device);
    await topics.gone(client);
    await sensor.close();
  });
});
