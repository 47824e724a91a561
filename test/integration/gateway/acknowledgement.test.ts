import { beforeEach, expect, it } from '@jest/globals';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { countSaid, describeIn, saidBy } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';

const bench = gatewayBench();

/** PINGREQ "sensor-1" */
const WAKE = '0A 16 73 65 6E 73 6F 72 2D 31';
/** SUBSCRIBE "tp" with QoS 2, and its SUBACK. */
const SUBSCRIBE = ['07 12 42 00 07 74 70', '08 13 40 00 00 00 07 00'] as const;

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker);
});

describeIn('transparent', 'a message is acknowledged to the broker in step with its client (3.3)', () => {
  /** A round trip of the same client through the broker: an answer of the gateway's own would have come before it. */
  const ROUND_TRIP = ['09 0C 22 75 70 00 05 6F 6E', '07 0D 75 70 00 05 00'] as const;

  it('with QoS 1: PUBACK', async () => {
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(...SUBSCRIBE);
    await peer.publish('tp', 'on', 1);
    await sensor.expect('09 0C 22 74 70 00 01 6F 6E');
    await sensor.exchange(...ROUND_TRIP);
    expect(broker.log).not.toContain('Received PUBACK from sensor-1');
    sensor.send('07 0D 74 70 00 01 00');
    await broker.logged(/Received PUBACK from sensor-1/);
  });

  it('with QoS 2: PUBREC, PUBCOMP', async () => {
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(...SUBSCRIBE);
    await peer.publish('tp', 'on', 2);
    await sensor.expect('09 0C 42 74 70 00 01 6F 6E');
    await sensor.exchange(...ROUND_TRIP);
    expect(broker.log).not.toContain('Received PUBREC from sensor-1');
    await sensor.exchange('04 0F 00 01', '04 10 00 01');
    expect(broker.log).toContain('Received PUBREC from sensor-1');
    expect(broker.log).not.toContain('Received PUBCOMP from sensor-1');
    sensor.send('04 0E 00 01');
    await broker.logged(/Received PUBCOMP from sensor-1/);
  });

  it('that sleeps: it stays with the broker (design 1.5)', async () => {
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(...SUBSCRIBE);
    await sensor.exchange('04 18 01 2C', '02 18');
    await peer.publish('tp', '1', 1);
    await sensor.exchange(...ROUND_TRIP);
    expect(broker.log).not.toContain('Received PUBACK from sensor-1');
    await sensor.exchange(WAKE, '08 0C 22 74 70 00 01 31');
    expect(broker.log).not.toContain('Received PUBACK from sensor-1');
    await sensor.exchange('07 0D 74 70 00 01 00', '02 17');
    await broker.logged(/Received PUBACK from sensor-1/);
  });
});

describeIn(
  'aggregating',
  'a message is acknowledged to the broker when no client needs it any more, or it is kept for those that do (3.3)',
  () => {
    it.each([
      ['a clean session, which has it in memory', true],
      ['a persistent session, which has it on the disk', false],
    ])('with QoS 1 also where a client does not answer, a moment later: %s', async (_, clean) => {
      const silent = await bench.client(gateway, 'silent', { clean });
      await silent.exchange(...SUBSCRIBE);
      await peer.publish('tp', 'on', 1);
      await silent.expect('09 0C 22 74 70 00 01 6F 6E');
      await broker.logged(saidBy('PUBACK', 'silent'));
      expect(gateway.notesOf('delivered')).toEqual([]);
      silent.send('07 0D 74 70 00 01 00');
      await gateway.waitForNote('delivered', { clientId: 'silent' });
    });

    it('with QoS 1 once for all clients', async () => {
      const names = ['one', 'two', 'three'];
      const clients = await Promise.all(names.map((clientId) => bench.client(gateway, clientId)));
      for (const client of clients) {
        await client.exchange(...SUBSCRIBE);
      }
      await peer.publish('tp', 'on', 1);
      for (const client of clients) {
        await client.expect('09 0C 22 74 70 00 01 6F 6E');
        client.send('07 0D 74 70 00 01 00');
      }
      for (const clientId of names) {
        await gateway.waitForNote('delivered', { clientId });
      }
      await broker.logged(saidBy('PUBACK', 'one'));
      const other = await bench.client(gateway, 'other');
      await other.exchange('09 0C 22 75 70 00 05 6F 6E', '07 0D 75 70 00 05 00');
      expect(countSaid(broker, 'PUBACK', 'one')).toBe(1);
    });

    it('with QoS 2 to a persistent session: the whole exchange, whether or not the client answers', async () => {
      const silent = await bench.client(gateway, 'silent', { clean: false });
      await silent.exchange(...SUBSCRIBE);
      await peer.publish('tp', 'on', 2);
      await silent.expect('09 0C 42 74 70 00 01 6F 6E');
      await broker.logged(saidBy('PUBCOMP', 'silent'));
      await silent.exchange('04 0F 00 01', '04 10 00 01');
      silent.send('04 0E 00 01');
      await gateway.waitForNote('delivered', { clientId: 'silent' });
    });

    it('to a sleeper: whatever its QoS and its session', async () => {
      const sensor = await bench.client(gateway, 'sensor-1');
      await sensor.exchange(...SUBSCRIBE);
      await sensor.exchange('04 18 01 2C', '02 18');
      await peer.publish('tp', '1', 1);
      await peer.publish('tp', '2', 2);
      await broker.logged(saidBy('PUBACK', 'sensor-1'));
      await broker.logged(saidBy('PUBCOMP', 'sensor-1'));
      await sensor.exchange(WAKE, '08 0C 22 74 70 00 01 31');
      await sensor.exchange('07 0D 74 70 00 01 00', '08 0C 42 74 70 00 02 32');
      await sensor.exchange('04 0F 00 02', '04 10 00 02');
      await sensor.exchange('04 0E 00 02', '02 17');
    });
  },
);
