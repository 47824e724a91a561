import { beforeEach, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, isShared } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
});

/** A client with a persistent session that has subscribed "cmd/led" with QoS 1 under the id 1. */
async function subscriber(clientId = 'sensor-1'): Promise<RawSensor> {
  const sensor = await bench.client(gateway, clientId, { clean: false });
  await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
  return sensor;
}

/** Proves that the broker has nothing for a client: the echo of its own publish is the next that it gets. */
async function expectNothingOfTheBroker(sensor: RawSensor): Promise<void> {
  await sensor.exchange('07 12 02 0F FF 65 65', '08 13 00 00 00 0F FF 00');
  await sensor.exchange('07 0C 02 65 65 00 00', '07 0C 02 65 65 00 00');
}

describeInEachMode('what the operator does to clients', () => {
  it('a client that is sent away finds its session again, and what has come for it', async () => {
    const sensor = await subscriber();
    expect(await gateway.embedded.operator.disconnect('sensor-1')).toBe(true);
    await sensor.expect('02 18');
    expect(await gateway.embedded.operator.disconnect('sensor-1')).toBe(false);
    await bench.left(gateway, broker, 'sensor-1');
    const peer = await bench.peer(broker);
    await peer.publish('cmd/led', '1', 1);
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    const register = await sensor.expect('0D 0A .. .. .. .. 63 6D 64 2F 6C 65 64');
    sensor.send(Uint8Array.of(7, 0x0b, ...register.subarray(2, 6), 0));
    const publish = await sensor.expect('08 0C 20 00 01 .. .. 31');
    sensor.send(Uint8Array.of(7, 0x0d, ...publish.subarray(3, 7), 0));
    await expectNothingOfTheBroker(sensor);
  });

  it('a session that is forgotten is gone, at the broker too', async () => {
    const sensor = await subscriber();
    expect(await gateway.embedded.operator.forget('sensor-1')).toBe(true);
    await sensor.expect('02 18');
    expect(gateway.embedded.session('sensor-1')).toBeUndefined();
    expect(gateway.sessionCount).toBe(0);
    if (!isShared()) {
      await gateway.waitForNote('broker-session-ended', { clientId: 'sensor-1' });
    }
    const peer = await bench.peer(broker);
    await peer.publish('cmd/led', '1', 1);
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    if (!isShared()) {
      expect(
        gateway
          .notesOf('upstream-up')
          .filter(({ clientId }) => clientId === 'sensor-1')
          .at(-1),
      ).toMatchObject({
        sessionPresent: false,
      });
    }
    await expectNothingOfTheBroker(sensor);
    expect(await gateway.embedded.operator.forget('nobody')).toBe(false);
  });

  it('a session of a client that is gone is forgotten when the broker is back', async () => {
    const sensor = await subscriber();
    await sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await broker.stop();
    await gateway.waitForNote('gateway-reachable', { reachable: false });
    expect(await gateway.embedded.operator.forget('sensor-1')).toBe(true);
    await broker.start();
    if (isShared()) {
      await eventually('the shared connection stands again', () => gateway.timesConnected('sensor-1') > 1);
    } else {
      await gateway.waitForNote('broker-session-ended', { clientId: 'sensor-1' });
    }
    const peer = await bench.peer(broker);
    await peer.publish('cmd/led', '1', 1);
    await eventually('the client is let in', async () => {
      sensor.send(connectFrame('sensor-1', false));
      return (await sensor.next())[2] === 0;
    });
    await expectNothingOfTheBroker(sensor);
  });
});

describeInEachMode('what the operator publishes', () => {
  it('is at the broker, with its QoS, when it is done', async () => {
    const peer = await bench.peer(broker, 'from/operator');
    const { operator } = gateway.embedded;
    for (const qos of [0, 1, 2] as const) {
      const payload = new TextEncoder().encode(`qos ${qos}`);
      await operator.publish({ topic: 'from/operator', payload, qos, retain: qos === 1 });
      expect(await peer.message(qos + 1)).toMatchObject({ topic: 'from/operator', payload: `qos ${qos}`, qos });
    }
    const late = await bench.peer(broker, 'from/#');
    expect(await late.message(1)).toMatchObject({ payload: 'qos 1', retain: true });
    await expect(operator.publish({ topic: 'a/+', payload: new Uint8Array(), qos: 0, retain: false })).rejects.toThrow(
      'wildcards',
    );
  });

  it('reaches a client that has subscribed', async () => {
    const sensor = await subscriber();
    const payload = new TextEncoder().encode('1');
    await gateway.embedded.operator.publish({ topic: 'cmd/led', clientId: 'sensor-1', payload, qos: 1, retain: false });
    await sensor.expect('08 0C 20 00 01 .. .. 31');
  });

  it('is told to be impossible where the broker is away', async () => {
    await broker.stop();
    await gateway.waitForNote('gateway-reachable', { reachable: false });
    const message = { topic: 'a', payload: new Uint8Array(), qos: 1, retain: false } as const;
    await expect(gateway.embedded.operator.publish(message)).rejects.toThrow('the broker cannot be reached');
  });
});

describeInEachMode('what can be shown of the gateway', () => {
  it('is the broker, the transports with their traffic, what was counted and how long it took', async (): Promise<void> => {
    const { site } = gateway.embedded;
    await eventually('the broker is there', () => site.broker().state === 'reachable');
    expect(site.broker()).toMatchObject({ url: broker.url, embedded: false, reason: undefined });
    expect(site.broker().mode).toBe(isShared() ? 'aggregating' : 'transparent');
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 00');
    await sensor.exchange('08 0C 22 74 70 00 03 31', '07 0D 74 70 00 03 00');
    const [udp] = site.transports();
    expect(udp).toMatchObject({ name: 'udp', type: 'udp', state: 'up', reason: undefined, problems: 0 });
    expect(udp?.address).toBe(`127.0.0.1:${gateway.port()}`);
    const octetsOf = (direction: 'sent' | 'received'): number =>
      sensor.log.reduce((sum, entry) => sum + (entry.direction === direction ? entry.frame.length : 0), 0);
    expect(udp?.traffic).toEqual({
      framesReceived: 4,
      octetsReceived: octetsOf('sent'),
      framesSent: 4,
      octetsSent: octetsOf('received'),
    });
    expect(site.counts()).toMatchObject({ 'client-connected': 1, 'client-published.qos1': 2 });
    const { counts, sum } = site.publishLatency()['1'];
    expect(counts.reduce((all, count) => all + count, 0)).toBe(2);
    expect(sum).toBeGreaterThan(0);
    expect([...site.shortTopics()]).toEqual([{ topicName: 'tp', usedBy: 'sensor-1', usedAt: expect.any(Number) }]);
    expect(gateway.embedded.session('sensor-1')).toMatchObject({ lastTopic: 'tp', lastOctets: 1 });
    expect(site.queues()).toEqual({ messages: 0, octets: 0 });
    expect(site.waitingQos0()).toBe(0);
    // Its own, and that of the client or that which they share.
    await eventually('two connections stand', () => site.connections() === 2);
    expect(site.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('says why the broker is not there', async () => {
    const { site } = gateway.embedded;
    await eventually('the broker is there', () => site.broker().state === 'reachable');
    const { since } = site.broker();
    await broker.stop();
    await eventually('the broker is away', () => site.broker().state === 'unreachable');
    expect(site.connections()).toBe(0);
    await eventually('an attempt has told why', () => /refused/i.test(site.broker().reason ?? ''));
    expect(site.broker().since).toBeGreaterThanOrEqual(since);
    await broker.start();
    await eventually('the broker is back', () => site.broker().state === 'reachable');
  });
});
