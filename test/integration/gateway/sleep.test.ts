import { beforeEach, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, saidBy } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

/** PINGREQ "sensor-1" */
const WAKE = '0A 16 73 65 6E 73 6F 72 2D 31';

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;
let sensor: RawSensor;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'will/#');
});

/** A client that has subscribed "cmd/#" and the short topic "tp" with QoS 2 and sleeps for 300 s. */
async function sleeper(): Promise<void> {
  sensor = await bench.client(gateway, 'sensor-1');
  await sensor.exchange(frame('12 40 0001', 'cmd/#'), '08 13 40 00 00 00 01 00');
  await sensor.exchange('07 12 42 00 02 74 70', '08 13 40 00 00 00 02 00');
  await sensor.exchange('04 18 01 2C', '02 18');
}

/**
 * Waits until the gateway has what the broker had for the sleeper: a round trip of the sleeper's own, which SL-14 allows, is answered behind it.
 */
async function arrived(from: RawSensor = sensor): Promise<void> {
  await from.exchange('09 0C 22 75 70 00 70 6F 6E', '07 0D 75 70 00 70 00');
}

describeInEachMode('a sleeping client (6.14)', () => {
  it('hears nothing until it wakes, then all that waited, in order, then PINGRESP (SL-2, SL-5, SL-7)', async () => {
    await sleeper();
    await peer.publish('tp', '0', 0);
    await peer.publish('tp', '1', 1);
    await peer.publish('tp', '2', 2);
    await arrived();
    await sensor.expectNothingBefore();

    await sensor.exchange(WAKE, '08 0C 02 74 70 00 00 30');
    await sensor.expect('08 0C 22 74 70 00 01 31');
    await sensor.exchange('07 0D 74 70 00 01 00', '08 0C 42 74 70 00 02 32');
    await sensor.exchange('04 0F 00 02', '04 10 00 02');
    await sensor.exchange('04 0E 00 02', '02 17');
    // acknowledged messages are not repeated at the next awakening (field notes 6), and there is nothing else: SL-6
    await sensor.exchange(WAKE, '02 17');
    await broker.logged(saidBy('PUBACK', 'sensor-1'));
    await broker.logged(saidBy('PUBCOMP', 'sensor-1'));
  });

  it('gets REGISTER first while awake, and PINGRESP only after the message behind it (SL-7, T-28)', async () => {
    await sleeper();
    await peer.publish('cmd/led', 'on', 1);
    await arrived();
    await sensor.exchange(WAKE, frame('0a 0001 0001', 'cmd/led'));
    await sensor.exchange('07 0B 00 01 00 01 00', '09 0C 20 00 01 00 02 6F 6E');
    await sensor.exchange('07 0D 00 01 00 02 00', '02 17');
  });

  it('may sleep longer than its keep-alive (field notes 14)', async () => {
    const short = await bench.client(gateway, 'short', { duration: 2 });
    await short.exchange('04 18 01 2C', '02 18');
    const awake = await bench.client(gateway, 'awake', { duration: 2 });
    await gateway.waitForNote('client-lost', { clientId: 'awake' });
    await short.exchange(frame('16', 'short'), '02 17');
    await awake.exchange('02 16', '02 18');
  });

  it('wakes from a new address, where its messages then go (T-08)', async () => {
    await sleeper();
    await peer.publish('tp', '1', 1);
    await arrived();
    const elsewhere = await bench.sensor(gateway);
    await elsewhere.exchange(WAKE, '08 0C 22 74 70 00 01 31');
    await elsewhere.exchange('07 0D 74 70 00 01 00', '02 17');
    await gateway.waitForNote('client-moved', { clientId: 'sensor-1' });
    await sensor.exchange('02 16', '02 18');
  });

  it('becomes active with CONNECT and gets its messages then (SL-10)', async () => {
    await sleeper();
    await peer.publish('tp', '1', 1);
    await arrived();
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    await sensor.expect('08 0C 22 74 70 00 01 31');
    sensor.send('07 0D 74 70 00 01 00');
    await peer.publish('tp', '2', 1);
    await sensor.expect('08 0C 22 74 70 00 02 32');
  });

  it('gets the acknowledgement of DISCONNECT each time it asks (SL-12, T-31)', async () => {
    await sleeper();
    await sensor.exchange('04 18 01 2C', '02 18');
    await sensor.exchange('04 18 00 3C', '02 18');
    await sensor.exchange(WAKE, '02 17');
  });

  it('ends with DISCONNECT without Duration, and leaves no will (SL-11)', async () => {
    sensor = await bench.sensor(gateway);
    await sensor.exchange('0E 04 0C 01 00 3C 73 65 6E 73 6F 72 2D 31', '02 06');
    await sensor.exchange('0A 07 20 77 69 6C 6C 2F 73 31', '02 08');
    await sensor.exchange('09 09 6F 66 66 6C 69 6E 65', '03 05 00');
    await sensor.exchange('04 18 01 2C', '02 18');
    await sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await peer.settle();
    expect(peer.messages).toEqual([]);
    await sensor.exchange(WAKE, '02 18'); // T-09
  });

  it('is lost with its will when it oversleeps (SL-3)', async () => {
    sensor = await bench.sensor(gateway);
    await sensor.exchange('0E 04 0C 01 00 3C 73 65 6E 73 6F 72 2D 31', '02 06');
    await sensor.exchange('0A 07 20 77 69 6C 6C 2F 73 31', '02 08');
    await sensor.exchange('09 09 6F 66 66 6C 69 6E 65', '03 05 00');
    await sensor.exchange('04 18 00 01', '02 18');
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'offline' });
    await sensor.exchange(WAKE, '02 18');
  });
});

describeInEachMode('PINGREQ with a ClientId that nobody has (T-09)', () => {
  it('is answered with DISCONNECT, never with PINGRESP', async () => {
    sensor = await bench.sensor(gateway);
    await sensor.exchange(WAKE, '02 18');
  });
});
