import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedBroker } from '../../../src/upstream/embedded-broker.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { FakeBroker, type FakeConnection } from './fake-broker.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

const SHARED = { shared: true, cleanSession: false, protocolVersion: 5 } as const;

describe('the connection that the clients of an aggregating gateway share', () => {
  let broker: Mosquitto;
  let peer: MqttPeer;
  let upstream: UpstreamUnderTest;

  beforeAll(async () => {
    broker = await Mosquitto.start();
  });

  afterAll(() => broker.dispose());

  beforeEach(async () => {
    peer = await MqttPeer.connect(broker.url);
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { clientIdPrefix: 'sn-', gatewayClientId: 'gw' }));
  });

  afterEach(async () => {
    const last = upstream.connect(undefined, { ...SHARED, cleanSession: true });
    await upstream.of(last, 'upstream-connected'); // the broker forgets the session
    await Promise.all([peer.close(), upstream.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  /** Identifiers and payloads of all that the broker has sent so far on a connection. */
  async function heard(connection: number): Promise<unknown[]> {
    await upstream.roundTrip(connection);
    return upstream.messages(connection).map(({ identifiers, payload }) => [identifiers, text(payload)]);
  }

  it('has a client id and a session of its own, beside the connection of the gateway', async () => {
    const own = await upstream.connected(undefined);
    const first = upstream.connect(undefined, SHARED);
    expect(await upstream.of(first, 'upstream-connected')).toMatchObject({ sessionPresent: false });
    await broker.logged(/ as gw \(p2, c1/);
    await broker.logged(/ as gw-s \(p5, c0/);
    upstream.end(first);
    const second = upstream.connect(undefined, SHARED);
    expect(await upstream.of(second, 'upstream-connected')).toMatchObject({ sessionPresent: true });
    await upstream.roundTrip(own);
    expect(upstream.reported(own)).not.toContain('upstream-lost');
    expect(upstream.reported(first)).toEqual(['upstream-connected']);
  });

  it('gets one copy for each filter that matches, with its identifier', async () => {
    const connection = await upstream.connected(undefined, SHARED);
    expect(await upstream.subscribe(connection, 'a/+', 1, { identifier: 1 })).toBe(1);
    expect(await upstream.subscribe(connection, '+/b', 0, { identifier: 268_435_455 })).toBe(0);
    await upstream.subscribe(connection, '#', 2);
    await peer.publish('a/b', 'x', 2);
    await upstream.message(connection, 3);
    expect(await heard(connection)).toEqual(
      expect.arrayContaining([
        [[1], 'x'],
        [[268_435_455], 'x'],
        [undefined, 'x'],
      ]),
    );
    const copies = upstream.messages(connection).filter(({ topic }) => topic === 'a/b');
    expect(copies.map(({ identifiers, qos }) => `${identifiers} ${qos}`).sort()).toEqual([
      '1 1',
      '268435455 0',
      'undefined 2',
    ]);
  });

  it('gets the retained messages of a filter again, with the identifier of the very SUBSCRIBE', async () => {
    await peer.publish('kept/1', 'x', 1, true);
    const connection = await upstream.connected(undefined, SHARED);
    await upstream.subscribe(connection, 'kept/+', 1, { identifier: 1 });
    await upstream.message(connection, 1);
    await upstream.subscribe(connection, 'kept/+', 1, { identifier: 2 });
    await upstream.message(connection, 2);
    await peer.publish('kept/2', 'y', 1);
    await upstream.message(connection, 3);
    expect(await heard(connection)).toEqual([
      [[1], 'x'],
      [[2], 'x'],
      [[2], 'y'],
    ]);
    await peer.publish('kept/1', '', 1, true);
  });

  it('gets no retained message where none is wanted', async () => {
    await peer.publish('kept/1', 'x', 1, true);
    const connection = await upstream.connected(undefined, SHARED);
    await upstream.subscribe(connection, 'kept/+', 1, { identifier: 1, withoutRetained: true, again: true });
    expect(await heard(connection)).toEqual([]);
    await peer.publish('kept/2', 'y', 1);
    await upstream.message(connection, 1);
    expect(await heard(connection)).toEqual([[[1], 'y']]);
    await peer.publish('kept/1', '', 1, true);
  });

  it('gets one copy of each message where it is of MQTT 3.1.1', async () => {
    const connection = await upstream.connected(undefined, { ...SHARED, protocolVersion: 4 });
    await upstream.subscribe(connection, 'a/+', 1, { identifier: 1 });
    await upstream.subscribe(connection, '+/b', 1, { withoutRetained: true });
    await peer.publish('a/b', 'x', 1);
    await upstream.message(connection, 1);
    expect(await heard(connection)).toEqual([[undefined, 'x']]);
  });

  it('is told nothing of the end of a session that it carried', async () => {
    const connection = await upstream.connected(undefined, SHARED);
    upstream.perform({ type: 'upstream-forget', connection: 0, clientId: 'sensor' });
    await upstream.roundTrip(connection);
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-acknowledged']);
  });
});

describe('a broker that the connection which clients share is made to', () => {
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeEach(async () => {
    fake = await FakeBroker.start();
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url));
  });

  afterEach(async () => {
    await Promise.all([upstream.close(), fake.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  async function connected(connack: string): Promise<[number, FakeConnection]> {
    const connection = upstream.connect(undefined, SHARED);
    return [connection, await fake.accept(1, connack)];
  }

  it('may know no identifiers', async () => {
    const [connection] = await connected('20 05 00 00 02 29 00');
    expect(await upstream.of(connection, 'upstream-connected')).toEqual({
      ...{ type: 'upstream-connected', connection, sessionPresent: false, identifiersAvailable: false },
    });
  });

  it('may name several of them in one message', async () => {
    const [connection, wire] = await connected('20 03 00 00 00');
    await upstream.of(connection, 'upstream-connected');
    wire.send('30 09 00 01 74 04 0b 01 0b 02 78');
    expect((await upstream.message(connection, 1)).identifiers).toEqual([1, 2]);
  });

  it.each([
    ['in the words of MQTT 5', '20 03 00 84 00', 0x84],
    ['in those of MQTT 3.1.1', '20 02 00 01', 1],
  ])('may refuse MQTT 5 %s', async (_how, connack, reasonCode) => {
    const [connection] = await connected(connack);
    expect(await upstream.of(connection, 'upstream-refused')).toEqual({
      ...{ type: 'upstream-refused', connection, protocolVersion: 5, reasonCode },
    });
  });

  it('may close without a word', async () => {
    const connection = upstream.connect(undefined, SHARED);
    const wire = await fake.connections.nth(1);
    await wire.packets.nth(1);
    wire.socket.end();
    expect(await upstream.of(connection, 'upstream-lost')).toEqual({
      type: 'upstream-lost',
      connection,
      reason:
        'closed by the broker before CONNACK: is it an MQTT broker, one for MQTT 5 (upstream.protocolVersion), and without TLS on this port (mqtts://)?',
      takenOver: false,
    });
  });
});

describe('the embedded broker', () => {
  it('refuses MQTT 5, and takes the same connection in 3.1.1 after that', async () => {
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    const upstream = new UpstreamUnderTest(upstreamSettings(broker.url));
    const five = upstream.connect(undefined, SHARED);
    expect(await upstream.of(five, 'upstream-refused')).toEqual({
      ...{ type: 'upstream-refused', connection: five, protocolVersion: 5, reasonCode: 1 },
    });
    const four = upstream.connect(undefined, { ...SHARED, protocolVersion: 4 });
    expect(await upstream.of(four, 'upstream-connected')).toMatchObject({ sessionPresent: false });
    await upstream.close();
    await broker.close();
    expect(upstream.reported(five)).toEqual(['upstream-refused']);
  });
});
