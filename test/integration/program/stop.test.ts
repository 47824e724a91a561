import { afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

async function mosquitto(): Promise<Mosquitto> {
  const broker = await Mosquitto.start();
  ends.push(() => broker.dispose());
  return broker;
}

async function gatewayAt(brokerUrl: string): Promise<{ gateway: ProgramUnderTest; sensor: RawSensor }> {
  const gateway = await program(['--broker', brokerUrl, '--udp-port', '0'], {
    environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
  });
  const sensor = await RawSensor.open({ port: await gateway.ready() });
  ends.push(() => sensor.close());
  return { gateway, sensor };
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('says DISCONNECT to clients and to the broker, leaves no will, and ends with 0 (X-7)', async () => {
    const broker = await mosquitto();
    const peer = await MqttPeer.connect(broker.url);
    ends.push(() => peer.close());
    await peer.subscribe('will/#');
    const { gateway, sensor } = await gatewayAt(broker.url);
    await sensor.exchange(frame('04 0c 01 003c', 'sensor-1'), '02 06');
    await sensor.exchange(frame('07 20', 'will/s1'), '02 08');
    await sensor.exchange(frame('09', 'gone'), '03 05 00');

    gateway.kill(signal);
    await sensor.expect('02 18');
    expect(await gateway.exitCode()).toBe(0);
    await broker.logged(/Received DISCONNECT from sensor-1/);
    await peer.settle();
    expect(peer.messages).toEqual([]);
    expect(gateway.errors).toBe('');
    expect(gateway.output).toContain(`${signal}: stopping`);
    expect(gateway.lines.items.at(-1)).toContain('stopped');
  });

  it('ends the program with 0 also where the broker cannot be reached', async () => {
    const { gateway, sensor } = await gatewayAt(`mqtt://127.0.0.1:${await freePort()}`);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 01');
    gateway.kill(signal);
    expect(await gateway.exitCode()).toBe(0);
    expect(gateway.errors).toBe('');
  });
});

describe('a broker', () => {
  it('that does not answer any more does not keep the program from ending with 0', async () => {
    const broker = await mosquitto();
    const { gateway, sensor } = await gatewayAt(broker.url);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    broker.freeze();
    ends.push(async () => broker.resume());
    gateway.kill('SIGTERM');
    await sensor.expect('02 18');
    expect(await gateway.exitCode()).toBe(0);
  });
});

describe('a second signal', () => {
  it('ends the program at once', async () => {
    const broker = await mosquitto();
    const { gateway, sensor } = await gatewayAt(broker.url);
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    broker.freeze();
    ends.push(async () => broker.resume());
    gateway.kill('SIGTERM');
    await gateway.line(/stopping/);
    await eventually('the end', () => {
      gateway.kill('SIGTERM');
      return !gateway.running;
    });
    expect(await gateway.ended).toEqual({ code: null, signal: 'SIGTERM' }); // a regular end would be code 0
  });
});

describe('the embedded broker', () => {
  it('ends with the program, whose port is free again', async () => {
    const port = await freePort();
    const environment = { MQTTSN_BROKER_PORT: `${port}`, MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' };
    const first = await program(['-p', '0'], { environment });
    const sensor = await RawSensor.open({ port: await first.ready() });
    ends.push(() => sensor.close());
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    first.kill('SIGTERM');
    await sensor.expect('02 18');
    expect(await first.exitCode()).toBe(0);
    const second = await program(['-p', '0'], { environment });
    await second.ready();
  });
});
