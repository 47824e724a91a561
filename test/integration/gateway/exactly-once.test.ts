import { beforeEach, expect, it } from '@jest/globals';
import { frame } from '../../support/core-bench.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import type { RawSensor } from '../../support/raw-sensor.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let peer: MqttPeer;
let sensor: RawSensor;

beforeEach(async () => {
  broker = await bench.broker();
  const gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'a/b');
  sensor = await bench.client(gateway, 'sensor-1');
  await sensor.exchange(frame('0a 0000 0001', 'a/b'), '07 0B 00 01 00 01 00');
});

/** The payloads that the other side has got once everything has arrived. */
async function payloads(): Promise<string[]> {
  await peer.settle();
  return peer.messages.map(({ payload }) => payload);
}

describeInEachMode('a repeated PUBLISH with QoS 1 is never a second publish at the broker (3.3)', () => {
  it('after its PUBACK: it gets PUBACK again', async () => {
    await sensor.exchange('09 0C 20 00 01 00 02 6F 6E', '07 0D 00 01 00 02 00');
    await sensor.exchange('09 0C A0 00 01 00 02 6F 6E', '07 0D 00 01 00 02 00');
    await sensor.exchange('09 0C A0 00 01 00 02 6F 6E', '07 0D 00 01 00 02 00');
    expect(await payloads()).toEqual(['on']);
  });

  it('while the broker has not acknowledged it yet: it is absorbed, and acknowledged once', async () => {
    broker.freeze();
    sensor.send('09 0C 20 00 01 00 02 6F 6E');
    sensor.send('09 0C A0 00 01 00 02 6F 6E');
    sensor.send('09 0C A0 00 01 00 02 6F 6E');
    await sensor.expectNothingBefore();
    broker.resume();
    await sensor.expect('07 0D 00 01 00 02 00');
    expect(await payloads()).toEqual(['on']);
    await sensor.expectNothingBefore();
  });

  it('but a new PUBLISH with a MsgId used before is one', async () => {
    await sensor.exchange('09 0C 20 00 01 00 02 6F 6E', '07 0D 00 01 00 02 00');
    await sensor.exchange('0A 0C 20 00 01 00 02 6F 66 66', '07 0D 00 01 00 02 00');
    expect(await payloads()).toEqual(['on', 'off']);
  });
});

describeInEachMode('QoS 2 arrives exactly once (3.3, T-18)', () => {
  it('when the client repeats PUBLISH before and after PUBREC, and PUBREL', async () => {
    sensor.send('09 0C 40 00 01 00 03 6F 6E');
    await sensor.expect('04 0F 00 03');
    await sensor.exchange('09 0C C0 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('09 0C C0 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03'); // P-8
    expect(await payloads()).toEqual(['on']);
  });

  it('when it repeats PUBLISH without DUP before PUBREL', async () => {
    await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    expect(await payloads()).toEqual(['on']);
  });

  it('when it repeats PUBLISH after PUBCOMP, which then was lost', async () => {
    await sensor.exchange('09 0C 40 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    await sensor.exchange('09 0C C0 00 01 00 03 6F 6E', '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    expect(await payloads()).toEqual(['on']);
  });

  it('when it repeats both while the broker does not answer', async () => {
    broker.freeze();
    sensor.send('09 0C 40 00 01 00 03 6F 6E');
    sensor.send('09 0C C0 00 01 00 03 6F 6E');
    await sensor.expectNothingBefore();
    broker.resume();
    await sensor.expect('04 0F 00 03');
    broker.freeze();
    sensor.send('04 10 00 03');
    sensor.send('04 10 00 03');
    broker.resume();
    await sensor.expect('04 0E 00 03');
    expect(await payloads()).toEqual(['on']);
  });

  it('and several at a time do not disturb each other (T-36)', async () => {
    for (const msgId of ['0003', '0004', '0005']) {
      sensor.send(frame(`0c 40 0001 ${msgId}`, `m${msgId}`));
    }
    await sensor.expect('04 0F 00 03');
    await sensor.expect('04 0F 00 04');
    await sensor.expect('04 0F 00 05');
    await sensor.exchange('04 10 00 05', '04 0E 00 05');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    await sensor.exchange('04 10 00 04', '04 0E 00 04');
    expect((await payloads()).sort()).toEqual(['m0003', 'm0004', 'm0005']);
  });
});
