import { beforeEach, expect, it } from '@jest/globals';
import { frame, hex16 } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, saidBy } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;
let sensor: RawSensor;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'will/#');
  sensor = await bench.sensor(gateway);
});

/** A keep-alive in seconds with which silence soon is a loss: one and a half times as much (K-4). */
const SHORT = 2;

/** CONNECT of sensor-1 with will "will/s1" "offline", QoS 1; the default keep-alive is an hour. */
async function connectedWithWill({ clean = true, retain = false, keepAlive = 3_600 } = {}): Promise<void> {
  await sensor.exchange(frame(`04 ${clean ? '0c' : '08'} 01 ${hex16(keepAlive)}`, 'sensor-1'), '02 06');
  await sensor.exchange(frame(`07 ${retain ? '30' : '20'}`, 'will/s1'), '02 08');
  await sensor.exchange(frame('09', 'offline'), '03 05 00');
}

/** Waits until the broker has seen the end of sensor-1 and the peer has got what that led to. */
async function ended(from = 0): Promise<void> {
  await bench.left(gateway, broker, 'sensor-1', from);
  await peer.settle();
}

const wills = (): string[] => peer.messages.map(({ topic, payload }) => `${topic} ${payload}`);

describeInEachMode('the will (6.3)', () => {
  it('of a client that falls silent is seen by other clients on both sides (K-3)', async () => {
    const watcher = await bench.client(gateway, 'watcher');
    await watcher.exchange(frame('12 20 0001', 'will/s1'), '08 13 20 00 01 00 01 00');
    await connectedWithWill({ retain: true, keepAlive: SHORT });
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'offline', qos: 1 });
    await watcher.expect(frame('0c 20 0001 0001', 'offline'));
    await gateway.waitForNote('client-lost', { clientId: 'sensor-1', will: true });
    const late = await bench.peer(broker, 'will/#');
    expect(await late.message(1)).toMatchObject({ topic: 'will/s1', payload: 'offline', retain: true });
    // what it sends now cannot be mapped to a client any more
    await sensor.exchange('02 16', '02 18');
  });

  it('is not published on DISCONNECT (X-1)', async () => {
    await connectedWithWill();
    await sensor.exchange('02 18', '02 18');
    await ended();
    expect(wills()).toEqual([]);
  });

  it('is not published because the client connects again (T-03, T-52)', async () => {
    await connectedWithWill();
    await sensor.exchange(frame('04 04 01 003c', 'sensor-1'), '03 05 00');
    await ended();
    expect(wills()).toEqual([]);
  });

  it('is not published when the gateway is stopped, which says DISCONNECT (X-7)', async () => {
    await connectedWithWill();
    await gateway.stop();
    await sensor.expect('02 18');
    await broker.logged(saidBy('DISCONNECT', 'sensor-1'));
    await peer.settle();
    expect(wills()).toEqual([]);
  });

  it('is not published for a client of which pings are heard, whatever else (K-2)', async () => {
    await connectedWithWill({ keepAlive: SHORT });
    const silence = await bench.sensor(gateway);
    await silence.exchange(frame(`04 0c 01 ${hex16(SHORT)}`, 'silent'), '02 06');
    await silence.exchange(frame('07 00', 'will/silent'), '02 08');
    await silence.exchange(frame('09', 'gone'), '03 05 00');
    const pings = setInterval(() => sensor.send('02 16'), 300);
    bench.cleanUp(() => clearInterval(pings));
    // Connected later, lost first.
    await peer.messageOn('will/silent');
    clearInterval(pings);
    expect(wills()).toEqual(['will/silent gone']);
  });

  it('is not put off by what the gateway sends (field notes 33)', async () => {
    await connectedWithWill({ keepAlive: SHORT });
    await sensor.exchange(frame('12 00 0001', 'cmd/led'), '08 13 00 00 01 00 01 00');
    const publishes = setInterval(() => void peer.publish('cmd/led', 'on'), 200);
    bench.cleanUp(() => clearInterval(publishes));
    await peer.messageOn('will/s1');
    clearInterval(publishes);
  });

  it('that is empty in the connect dialogue deletes the stored one, and connects at once (C-3, S-2)', async () => {
    await connectedWithWill({ clean: false });
    await sensor.exchange('02 18', '02 18');
    await sensor.exchange(frame('04 08 01 0001', 'sensor-1'), '02 06');
    const from = broker.log.length;
    await sensor.exchange('02 07', '03 05 00');
    await ended(from);
    expect(wills()).toEqual([]);
  });

  it('is kept in a persistent session and used at the next connect without prompting (S-1, S-3)', async () => {
    await connectedWithWill({ clean: false });
    await sensor.exchange('02 18', '02 18');
    await sensor.exchange(frame(`04 00 01 ${hex16(SHORT)}`, 'sensor-1'), '03 05 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'offline' });
  });
});

describeInEachMode('a will update (6.4)', () => {
  it('of topic and message is what is published at the next loss, and the old will is not (W-1, T-24)', async () => {
    await connectedWithWill({ keepAlive: SHORT });
    await sensor.exchange('0B 1A 20 77 69 6C 6C 2F 73 31 62', '03 1B 00'); // "will/s1b"
    await sensor.exchange('06 1C 67 6F 6E 65', '03 1D 00');
    expect(await peer.messageOn('will/s1b')).toMatchObject({ payload: 'gone', qos: 1 });
    await ended();
    expect(wills()).toEqual(['will/s1b gone']);
  });

  it('of the message alone keeps the topic (W-1)', async () => {
    await connectedWithWill({ keepAlive: SHORT });
    await sensor.exchange('06 1C 67 6F 6E 65', '03 1D 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'gone' });
    await ended();
    expect(wills()).toEqual(['will/s1 gone']);
  });

  it('that is empty leaves no will (W-3)', async () => {
    await connectedWithWill({ keepAlive: SHORT });
    await sensor.exchange('02 1A', '03 1B 00');
    await gateway.waitForNote('client-lost', { clientId: 'sensor-1' });
    await ended();
    expect(wills()).toEqual([]);
  });

  it('is not published on DISCONNECT (X-1)', async () => {
    await connectedWithWill();
    await sensor.exchange('06 1C 67 6F 6E 65', '03 1D 00');
    await sensor.exchange('02 18', '02 18');
    await ended();
    expect(wills()).toEqual([]);
  });
});
