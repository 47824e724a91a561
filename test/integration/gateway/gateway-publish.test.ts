import { beforeEach, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
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
  gateway = await bench.gateway(broker.url, { predefined: { '*': { 10: 'valves/all' } } });
  peer = await bench.peer(broker);
  sensor = await bench.client(gateway, 'sensor-1');
});

describeInEachMode('a gateway publish (6.10) to a subscribed name', () => {
  beforeEach(async () => {
    // SUBSCRIBE QoS 2, MsgId 4, "cmd/s1/led"; the first normal id after the pre-defined one is 11 (T-16)
    await sensor.exchange('0F 12 40 00 04 63 6D 64 2F 73 31 2F 6C 65 64', '08 13 40 00 0B 00 04 00');
  });

  it('comes under the id of the SUBACK, with QoS 0 (G-1)', async () => {
    await peer.publish('cmd/s1/led', 'on');
    await sensor.expect('09 0C 00 00 0B 00 00 6F 6E');
  });

  it('with QoS 1 is acknowledged to the broker when the client has acknowledged it (3.3)', async () => {
    await peer.publish('cmd/s1/led', 'on', 1);
    await sensor.expect('09 0C 20 00 0B 00 01 6F 6E');
    sensor.send('07 0D 00 0B 00 01 00');
    await broker.logged(saidBy('PUBACK', 'sensor-1'));
    await sensor.expectNothingBefore();
  });

  it('with QoS 2 runs PUBREC, PUBREL, PUBCOMP on both sides (3.3)', async () => {
    await peer.publish('cmd/s1/led', 'on', 2);
    await sensor.expect('09 0C 40 00 0B 00 01 6F 6E');
    await sensor.exchange('04 0F 00 01', '04 10 00 01');
    sensor.send('04 0E 00 01');
    await broker.logged(saidBy('PUBREC', 'sensor-1'));
    await broker.logged(saidBy('PUBCOMP', 'sensor-1'));
    await sensor.expectNothingBefore();
  });

  it('keeps the order of messages with the same QoS, one at a time (G-6)', async () => {
    for (const payload of ['1', '2', '3']) {
      await peer.publish('cmd/s1/led', payload, 1);
    }
    await sensor.expect('08 0C 20 00 0B 00 01 31');
    await sensor.exchange('07 0D 00 0B 00 01 00', '08 0C 20 00 0B 00 02 32');
    await sensor.exchange('07 0D 00 0B 00 02 00', '08 0C 20 00 0B 00 03 33');
    sensor.send('07 0D 00 0B 00 03 00');
    await sensor.expectNothingBefore();
  });

  it('is registered again and repeated where the client has forgotten the id (G-2)', async () => {
    await peer.publish('cmd/s1/led', 'on', 1);
    await sensor.expect('09 0C 20 00 0B 00 01 6F 6E');
    await sensor.exchange('07 0D 00 0B 00 01 02', '10 0A 00 0B 00 02 63 6D 64 2F 73 31 2F 6C 65 64');
    await sensor.exchange('07 0B 00 0B 00 02 00', '09 0C .. 00 0B 00 .. 6F 6E');
  });

  it('comes no more after UNSUBSCRIBE (U-9)', async () => {
    await sensor.exchange('0F 14 00 00 08 63 6D 64 2F 73 31 2F 6C 65 64', '04 15 00 08');
    await peer.publish('cmd/s1/led', 'on', 1);
    await sensor.exchange('09 0C 22 74 70 00 05 6F 6E', '07 0D 74 70 00 05 00');
    await sensor.expectNothingBefore();
  });

  it('of more than 248 octets comes in the long form (T-41)', async () => {
    await peer.publish('cmd/s1/led', 'x'.repeat(249));
    // 249 + 9 = 258 = 0x0102
    await sensor.expect(Buffer.concat([Buffer.from('0101020C00000B0000', 'hex'), Buffer.from('x'.repeat(249))]));
  });

  it('that is too long for a datagram is dropped and acknowledged upstream (G-5)', async () => {
    await peer.publish('cmd/s1/led', 'x'.repeat(2_000), 1);
    await broker.logged(saidBy('PUBACK', 'sensor-1'));
    await gateway.waitForNote('delivery-dropped', { clientId: 'sensor-1' });
    await sensor.expectNothingBefore();
  });
});

describeInEachMode('a gateway publish through a wildcard (6.10)', () => {
  beforeEach(() => sensor.exchange('0D 12 20 00 05 63 6D 64 2F 73 31 2F 23', '08 13 20 00 00 00 05 00')); // U-2

  it('is preceded by REGISTER, and waits for REGACK (R-5, R-6)', async () => {
    await peer.publish('cmd/s1/led', 'on', 1);
    await sensor.expect('10 0A 00 0B 00 01 63 6D 64 2F 73 31 2F 6C 65 64');
    await sensor.expectNothingBefore();
    await sensor.exchange('07 0B 00 0B 00 01 00', '09 0C 20 00 0B 00 02 6F 6E');
    sensor.send('07 0D 00 0B 00 02 00');
    // the id is known now
    await peer.publish('cmd/s1/led', 'off', 0);
    await sensor.expect('0A 0C 00 00 0B 00 00 6F 66 66');
  });

  it('is preceded by REGISTER with QoS 0 too, one name after the other (R-7)', async () => {
    await peer.publish('cmd/s1/a', '1');
    await peer.publish('cmd/s1/b', '2');
    await sensor.expect(frame('0a 000b 0001', 'cmd/s1/a'));
    await sensor.exchange('07 0B 00 0B 00 01 00', '08 0C 00 00 0B 00 00 31');
    await sensor.expect(frame('0a 000c 0002', 'cmd/s1/b'));
    await sensor.exchange('07 0B 00 0C 00 02 00', '08 0C 00 00 0C 00 00 32');
  });

  it('does not come where the client refuses the name, and other names do (R-8, T-38)', async () => {
    await peer.publish('cmd/s1/a', '1', 1);
    await sensor.expect(frame('0a 000b 0001', 'cmd/s1/a'));
    sensor.send('07 0B 00 0B 00 01 03');
    await peer.publish('cmd/s1/b', '2', 1);
    await sensor.expect(frame('0a 000c 0002', 'cmd/s1/b'));
    await sensor.exchange('07 0B 00 0C 00 02 00', '08 0C 20 00 0C 00 03 32');
  });
});

describeInEachMode('a gateway publish to other kinds of topics (G-8)', () => {
  it('uses the pre-defined id by which the client subscribed (U-3)', async () => {
    await sensor.exchange('07 12 21 00 06 00 0A', '08 13 20 00 0A 00 06 00');
    await peer.publish('valves/all', '42', 1);
    await sensor.expect('09 0C 21 00 0A 00 01 34 32');
  });

  it('uses the short name by which the client subscribed; its SUBACK has TopicId 0 (U-4)', async () => {
    await sensor.exchange('07 12 42 00 07 74 70', '08 13 40 00 00 00 07 00');
    await peer.publish('tp', '42', 2);
    await sensor.expect('09 0C 42 74 70 00 01 34 32');
  });

  it('an unknown pre-defined id cannot be subscribed (U-3)', async () => {
    await sensor.exchange('07 12 01 00 06 00 63', '08 13 00 00 00 00 06 02');
  });
});

describeInEachMode('retained messages', () => {
  it('come with Retain after the SUBACK, live ones without (P-9, T-39)', async () => {
    await peer.publish('cmd/s1/led', 'on', 1, true);
    await sensor.exchange('0F 12 20 00 04 63 6D 64 2F 73 31 2F 6C 65 64', '08 13 20 00 0B 00 04 00');
    await sensor.expect('09 0C 30 00 0B 00 01 6F 6E');
    sensor.send('07 0D 00 0B 00 01 00');
    await peer.publish('cmd/s1/led', 'off', 1, true);
    await sensor.expect('0A 0C 20 00 0B 00 02 6F 66 66');
  });

  it('come again when the client subscribes again (U-12), but not for a repeated SUBSCRIBE (U-11)', async () => {
    await peer.publish('cmd/s1/led', 'on', 0, true);
    await sensor.exchange('0F 12 20 00 04 63 6D 64 2F 73 31 2F 6C 65 64', '08 13 20 00 0B 00 04 00');
    await sensor.expect('09 0C 10 00 0B 00 00 6F 6E');
    await sensor.exchange('0F 12 A0 00 04 63 6D 64 2F 73 31 2F 6C 65 64', '08 13 20 00 0B 00 04 00');
    await sensor.exchange('0F 12 20 00 05 63 6D 64 2F 73 31 2F 6C 65 64', '08 13 20 00 0B 00 05 00');
    await sensor.expect('09 0C 10 00 0B 00 00 6F 6E');
    await sensor.expectNothingBefore();
  });

  it('are gone once an empty one has cleared them, which subscribers get as an empty message', async () => {
    await peer.publish('tp', 'on', 1, true);
    await sensor.exchange('07 12 22 00 07 74 70', '08 13 20 00 00 00 07 00');
    await sensor.expect('09 0C 32 74 70 00 01 6F 6E');
    sensor.send('07 0D 74 70 00 01 00');
    await peer.publish('tp', '', 1, true);
    await sensor.expect('07 0C 22 74 70 00 02');
    sensor.send('07 0D 74 70 00 02 00');
    const second = await bench.client(gateway, 'sensor-2');
    await second.exchange('07 12 22 00 07 74 70', '08 13 20 00 00 00 07 00');
    // What the broker had for it would come before the echo of its own publish.
    await second.exchange('0A 0C 02 74 70 00 00 6F 77 6E', '0A 0C 02 74 70 00 00 6F 77 6E');
  });

  it('come to a wildcard subscriber, each after its REGISTER', async () => {
    await peer.publish('cmd/s1/led', 'on', 1, true);
    await sensor.exchange('0D 12 20 00 05 63 6D 64 2F 73 31 2F 23', '08 13 20 00 00 00 05 00');
    await sensor.expect('10 0A 00 0B 00 01 63 6D 64 2F 73 31 2F 6C 65 64');
    await sensor.exchange('07 0B 00 0B 00 01 00', '09 0C 30 00 0B 00 02 6F 6E');
  });
});
