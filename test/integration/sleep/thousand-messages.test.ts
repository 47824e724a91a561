import { expect, it } from '@jest/globals';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { countSaid, describeInEachMode, gathered, isShared } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import { numbered, payloadsOf, Sleeper } from './sleeper.ts';

const bench = gatewayBench();

/** More than any test here publishes; the in-flight window stays that of mosquitto, 20. */
const QUEUE = { maxQueuedMessages: 5_000 };

interface Scene {
  readonly broker: Mosquitto;
  readonly gateway: GatewayUnderTest;
  readonly peer: MqttPeer;
  readonly sleeper: Sleeper;
}

/** A client that has subscribed the filters and sleeps. */
async function asleep(
  filters: readonly (readonly [filter: string, qos: 0 | 1 | 2])[],
  settings: Record<string, unknown> = {},
): Promise<Scene> {
  const broker = await bench.broker(QUEUE);
  const gateway = await bench.gateway(broker.url, { settings });
  const peer = await bench.peer(broker);
  const sleeper = new Sleeper(await bench.client(gateway, 'sensor-1', { clean: false }), 'sensor-1');
  for (const [filter, qos] of filters) {
    await sleeper.subscribe(filter, qos);
  }
  await sleeper.sleep();
  return { broker, gateway, peer, sleeper };
}

/** QoS 2 one after the other: mosquitto 2.0.11 loses what a 3.1.1 client sends beyond its window, and acknowledges it. */
async function publishAll(peer: MqttPeer, payloads: readonly string[], qos: 1 | 2): Promise<void> {
  if (qos === 1) {
    await Promise.all(payloads.map((payload) => peer.publish('cmd/n', payload, 1)));
  } else {
    for (const payload of payloads) {
      await peer.publish('cmd/n', payload, 2);
    }
  }
}

/** Nothing comes on its own account, and nothing is left for the next wake-up. */
async function expectNothingMore(sleeper: Sleeper): Promise<void> {
  await sleeper.sensor.expectNothingBefore();
  await sleeper.roundTrip();
  expect(await sleeper.wake()).toEqual([]);
}

describeInEachMode('a sleeper behind a broker with a window of 20', () => {
  it('gets a thousand QoS 1 messages in one wake-up, in order, each once, and then PINGRESP (SL-5, SL-7, design 1.5)', async () => {
    const { broker, peer, sleeper } = await asleep([['cmd/n', 1]]);
    await publishAll(peer, numbered(1_000), 1);
    await gathered(broker, 'sensor-1', 1_000);
    await sleeper.roundTrip();
    expect(countSaid(broker, 'PUBACK', 'sensor-1')).toBe(isShared() ? 1_000 : 0);
    const messages = await sleeper.wake();
    expect(payloadsOf(messages)).toEqual(numbered(1_000));
    expect(messages.filter(({ qos, dup, retain }) => qos !== 1 || dup || retain)).toEqual([]);
    await expectNothingMore(sleeper);
    expect(countSaid(broker, 'PUBACK', 'sensor-1')).toBe(1_000);
  });

  it('gets three hundred QoS 2 messages in one wake-up, in order, each with its whole exchange (SL-7, T-19)', async () => {
    const { broker, peer, sleeper } = await asleep([['cmd/n', 2]]);
    await publishAll(peer, numbered(300), 2);
    await gathered(broker, 'sensor-1', 300, { packet: 'PUBCOMP' });
    await sleeper.roundTrip();
    expect(countSaid(broker, 'PUBREC', 'sensor-1')).toBe(isShared() ? 300 : 0);
    const messages = await sleeper.wake();
    expect(payloadsOf(messages)).toEqual(numbered(300));
    expect(messages.filter(({ qos, dup }) => qos !== 2 || dup)).toEqual([]);
    await expectNothingMore(sleeper);
    expect(countSaid(broker, 'PUBCOMP', 'sensor-1')).toBe(300);
  });

  it('gets messages of all QoS in the order in which the broker sent them (SL-5, G-6)', async () => {
    const { peer, sleeper } = await asleep([['cmd/n', 2]]);
    // 20 with QoS 1 and 2: the window of the broker, which would send QoS 0 past what waits behind it
    const expected = numbered(30).map((payload, n) => ({ payload, qos: n % 3 }));
    for (const { payload, qos } of expected) {
      await peer.publish('cmd/n', payload, qos as 0 | 1 | 2);
    }
    await sleeper.roundTrip();
    expect((await sleeper.wake()).map(({ payload, qos }) => ({ payload, qos }))).toEqual(expected);
    await expectNothingMore(sleeper);
  });

  it('gets at most as many messages as one awake period may have; the rest waits for the next ones (SL-15)', async () => {
    const { broker, peer, sleeper } = await asleep([['cmd/n', 1]], { sessions: { maxAwakeMessages: 25 } });
    await publishAll(peer, numbered(60), 1);
    await gathered(broker, 'sensor-1', 60);
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toHaveLength(25);
    await sleeper.sensor.expectNothingBefore();
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toHaveLength(25);
    expect(await sleeper.wake()).toHaveLength(10);
    expect(payloadsOf(sleeper.heard)).toEqual(numbered(60));
    await expectNothingMore(sleeper);
  });

  it('loses the oldest QoS 0 messages where too many wait, none of QoS 1, and that is noted (SL-16)', async () => {
    const { gateway, peer, sleeper } = await asleep([['cmd/n', 1]], { sessions: { sleepBufferMessages: 5 } });
    await peer.publish('cmd/n', 'first', 1);
    for (const payload of numbered(8)) {
      await peer.publish('cmd/n', payload, 0);
    }
    await peer.publish('cmd/n', 'last', 1);
    await sleeper.roundTrip();
    expect(payloadsOf(await sleeper.wake())).toEqual(['first', '4', '5', '6', '7', '8', 'last']);
    expect(gateway.notesOf('delivery-dropped')).toHaveLength(3);
    await expectNothingMore(sleeper);
  });
});

describeInEachMode('a sleeper that has subscribed a wildcard', () => {
  it('is told of each topic once, with REGISTER and REGACK before its first message, and then gets everything (SL-7, R-6, T-28)', async () => {
    const { broker, peer, sleeper } = await asleep([['cmd/#', 1]]);
    const expected = numbered(200).map((payload, n) => ({ topic: `cmd/${n % 40}/set`, payload }));
    await Promise.all(expected.map(({ topic, payload }) => peer.publish(topic, payload, 1)));
    await gathered(broker, 'sensor-1', expected.length);
    await sleeper.roundTrip();
    expect((await sleeper.wake()).map(({ topic, payload }) => ({ topic, payload }))).toEqual(expected);
    expect(sleeper.registers).toBe(40);
    expect(new Set(sleeper.topics.keys()).size).toBe(40);
    await expectNothingMore(sleeper);

    await peer.publish('cmd/7/set', 'again', 1); // SL-18
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toMatchObject([{ topic: 'cmd/7/set', payload: 'again' }]);
    expect(sleeper.registers).toBe(40);
  });

  it('that it subscribes while asleep gets the retained messages at its next wake-up, as retained ones (SL-14, SL-5)', async () => {
    const { peer, sleeper } = await asleep([]);
    await peer.publish('state/a', 'on', 1, true);
    await peer.publish('state/b', 'off', 2, true);
    await sleeper.subscribe('state/#', 2);
    await sleeper.sensor.expectNothingBefore();
    await sleeper.roundTrip();
    const retained = await sleeper.wake();
    expect(retained.map(({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos} ${retain}`).sort()).toEqual([
      'state/a on 1 true',
      'state/b off 2 true',
    ]);
    await peer.publish('state/a', 'new', 1, true);
    await sleeper.roundTrip();
    expect(await sleeper.wake()).toMatchObject([{ topic: 'state/a', payload: 'new', retain: false }]); // subscribed already
    await expectNothingMore(sleeper);
  });
});
