import { beforeEach, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
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
  gateway = await bench.gateway(broker.url, {
    predefined: { '*': { 10: 'sensors/boiler' }, 'sensor-1': { 11: 'meters/7/power' } },
  });
  peer = await bench.observer(broker);
  sensor = await bench.sensor(gateway);
});

async function connected(): Promise<void> {
  await sensor.exchange('0E 04 04 01 00 3C 73 65 6E 73 6F 72 2D 31', '03 05 00');
}

/** Registers "sensors/1/temp"; with the pre-defined id 11 in the table, normal ids begin at 12 (T-16). */
async function registered(): Promise<void> {
  await connected();
  await sensor.exchange('14 0A 00 00 00 01 73 65 6E 73 6F 72 73 2F 31 2F 74 65 6D 70', '07 0B 00 0C 00 01 00');
}

describeInEachMode('a client publish (6.6) to a registered topic', () => {
  beforeEach(registered);

  it('reaches the broker with QoS 0 and is not answered (P-10)', async () => {
    sensor.send('0B 0C 00 00 0C 00 00 32 31 2E 35');
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5', qos: 0, retain: false });
    await sensor.expectNothingBefore();
  });

  it('is answered with PUBACK of the same TopicId and MsgId with QoS 1 (P-1, T-22)', async () => {
    await sensor.exchange('0B 0C 20 00 0C 00 02 32 31 2E 35', '07 0D 00 0C 00 02 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5', qos: 1 });
  });

  it('runs PUBREC, PUBREL, PUBCOMP with QoS 2 (P-1)', async () => {
    await sensor.exchange('0B 0C 40 00 0C 00 03 32 31 2E 36', '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.6', qos: 2 });
  });

  it('is not lost when DISCONNECT follows in the next instant', async () => {
    sensor.send('0B 0C 00 00 0C 00 00 32 31 2E 35');
    sensor.send('02 18');
    await sensor.expect('02 18');
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5' });
  });

  it('may be longer than 255 octets (T-41)', async () => {
    const payload = 'x'.repeat(1_000);
    // 9 octets of header in the long form: 1009 = 0x03F1
    sensor.send(Buffer.concat([Buffer.from('0103F10C20000C0007', 'hex'), Buffer.from(payload)]));
    await sensor.expect('07 0D 00 0C 00 07 00');
    expect(await peer.message(1)).toMatchObject({ payload, qos: 1 });
  });

  it('may be empty (T-47)', async () => {
    await sensor.exchange('07 0C 20 00 0C 00 02', '07 0D 00 0C 00 02 00');
    expect(await peer.message(1)).toMatchObject({ payload: '', qos: 1 });
  });

  it('with Retain is kept by the broker until an empty one clears it (P-9)', async () => {
    await sensor.exchange('0B 0C 30 00 0C 00 02 32 31 2E 35', '07 0D 00 0C 00 02 00');
    const second = await bench.peer(broker, 'sensors/#');
    expect(await second.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5', retain: true });

    await sensor.exchange('07 0C 30 00 0C 00 03', '07 0D 00 0C 00 03 00');
    const third = await bench.peer(broker, 'sensors/#');
    await third.settle();
    expect(third.messages).toEqual([]);
  });

  it('to an id that nobody knows is answered with PUBACK 0x02, whatever the QoS (P-2)', async () => {
    await sensor.exchange('0B 0C 00 00 63 00 00 32 31 2E 35', '07 0D 00 63 00 00 02');
    await sensor.exchange('0B 0C 20 00 63 00 02 32 31 2E 35', '07 0D 00 63 00 02 02');
    await sensor.exchange('0B 0C 40 00 63 00 03 32 31 2E 35', '07 0D 00 63 00 03 02');
    await peer.settle();
    expect(peer.messages).toEqual([]);
  });
});

describeInEachMode('a client publish without registration (6.7)', () => {
  beforeEach(connected);

  it('goes to a short topic, whose two octets come back in PUBACK (P-5, T-22)', async () => {
    await sensor.exchange('09 0C 22 74 70 00 04 34 32', '07 0D 74 70 00 04 00');
    expect(await peer.message(1)).toMatchObject({ topic: 'tp', payload: '42', qos: 1 });
  });

  it("goes to a pre-defined topic, the client's own or everybody's", async () => {
    await sensor.exchange('09 0C 21 00 0B 00 05 34 32', '07 0D 00 0B 00 05 00');
    await sensor.exchange('09 0C 41 00 0A 00 06 34 33', '04 0F 00 06');
    await sensor.exchange('04 10 00 06', '04 0E 00 06');
    expect(await peer.message(1)).toMatchObject({ topic: 'meters/7/power', payload: '42', qos: 1 });
    expect(await peer.message(2)).toMatchObject({ topic: 'sensors/boiler', payload: '43', qos: 2 });
  });

  it('is answered with PUBACK 0x02 where the pre-defined id is unknown (P-4)', async () => {
    await sensor.exchange('09 0C 21 00 63 00 05 34 32', '07 0D 00 63 00 05 02');
  });
});

describeInEachMode('PUBLISH with QoS −1 (6.8)', () => {
  it('needs no connection and goes over that of the gateway, which has a client id of its own (Q-1, Q-3, I-45)', async () => {
    sensor.send('09 0C 61 00 0A 00 00 34 32');
    sensor.send('09 0C 62 74 70 00 00 34 33');
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/boiler', payload: '42', qos: 0, retain: false });
    expect(await peer.message(2)).toMatchObject({ topic: 'tp', payload: '43', qos: 0 });
    expect(broker.log).toMatch(/ as mqtt-sn-gw-1-[0-9a-f]{6} /);
    await sensor.expectNothingBefore();
  });

  it('honours Retain (Q-4)', async () => {
    sensor.send('09 0C 72 74 70 00 00 34 32');
    await peer.message(1);
    const second = await bench.peer(broker, 'tp');
    expect(await second.message(1)).toMatchObject({ topic: 'tp', payload: '42', retain: true });
  });

  it('is taken from a connected client too, beside its own traffic (Q-6)', async () => {
    await connected();
    sensor.send('09 0C 61 00 0A 00 00 34 32');
    await sensor.exchange('02 16', '02 17');
    expect(await peer.messageOn('sensors/boiler')).toMatchObject({ payload: '42' });
  });

  it('is dropped without any answer where the id is unknown or the topic type not allowed (Q-5, T-12)', async () => {
    sensor.send('09 0C 61 00 63 00 00 34 32');
    sensor.send('09 0C 61 00 0B 00 00 34 32'); // the own id of sensor-1: this sender has no name
    sensor.send('09 0C 60 00 01 00 00 34 32');
    sensor.send('09 0C 63 00 01 00 00 34 32');
    await sensor.expectNothingBefore();
    await peer.settle();
    expect(peer.messages).toEqual([]);
  });
});

describeInEachMode('REGISTER (6.5)', () => {
  beforeEach(connected);

  it('of the same name gives the same id (R-2)', async () => {
    await sensor.exchange(frame('0a 0000 0001', 'a/b'), '07 0B 00 0C 00 01 00');
    await sensor.exchange(frame('0a 0000 0002', 'c/d'), '07 0B 00 0D 00 02 00');
    await sensor.exchange(frame('0a 0000 0003', 'a/b'), '07 0B 00 0C 00 03 00');
  });

  it('of a name with a wildcard is answered with 0x03 (R-9)', async () => {
    await sensor.exchange(frame('0a 0000 0001', 'a/#'), '07 0B 00 00 00 01 03');
  });
});
