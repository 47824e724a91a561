import { beforeEach, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { brokerIdOf, describeIn, describeInEachMode } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'up/#', 'will/#');
});

/** A client that has subscribed "cmd/led" with QoS 1 under the id 1. */
async function subscriber(clean: boolean): Promise<RawSensor> {
  const sensor = await bench.client(gateway, 'sensor-1', { clean });
  await sensor.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
  return sensor;
}

/** Waits for REGISTER of "cmd/led" and accepts it. */
async function acceptRegister(sensor: RawSensor): Promise<void> {
  const register = await sensor.expect('0D 0A .. .. .. .. 63 6D 64 2F 6C 65 64');
  sensor.send(Uint8Array.of(7, 0x0b, ...register.subarray(2, 6), 0));
}

/** Proves that the broker has nothing for a client: the echo of its own publish is the next that it gets. */
async function expectNothingOfTheBroker(sensor: RawSensor): Promise<void> {
  await sensor.exchange('07 12 02 0F FF 65 65', '08 13 00 00 00 0F FF 00');
  await sensor.exchange('07 0C 02 65 65 00 00', '07 0C 02 65 65 00 00');
}

describeInEachMode('a persistent session (6.3)', () => {
  it('gets the messages that came while the client was away, each after REGISTER (S-1, R-5, R-11)', async () => {
    const sensor = await subscriber(false);
    await sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await peer.publish('cmd/led', '1', 1);
    await peer.publish('cmd/led', '2', 1);
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    await acceptRegister(sensor);
    for (const digit of ['31', '32']) {
      const publish = await sensor.expect(`08 0C 20 00 01 .. .. ${digit}`);
      sensor.send(Uint8Array.of(7, 0x0d, ...publish.subarray(3, 7), 0)); // PUBACK
    }
    await expectNothingOfTheBroker(sensor);
  });

  it('lets the client go on publishing with its ids (T-15)', async () => {
    const sensor = await bench.client(gateway, 'sensor-1', { clean: false });
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange('02 18', '02 18');
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'up/temp', payload: '1' });
  });

  it('ends with a CONNECT that asks for a clean one (S-4)', async () => {
    const sensor = await subscriber(false);
    await sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await peer.publish('cmd/led', '1', 1);
    await sensor.exchange(connectFrame('sensor-1', true), '03 05 00');
    await sensor.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 02');
    await peer.publish('cmd/led', '2', 1);
    await expectNothingOfTheBroker(sensor);
  });
});

describeInEachMode('a clean session (S-5, T-26)', () => {
  it('gets nothing of the time when the client was away', async () => {
    const sensor = await subscriber(true);
    await sensor.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await peer.publish('cmd/led', '1', 1);
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    await peer.publish('cmd/led', '2', 1);
    await expectNothingOfTheBroker(sensor);
  });
});

describeInEachMode('CONNECT of an active client', () => {
  it('that is repeated is answered with CONNACK again, without a second connection (T-03)', async () => {
    const sensor = await bench.client(gateway, 'sensor-1');
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    expect(broker.log.match(new RegExp(`as ${brokerIdOf('sensor-1')} \\(`, 'g'))).toHaveLength(1);
  });

  it('from another address takes the session over; the old address hears nothing and is told to connect (T-07)', async () => {
    const old = await bench.sensor(gateway);
    await old.exchange(frame('04 08 01 003c', 'sensor-1'), '02 06');
    await old.exchange(frame('07 00', 'will/s1'), '02 08');
    await old.exchange(frame('09', 'gone'), '03 05 00');
    await old.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');

    const moved = await bench.client(gateway, 'sensor-1', { clean: false });
    await peer.publish('cmd/led', 'on', 1);
    await acceptRegister(moved);
    await moved.expect('09 0C 20 00 01 .. .. 6F 6E');
    await gateway.waitForNote('client-moved', { clientId: 'sensor-1', from: old.link() });

    await old.exchange('02 16', '02 18'); // T-10: and nothing had come before
    await peer.settle();
    expect(peer.messages).toEqual([]); // the old will did not fire (T-52)
  });
});

describeInEachMode('two clients one after the other on one address (T-50)', () => {
  it('do not get each other’s messages when the first one has said DISCONNECT', async () => {
    const first = await subscriber(false);
    await first.exchange('02 18', '02 18');
    await bench.left(gateway, broker, 'sensor-1');
    await first.close();
    const second = await bench.client(gateway, 'sensor-2', { localPort: first.port });
    await peer.publish('cmd/led', 'on', 1);
    await second.exchange('08 0C 20 00 01 00 02 31', '07 0D 00 01 00 02 02'); // nor its topic ids
    await expectNothingOfTheBroker(second);
  });

  it('are two: the first one is lost at once when it has just gone silent', async () => {
    const first = await bench.sensor(gateway);
    await first.exchange(frame('04 0c 01 0e10', 'sensor-1'), '02 06');
    await first.exchange(frame('07 00', 'will/s1'), '02 08');
    await first.exchange(frame('09', 'gone'), '03 05 00');
    await first.exchange(frame('12 20 0001', 'cmd/led'), '08 13 20 00 01 00 01 00');
    await first.close();
    const second = await bench.client(gateway, 'sensor-2', { localPort: first.port });
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'gone' });
    await gateway.waitForNote('client-lost', { clientId: 'sensor-1' });
    await peer.publish('cmd/led', 'on', 1);
    await expectNothingOfTheBroker(second);
  });

  it('one id that begins like another is another client (T-02)', async () => {
    const one = await bench.client(gateway, 'sensor-1');
    const ten = await bench.client(gateway, 'sensor-10');
    await one.exchange('02 16', '02 17');
    await ten.exchange('02 16', '02 17');
    expect(gateway.sessionCount).toBe(2);
  });
});

describeIn('transparent', 'what the broker keeps (3.4)', () => {
  it('for a persistent session survives the gateway, whose next run accepts the client and registers the topics (3.4)', async () => {
    const sensor = await subscriber(false);
    await gateway.stop();
    await sensor.expect('02 18');
    await peer.publish('cmd/led', 'on', 1);
    const next = await bench.gateway(broker.url);
    const back = await bench.client(next, 'sensor-1', { clean: false });
    await acceptRegister(back);
    await back.expect('09 0C 20 .. .. .. .. 6F 6E');
  });
});
