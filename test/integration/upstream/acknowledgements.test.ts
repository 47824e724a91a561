import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { FakeBroker } from './fake-broker.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

/** Messages that mosquitto sends before it waits for the first acknowledgement (after that, 2.0.11 sends more than one for each). */
const WINDOW = 20;

describe('acknowledgements are the core’s', () => {
  let broker: Mosquitto;
  let peer: MqttPeer;
  let upstream: UpstreamUnderTest;

  beforeAll(async () => {
    broker = await Mosquitto.start();
  });

  afterAll(() => broker.dispose());

  beforeEach(async () => {
    peer = await MqttPeer.connect(broker.url);
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url));
  });

  afterEach(async () => {
    await Promise.all([peer.close(), upstream.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  it('holds a full window of QoS 1 messages while publishes and pings go on, and gives them back in any order', async () => {
    await upstream.close();
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { keepAlive: 2_000 }));
    const connection = await upstream.connected('holder');
    await upstream.subscribe(connection, 'held/#', 1);
    await Promise.all(Array.from({ length: 30 }, (_, i) => peer.publish(`held/${i}`, `${i}`, 1)));
    await upstream.message(connection, WINDOW);

    const mark = broker.log.length;
    await upstream.roundTrip(connection);
    await broker.logged(/Received PINGREQ from holder/, mark);
    await upstream.roundTrip(connection);
    expect(upstream.messages(connection)).toHaveLength(WINDOW);
    expect(broker.log.slice(mark)).not.toMatch(/Received PUBACK from holder/);

    const ids = upstream.messages(connection).map(({ packetId }) => packetId);
    for (const packetId of [...ids.slice(10).reverse(), ...ids.slice(0, 10)]) {
      upstream.acknowledge(connection, 'PUBACK', packetId);
    }
    await upstream.message(connection, 30);
    for (const { packetId } of upstream.messages(connection).slice(WINDOW)) {
      upstream.acknowledge(connection, 'PUBACK', packetId);
    }
    await upstream.roundTrip(connection);
    const acknowledged = [...broker.log.slice(mark).matchAll(/Received PUBACK from holder \(Mid: (\d+)/g)].map(
      ([, id]) => Number(id),
    );
    expect(acknowledged.slice(0, WINDOW)).toEqual([...ids.slice(10).reverse(), ...ids.slice(0, 10)]);
    expect(new Set(upstream.messages(connection).map(({ payload }) => text(payload))).size).toBe(30);
    expect(upstream.messages(connection)).toHaveLength(30);
    expect(upstream.messages(connection).every(({ dup }) => !dup)).toBe(true);
  });

  it('reports a QoS 2 message on PUBLISH and sends PUBREC and PUBCOMP only when told', async () => {
    const connection = await upstream.connected('stepper');
    await upstream.subscribe(connection, 'step/in', 2);
    const mark = broker.log.length;
    const published = peer.publish('step/in', 'twice', 2);
    const { packetId, qos } = await upstream.message(connection, 1);
    expect(qos).toBe(2);
    await published;
    await upstream.roundTrip(connection);
    expect(broker.log.slice(mark)).not.toMatch(/Received PUBREC from stepper/);

    upstream.acknowledge(connection, 'PUBREC', packetId);
    await upstream.answer(connection, 'upstream-released', packetId);
    await upstream.roundTrip(connection);
    expect(broker.log.slice(mark)).not.toMatch(/Received PUBCOMP from stepper/);

    upstream.acknowledge(connection, 'PUBCOMP', packetId);
    await broker.logged(/Received PUBCOMP from stepper/, mark);
    expect(upstream.messages(connection)).toHaveLength(1);
  });

  it('lets a QoS 2 publish reach others once, and only after the release', async () => {
    await peer.subscribe('step/out', 2);
    const connection = await upstream.connected('publisher');
    const packetId = upstream.publish(connection, 'step/out', 'once', { qos: 2 });
    await upstream.answer(connection, 'upstream-acknowledged', packetId, 'PUBREC');
    await upstream.roundTrip(connection);
    await peer.settle();
    expect(peer.messages).toEqual([]);

    upstream.release(connection, packetId);
    await upstream.answer(connection, 'upstream-acknowledged', packetId, 'PUBCOMP');
    await peer.message(1);
    await peer.settle();
    expect(peer.messages.map(({ payload }) => payload)).toEqual(['once']);
    expect(broker.log.match(/Received PUBREL from publisher/g)).toHaveLength(1);
  });

  it('gets what was not acknowledged again, with DUP and the same packet id', async () => {
    const first = await upstream.connected('returner', { cleanSession: false });
    await upstream.subscribe(first, 'again/#', 2);
    await peer.publish('again/1', 'one', 1);
    await peer.publish('again/2', 'two', 2);
    await peer.publish('again/3', 'three', 2);
    await upstream.message(first, 3);
    const [one, two, three] = upstream.messages(first);
    upstream.acknowledge(first, 'PUBREC', three?.packetId as number);
    await upstream.answer(first, 'upstream-released', three?.packetId as number);
    upstream.end(first);

    const second = upstream.connect('returner', { cleanSession: false });
    expect((await upstream.of(second, 'upstream-connected')).sessionPresent).toBe(true);
    await upstream.answer(second, 'upstream-released', three?.packetId as number);
    await upstream.message(second, 2);
    await upstream.roundTrip(second);
    expect(upstream.messages(second)).toEqual([
      { ...one, connection: second, dup: true },
      { ...two, connection: second, dup: true },
    ]);
    upstream.acknowledge(second, 'PUBCOMP', three?.packetId as number);
    upstream.acknowledge(second, 'PUBACK', one?.packetId as number);
    upstream.acknowledge(second, 'PUBREC', two?.packetId as number);
    await upstream.answer(second, 'upstream-released', two?.packetId as number);
  });
});

describe('what a broker repeats', () => {
  let fake: FakeBroker;

  beforeEach(async () => {
    fake = await FakeBroker.start();
  });

  afterEach(() => fake.close());

  it('reports a PUBLISH that comes twice on one connection twice', async () => {
    const upstream = new UpstreamUnderTest(upstreamSettings(fake.url));
    const connection = upstream.connect('c');
    const wire = await fake.accept(1, '20 02 00 00');
    // QoS 1 and QoS 2 on topic a, payload x, packet ids 7 and 8; then both again with DUP.
    wire.send('32 06 0001 61 0007 78   34 06 0001 61 0008 78   3a 06 0001 61 0007 78   3c 06 0001 61 0008 78');
    await upstream.message(connection, 4);
    expect(upstream.messages(connection).map(({ packetId, qos, dup }) => [packetId, qos, dup])).toEqual([
      [7, 1, false],
      [8, 2, false],
      [7, 1, true],
      [8, 2, true],
    ]);
    expect(wire.packets.items).toHaveLength(1);
    await upstream.close();
  });

  it('hears PUBREL once for each QoS 2 message of MQTT 5, plain or not', async () => {
    const upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion: 5 }));
    const connection = upstream.connect('c');
    const wire = await fake.accept(1, '20 03 00 00 00');
    const plain = '34 07 0001 61 0007 00 78   62 02 0007';
    const withUserProperty = '34 0e 0001 61 0008 07 26 0001 6b 0001 76 78   62 02 0008';
    wire.send(plain + withUserProperty + plain + withUserProperty);
    await upstream.message(connection, 4);
    await eventually(
      'every PUBREL',
      () => upstream.reported(connection).filter((type) => type === 'upstream-released').length === 4,
    );
    expect(upstream.reported(connection).slice(1)).toEqual(
      Array.from({ length: 4 }, () => ['upstream-message', 'upstream-released']).flat(),
    );
    await upstream.close();
  });
});
