import { beforeEach, expect, it } from '@jest/globals';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, gathered, isShared } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import { numbered, payloadsOf, Sleeper } from './sleeper.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;
let sleeper: Sleeper;

/** For what a gateway does that has waited long enough; a client answers well within this. */
const IMPATIENT = { retryInterval: '1s', retryCount: 1 };

/** A client that has subscribed "tp" with QoS 2, at a gateway with this `timing`. */
async function begin(timing: Readonly<Record<string, unknown>> = {}): Promise<void> {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url, { settings: { timing } });
  peer = await bench.peer(broker, 'will/#');
  sleeper = new Sleeper(await bench.client(gateway, 's1', { clean: false }), 's1');
  await sleeper.subscribe('tp', 2);
}

async function asleepWith(...messages: readonly (readonly [payload: string, qos: 0 | 1 | 2])[]): Promise<void> {
  await sleeper.sleep();
  for (const [payload, qos] of messages) {
    await peer.publish('tp', payload, qos);
  }
  await sleeper.roundTrip();
}

describeInEachMode('after PINGRESP (SL-5)', () => {
  beforeEach(() => begin());

  it('nothing comes until the next wake-up, not even what is published right behind it', async () => {
    await asleepWith(['1', 1]);
    const { sensor } = sleeper;
    await sensor.exchange(sleeper.pingReq, '08 0C 20 00 01 00 01 31');
    sensor.send('07 0D 00 01 00 01 00');
    await sensor.expect('02 17');
    await Promise.all([peer.publish('tp', '2', 0), peer.publish('tp', '3', 1)]);
    await peer.publish('tp', '4', 2);
    await sleeper.roundTrip();
    await sensor.expectNothingBefore();
    expect(payloadsOf(await sleeper.wake())).toEqual(['2', '3', '4']);
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toEqual([]);
  });

  it('it comes once, however often PINGREQ was repeated while the broker was asked for more (SL-9); where the gateway keeps the messages nobody is asked', async () => {
    await asleepWith(['1', 1]);
    const { sensor } = sleeper;
    await sensor.exchange(sleeper.pingReq, '08 0C 20 00 01 00 01 31');
    broker.freeze();
    bench.cleanUp(() => broker.resume());
    if (isShared()) {
      await sensor.exchange('07 0D 00 01 00 01 00', '02 17');
      broker.resume();
    } else {
      sensor.send('07 0D 00 01 00 01 00');
      sensor.send(sleeper.pingReq);
      sensor.send(sleeper.pingReq);
      await sensor.expectNothingBefore();
      broker.resume();
      await sensor.expect('02 17');
    }
    await sleeper.roundTrip();
    await sensor.expectNothingBefore();
  });
});

describeInEachMode('PINGREQ repeated by a client that is awake (SL-9)', () => {
  beforeEach(() => begin());

  it('brings the outstanding message again with DUP and the same MsgId, and the others follow once', async () => {
    await asleepWith(['1', 1], ['2', 1], ['3', 1]);
    const { sensor } = sleeper;
    await sensor.exchange(sleeper.pingReq, '08 0C 20 00 01 00 01 31');
    await sensor.exchange(sleeper.pingReq, '08 0C A0 00 01 00 01 31');
    await sensor.exchange('07 0D 00 01 00 01 00', '08 0C 20 00 01 00 02 32');
    await sensor.exchange(sleeper.pingReq, '08 0C A0 00 01 00 02 32');
    await sensor.exchange('07 0D 00 01 00 02 00', '08 0C 20 00 01 00 03 33');
    await sensor.exchange('07 0D 00 01 00 03 00', '02 17');
    await sleeper.roundTrip();
  });

  it('brings PUBREL again where the client owes PUBCOMP', async () => {
    await asleepWith(['1', 2]);
    const { sensor } = sleeper;
    await sensor.exchange(sleeper.pingReq, '08 0C 40 00 01 00 01 31');
    await sensor.exchange(sleeper.pingReq, '08 0C C0 00 01 00 01 31');
    await sensor.exchange('04 0F 00 01', '04 10 00 01');
    await sensor.exchange(sleeper.pingReq, '04 10 00 01');
    await sensor.exchange('04 0E 00 01', '02 17');
    await sleeper.roundTrip();
  });

  it('brings REGISTER again where the client owes REGACK', async () => {
    await sleeper.subscribe('w/+', 1);
    await sleeper.sleep();
    await peer.publish('w/a', '1', 1);
    await sleeper.roundTrip();
    const { sensor } = sleeper;
    const register = await sensor.exchange(sleeper.pingReq, '09 0A .. .. .. .. 77 2F 61');
    sensor.send(sleeper.pingReq);
    await sensor.expect(register);
    sleeper.take(register);
    sleeper.take(await sensor.next());
    await sensor.expect('02 17');
    expect(payloadsOf(sleeper.heard)).toEqual(['1']);
  });
});

describeInEachMode('what is published while the client is awake (SL-15)', () => {
  beforeEach(() => begin());

  it('comes in the same cycle, before PINGRESP', async () => {
    await asleepWith(['1', 1]);
    const { sensor } = sleeper;
    await sensor.exchange(sleeper.pingReq, '08 0C 20 00 01 00 01 31');
    await peer.publish('tp', '2', 1);
    await sensor.exchange('07 0D 00 01 00 01 00', '08 0C 20 00 01 00 02 32');
    await peer.publish('tp', '3', 2);
    await sensor.exchange('07 0D 00 01 00 02 00', '08 0C 40 00 01 00 03 33');
    await sensor.exchange('04 0F 00 03', '04 10 00 03');
    await sensor.exchange('04 0E 00 03', '02 17');
  });
});

describeInEachMode('a sleeper that vanishes half-way (T-r7, T-30)', () => {
  const messages = numbered(50);

  async function vanished(timing: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await begin(timing);
    await sleeper.sleep();
    for (const payload of messages) {
      await peer.publish('tp', payload, 1);
    }
    await gathered(broker, 's1', messages.length);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake(31))).toEqual(messages.slice(0, 31));
    expect(sleeper.heard.splice(0)).toHaveLength(31);
  }

  it('and wakes again from elsewhere gets what it has not acknowledged, from the first one on with DUP, in order (SL-9, T-08)', async () => {
    await vanished();
    sleeper.sensor = await bench.sensor(gateway);
    const rest = await sleeper.wake();
    expect(payloadsOf(rest)).toEqual(messages.slice(30));
    expect(rest.map(({ dup }) => dup)).toEqual(rest.map((_, n) => n === 0));
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toEqual([]);
  });

  it('is asleep without PINGRESP when the gateway has given up, and the next cycle begins with the message that was left (T-r7)', async () => {
    await vanished(IMPATIENT);
    const { sensor } = sleeper;
    const repeated = await sensor.next();
    expect(repeated[2]).toBe(0xa0); // DUP
    await gateway.waitForNote('retransmitted', { clientId: 's1', attempt: 1 });
    // A client that is active and never answers is given up by the same clock, a little later.
    const clock = await bench.client(gateway, 'clock');
    await clock.exchange('07 12 22 00 02 74 70', '08 13 20 00 00 00 02 00');
    await peer.publish('tp', 'tick', 1);
    await gateway.waitForNote('client-lost', { clientId: 'clock' });
    await sensor.expectNothingBefore(); // no PINGRESP
    const cycles = gateway.notesOf('client-awake').length;
    expect(payloadsOf(await sleeper.wake())).toEqual([...messages.slice(30), 'tick']);
    expect(gateway.notesOf('client-awake')).toHaveLength(cycles + 1);
  });
});

describeInEachMode('a sleeper that never comes back from the middle of a cycle', () => {
  it('ends lost, counted from its last message, and its messages wait for its next CONNECT (T-30)', async () => {
    await begin(IMPATIENT);
    await sleeper.sensor.exchange('02 18', '02 18');
    await sleeper.connectWithWill('will/s1');
    await sleeper.sleep();
    for (const payload of numbered(5)) {
      await peer.publish('tp', payload, 1);
    }
    await sleeper.roundTrip();
    await sleeper.sleep(2);
    await sleeper.wake(3);
    await gateway.waitForNote('client-lost', { clientId: 's1' });
    expect(await peer.message(1)).toMatchObject({ topic: 'will/s1', payload: 'gone' });

    sleeper.sensor = await bench.sensor(gateway);
    await sleeper.connect();
    sleeper.heard.splice(0);
    while (sleeper.heard.at(-1)?.payload !== '5') {
      sleeper.take(await sleeper.sensor.next());
    }
    await sleeper.sensor.exchange('02 16', '02 17');
    expect(sleeper.heard.map(({ payload, dup }) => [payload, dup])).toEqual([
      ['3', true],
      ['4', false],
      ['5', false],
    ]);
  });
});
