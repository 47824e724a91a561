import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { within } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { roundsOfEvents, virtualTimers } from '../../support/virtual-timers.ts';
import { FakeBroker } from './fake-broker.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

const will = { topic: 'will', message: new TextEncoder().encode('gone'), qos: 1, retain: false } as const;

describe.each([4, 5] as const)('the end of a connection (T-52, protocol version %i)', (protocolVersion) => {
  let broker: Mosquitto;
  let peer: MqttPeer;
  let upstream: UpstreamUnderTest;

  beforeAll(async () => {
    broker = await Mosquitto.start({ websockets: true });
  });

  afterAll(() => broker.dispose());

  beforeEach(async () => {
    peer = await MqttPeer.connect(broker.url);
    await peer.subscribe('will');
    await peer.subscribe('last/words');
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { protocolVersion }));
  });

  afterEach(async () => {
    await Promise.all([peer.close(), upstream.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  /** When it resolves, the broker has seen the end of `clientId`. */
  async function ended(clientId: string, from = 0): Promise<void> {
    await broker.logged(new RegExp(`Client ${clientId} (disconnected|closed its connection)`), from);
    await peer.settle();
  }

  it('makes the broker publish the will when it comes without DISCONNECT', async () => {
    const connection = await upstream.connected('lost', { will });
    upstream.publish(connection, 'last/words', 'farewell');
    upstream.end(connection, false);
    expect(await peer.messageOn('will')).toMatchObject({ payload: 'gone', qos: 1 });
    await peer.settle();
    expect(peer.messages.map(({ topic }) => topic)).toEqual(['last/words', 'will']);
  });

  it('leaves no will with DISCONNECT, and what was written in the same tick has arrived', async () => {
    const connection = await upstream.connected('polite', { will });
    for (let i = 0; i < 100; i += 1) {
      upstream.publish(connection, 'last/words', `${i}`);
    }
    upstream.end(connection);
    await ended('polite');
    expect(peer.messages.map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });

  it('writes a megabyte before DISCONNECT', async () => {
    const connection = await upstream.connected('big', { will });
    upstream.publish(connection, 'last/words', 'x'.repeat(1_000_000));
    upstream.end(connection);
    await ended('big');
    expect(peer.messages.map(({ payload }) => payload.length)).toEqual([1_000_000]);
  });

  it('comes before a new connection of the same client, twenty times over', async () => {
    let connection = await upstream.connected('restless', { will });
    for (let i = 0; i < 20; i += 1) {
      upstream.end(connection);
      connection = upstream.connect('restless', { will });
      // Changes its mind at once: the middle one is never made.
      if (i % 2 === 1) {
        upstream.end(connection);
        connection = upstream.connect('restless', { will });
      }
      await upstream.of(connection, 'upstream-connected');
    }
    upstream.end(connection);
    await upstream.close();
    await peer.settle();
    expect(peer.messages).toEqual([]);
    expect(broker.log).not.toMatch(/Client restless already connected/);
    expect(upstream.inputs.items.filter(({ type }) => type !== 'upstream-connected')).toEqual([]);
  });

  it('leaves no will when it comes while the connection is being made', async () => {
    for (const turns of [0, 1, 2, 3, 4]) {
      const connection = upstream.connect(`hasty-${turns}`, { will });
      for (let i = 0; i < turns; i += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      upstream.end(connection);
    }
    await upstream.close();
    await peer.settle();
    expect(peer.messages).toEqual([]);
  });

  it('leaves no will either when everything is closed at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => upstream.connected(`many-${i}`, { will })));
    await upstream.close();
    upstream.connect('late', { will });
    await peer.settle();
    expect(peer.messages).toEqual([]);
    expect(broker.log).not.toMatch(/ as late /);
  });

  it('publishes the will of a WebSocket client too, and leaves none with DISCONNECT', async () => {
    const other = new UpstreamUnderTest(upstreamSettings(broker.websocketUrl, { protocolVersion }));
    const polite = await other.connected('ws-polite', { will: { ...will, message: new Uint8Array(0) } });
    other.publish(polite, 'last/words', 'farewell');
    other.end(polite);
    await peer.messageOn('last/words');
    const lost = await other.connected('ws-lost', { will });
    other.end(lost, false);
    expect((await peer.messageOn('will')).payload).toBe('gone');
    await other.close();
  });
});

describe('the end of a connection whose broker does nothing', () => {
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeEach(async () => {
    fake = await FakeBroker.start();
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url));
  });

  afterEach(async () => {
    jest.useRealTimers();
    await Promise.all([upstream.close(0), fake.close()]);
  });

  it('says DISCONNECT before CONNACK and waits for that', async () => {
    const connection = upstream.connect('c', { will });
    const wire = await fake.connections.nth(1);
    await wire.packets.nth(1);
    const ended = new Promise((resolve) => wire.socket.once('end', resolve));
    upstream.end(connection);
    expect(await wire.packets.nth(2)).toBe('e0 00');
    expect(wire.socket.readableEnded).toBe(false);
    wire.send('20 02 00 00');
    await ended;
    expect(upstream.inputs.items).toEqual([]);
  });

  it('is forced after two seconds, and a waiting connection is made then', async () => {
    virtualTimers();
    const connection = upstream.connect('c');
    const wire = await fake.connections.nth(1);
    await wire.packets.nth(1);
    upstream.end(connection);
    upstream.connect('c');
    await jest.advanceTimersByTimeAsync(1_999);
    await roundsOfEvents();
    expect(fake.connections.items).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1);
    await fake.connections.nth(2);
  });

  it('is over when the time that was given is', async () => {
    virtualTimers();
    upstream.connect('c');
    const wire = await fake.connections.nth(1);
    await wire.packets.nth(1);
    let isOver = false;
    const closing = upstream.close(50).then(() => {
      isOver = true;
    });
    await jest.advanceTimersByTimeAsync(49);
    await roundsOfEvents();
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await within('the end of the upstream', closing);
  });
});
