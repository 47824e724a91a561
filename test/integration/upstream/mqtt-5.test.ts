import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type IPublishPacket } from 'mqtt';
import { Collected } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { FakeBroker } from './fake-broker.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('MQTT 5', () => {
  let broker: Mosquitto;
  let peer: MqttPeer;
  let upstream: UpstreamUnderTest;

  beforeAll(async () => {
    broker = await Mosquitto.start();
  });

  afterAll(() => broker.dispose());

  beforeEach(async () => {
    peer = await MqttPeer.connect(broker.url, { protocolVersion: 5 });
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { protocolVersion: 5 }));
  });

  afterEach(async () => {
    await Promise.all([peer.close(), upstream.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  it('publishes and hears with all three QoS', async () => {
    await peer.subscribe('out/+');
    const connection = await upstream.connected('five');
    expect(await upstream.subscribe(connection, 'in/+', 2)).toBe(2);

    upstream.publish(connection, 'out/0', 'a');
    const one = upstream.publish(connection, 'out/1', 'b', { qos: 1 });
    const two = upstream.publish(connection, 'out/2', 'c', { qos: 2 });
    await upstream.answer(connection, 'upstream-acknowledged', one, 'PUBACK');
    await upstream.answer(connection, 'upstream-acknowledged', two, 'PUBREC');
    upstream.release(connection, two);
    await upstream.answer(connection, 'upstream-acknowledged', two, 'PUBCOMP');
    await peer.message(3);
    expect(peer.messages.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(['out/0 a', 'out/1 b', 'out/2 c']);

    await peer.publish('in/0', 'd', 0);
    await peer.publish('in/1', 'e', 1);
    await peer.publish('in/2', 'f', 2);
    const messages = [
      await upstream.message(connection, 1),
      await upstream.message(connection, 2),
      await upstream.message(connection, 3),
    ];
    expect(messages.map(({ qos, payload }) => `${qos} ${text(payload)}`)).toEqual(['0 d', '1 e', '2 f']);
    // Refusing is an acknowledgement too: the broker does not release what was refused.
    upstream.acknowledge(connection, 'PUBACK', messages[1]?.packetId as number, 0x83);
    upstream.acknowledge(connection, 'PUBREC', messages[2]?.packetId as number, 0x83);
    await upstream.roundTrip(connection);
    expect(upstream.reported(connection)).not.toContain('upstream-released');
  });

  it('hears where the answer to a request goes, and says which request it answers', async () => {
    const asking = await upstream.connected('asking', { requests: true });
    const others = await upstream.connected('others');
    await upstream.subscribe(asking, 'request', 0);
    await upstream.subscribe(others, 'request', 0);
    const client = connect(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
    try {
      const answers = new Collected<IPublishPacket>('answers');
      client.on('message', (_topic, _payload, packet) => answers.add(packet));
      await client.subscribeAsync('answers/7');
      const correlationData = Buffer.of(0, 1, 0xff);
      await client.publishAsync('request', 'x', { properties: { responseTopic: 'answers/7', correlationData } });
      const request = await upstream.message(asking, 1);
      expect(request).toMatchObject({ responseTopic: 'answers/7', correlationData });
      expect(Object.keys(await upstream.message(others, 1))).not.toContain('responseTopic');
      upstream.publish(asking, 'answers/7', 'y', { correlationData: request.correlationData ?? Buffer.alloc(0) });
      const answer = await answers.nth(1);
      expect(answer.properties?.correlationData).toEqual(correlationData);
      expect(answer.payload.toString()).toBe('y');
    } finally {
      await client.endAsync();
    }
  });

  it('is told when nobody has subscribed', async () => {
    const connection = await upstream.connected('lonely');
    const packetId = upstream.publish(connection, 'nobody', '', { qos: 1 });
    expect((await upstream.answer(connection, 'upstream-acknowledged', packetId)).reasonCode).toBe(0x10);
  });

  it('stops to hear after unsubscribing', async () => {
    const connection = await upstream.connected('quitter');
    await upstream.subscribe(connection, 'quit', 1);
    const packetId = upstream.nextPacketId();
    upstream.perform({ type: 'upstream-unsubscribe', connection, packetId, filter: 'quit' });
    await upstream.answer(connection, 'upstream-unsubscribed', packetId);
    await peer.publish('quit', 'unheard', 1);
    await upstream.roundTrip(connection);
    expect(upstream.messages(connection)).toEqual([]);
  });

  it('has its session again, with what came in between', async () => {
    const first = await upstream.connected('keeper', { cleanSession: false });
    await upstream.subscribe(first, 'kept', 1);
    upstream.end(first);
    const second = upstream.connect('keeper', { cleanSession: false });
    expect((await upstream.of(second, 'upstream-connected')).sessionPresent).toBe(true);
    upstream.end(second);
    await broker.logged(/Client keeper disconnected.*Client keeper disconnected/s);
    await peer.publish('kept', 'meanwhile', 1);
    const third = await upstream.connected('keeper', { cleanSession: false });
    expect(text((await upstream.message(third, 1)).payload)).toBe('meanwhile');
    upstream.end(third);
    const fourth = upstream.connect('keeper', { cleanSession: true });
    expect((await upstream.of(fourth, 'upstream-connected')).sessionPresent).toBe(false);
  });
});

describe('a broker that speaks MQTT 5 in its own way', () => {
  const CONNACK = '20 03 00 00 00';
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeEach(async () => {
    fake = await FakeBroker.start();
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion: 5 }));
  });

  afterEach(() => Promise.all([upstream.close(), fake.close()]));

  it.each([
    ['a topic alias, though CONNECT has allowed none', '30 08 0001 61 03 23 0001 78'],
    ['a second CONNACK', CONNACK],
    ['the property messageExpiryInterval twice', '30 0e 0001 61 0a 02 0000003c 02 00000078'],
    ['a PUBLISH with QoS 1 and without a packet id', '32 06 0001 61 0000 00'],
    ['a PUBLISH with QoS 2 and without a packet id', '34 06 0001 61 0000 00'],
    ['a second CONNACK', `${CONNACK} 30 04 0001 61 00`],
  ])('is left where it sends %s, and nothing behind it is heard', async (reason, octets) => {
    const connection = upstream.connect('c');
    const wire = await fake.accept(1, CONNACK);
    await upstream.of(connection, 'upstream-connected');
    const closed = new Promise((resolve) => wire.socket.once('close', resolve));
    wire.send(octets);
    const lost = await upstream.of(connection, 'upstream-lost');
    expect(lost).toMatchObject({ reason, ours: true });
    expect(lost).not.toHaveProperty('unreadable');
    await closed;
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-lost']);
  });

  it.each([
    ['Receive Maximum 0 in CONNACK', '20 06 00 00 03 21 0000'],
    ['Maximum Packet Size 0 in CONNACK', '20 08 00 00 05 27 00000000'],
    ['the property receiveMaximum twice', '20 09 00 00 06 21 0001 21 0002'],
    ['a CONNACK without its code', '20 00'],
  ])('is not believed where it says %s', async (reason, octets) => {
    const connection = upstream.connect('c');
    const wire = await fake.accept(1, octets);
    wire.send(CONNACK);
    const lost = await upstream.of(connection, 'upstream-lost');
    expect(lost).toMatchObject({ reason, ours: true });
    expect(upstream.reported(connection)).toEqual(['upstream-lost']);
  });

  it('says how often it wants to hear a ping, in place of the settings', async () => {
    upstream.connect('c');
    const wire = await fake.accept(1, '20 06 00 00 03 13 0001'); // Server Keep Alive: 1 s
    await wire.packets.find('PINGREQ', (packet) => packet === 'c0 00');
  });
});
