import { beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { countSaid, describeInEachMode, isShared, saidBy } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import { payloadsOf, Sleeper } from './sleeper.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;
let sleeper: Sleeper;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url);
  peer = await bench.peer(broker, 'will/#');
  sleeper = new Sleeper(await bench.sensor(gateway), 's1');
});

/** A client that sleeps for so many seconds and is lost, half as much later: the sleep of those that fell asleep before it is over as well. */
async function oversleep(clientId: string, seconds: number): Promise<void> {
  const other = await bench.client(gateway, clientId);
  await other.exchange(`04 18 00 0${seconds}`, '02 18');
  await gateway.waitForNote('client-lost', { clientId });
}

describeInEachMode('a sleeping client', () => {
  it('may change its address with each wake-up; what is published goes to the last one, nothing to the others (T-08)', async () => {
    await sleeper.connect();
    await sleeper.subscribe('tp', 1);
    await sleeper.sleep();
    const former = [sleeper.sensor];
    for (const payload of ['1', '2', '3']) {
      await peer.publish('tp', payload, 1);
      await sleeper.roundTrip();
      sleeper.sensor = await bench.sensor(gateway);
      expect(payloadsOf(await sleeper.wake())).toEqual([payload]);
      former.push(sleeper.sensor);
    }
    await sleeper.connect();
    await peer.publish('tp', '4', 1);
    sleeper.take(await sleeper.sensor.next());
    expect(payloadsOf(sleeper.heard)).toEqual(['1', '2', '3', '4']);
    for (const sensor of former.slice(0, -1)) {
      await sensor.expectNothingBefore();
    }
  });

  it('may ask for a longer sleep while asleep: it is not lost when the first one is over (SL-12)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.sleep(2);
    await sleeper.sleep(300);
    await oversleep('other', 2);
    expect(await sleeper.wake()).toEqual([]);
    await peer.settle();
    expect(peer.messages).toEqual([]);
  });

  it('may ask for a shorter sleep while awake: it is asleep without PINGRESP, and lost when that is over (SL-12, SL-3)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.subscribe('tp', 1);
    await sleeper.sleep(300);
    await peer.publish('tp', '1', 1);
    await sleeper.roundTrip();
    await sleeper.wake(1);
    await sleeper.sleep(1);
    await sleeper.sensor.expectNothingBefore();
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'gone' });
    await gateway.waitForNote('client-lost', { clientId: 's1' });
  });

  it('ends with DISCONNECT, also from a cycle, without a will; a connection of its own to the broker ends with MQTT DISCONNECT (SL-11, T-52)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.subscribe('tp', 1);
    await sleeper.sleep();
    await peer.publish('tp', '1', 1);
    await sleeper.roundTrip();
    await sleeper.wake(1);
    await sleeper.sensor.exchange('02 18', '02 18');
    if (!isShared()) {
      await broker.logged(/Received DISCONNECT from s1/);
    }
    await bench.left(gateway, broker, 's1');
    await peer.settle();
    expect(peer.messages).toEqual([]);
    await sleeper.sensor.exchange(sleeper.pingReq, '02 18'); // T-09
  });

  it('that oversleeps is lost: an MQTT client sees its will, and nobody says MQTT DISCONNECT (SL-3, T-32)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.sleep(1);
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'gone', qos: 1 });
    expect(broker.log).not.toMatch(saidBy('DISCONNECT', 's1'));
    await gateway.waitForNote('client-lost', { clientId: 's1' });
    await sleeper.sensor.exchange(sleeper.pingReq, '02 18');
    await peer.settle();
    expect(peer.messages).toHaveLength(1);
  });

  it('with its will changed before it fell asleep leaves the new one, once (T-24)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.sensor.exchange('05 1C 6E 65 77', '03 1D 00');
    await sleeper.sleep(1);
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'new' });
    await bench.left(gateway, broker, 's1');
    await peer.settle();
    expect(peer.messages).toHaveLength(1);
  });

  it('with a keep-alive of 2 s may sleep longer, and the gateway keeps the connection to the broker alive (SL-17, T-32)', async () => {
    gateway = await bench.gateway(broker.url, { settings: { upstream: { keepAlive: '2s' } } });
    sleeper = new Sleeper(await bench.sensor(gateway), 's1');
    await sleeper.connect(false, 2);
    await sleeper.subscribe('tp', 1);
    await sleeper.sleep(65_535);
    const awake = await bench.client(gateway, 'awake', { duration: 2 });
    await gateway.waitForNote('client-lost', { clientId: 'awake' });
    await awake.exchange('02 16', '02 18');
    await eventually('two pings', () => countSaid(broker, 'PINGREQ', 's1') >= 2);
    await peer.publish('tp', '1', 1);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['1']);
    expect(gateway.timesConnected('s1')).toBe(1);
  });

  it('sleeps the full time again after each wake-up (SL-5)', async () => {
    await sleeper.connectWithWill('will/s1');
    await sleeper.sleep(3);
    for (let n = 1; n <= 3; n += 1) {
      await oversleep(`other-${n}`, 1); // a third of its time, each time
      expect(await sleeper.wake()).toEqual([]);
    }
    await gateway.waitForNote('client-lost', { clientId: 's1' });
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1' });
  });
});
