import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { TransparentUpstream } from '../../../src/upstream/transparent-upstream.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { FakeBroker } from './fake-broker.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('a connection that fails', () => {
  let broker: Mosquitto;
  let fake: FakeBroker;
  const upstreams: UpstreamUnderTest[] = [];

  beforeAll(async () => {
    [broker, fake] = await Promise.all([Mosquitto.start({ users: { sensor: 'secret' } }), FakeBroker.start()]);
  });

  afterAll(() => Promise.all([broker.dispose(), fake.close()]));

  afterEach(async () => {
    for (const upstream of upstreams.splice(0)) {
      await upstream.close();
      expect(upstream.synchronous).toEqual([]);
      expect(JSON.stringify(upstream.inputs.items)).not.toMatch(/secret|wrong/);
    }
  });

  function start(url: string, more: Partial<UpstreamSettings> = {}): UpstreamUnderTest {
    const upstream = new UpstreamUnderTest(upstreamSettings(url, { username: 'sensor', password: 'secret', ...more }));
    upstreams.push(upstream);
    return upstream;
  }

  it.each([
    [4, 5],
    [5, 0x87],
  ] as const)(
    'is refused for a wrong password (protocol version %i), and that is all',
    async (protocolVersion, reasonCode) => {
      const upstream = start(broker.url, { password: 'wrong', protocolVersion });
      const connection = upstream.connect('refused');
      expect(await upstream.of(connection, 'upstream-refused')).toEqual({
        type: 'upstream-refused',
        connection,
        protocolVersion,
        reasonCode,
      });
      upstream.publish(connection, 't', 'dropped');
      upstream.end(connection);
      await upstream.close();
      expect(upstream.reported(connection)).toEqual(['upstream-refused']);
    },
  );

  it('is lost where nobody listens', async () => {
    const port = await freePort();
    const upstream = start(`mqtt://127.0.0.1:${port}`);
    const connection = upstream.connect('nobody');
    const { reason, takenOver, unsent } = await upstream.of(connection, 'upstream-lost');
    expect(unsent).toBe(true);
    expect(reason).toBe(
      `connect ECONNREFUSED 127.0.0.1:${port}: nothing listens there: is the broker running, and is the port in upstream.url right?`,
    );
    expect(takenOver).toBe(false);
    await upstream.close();
    expect(upstream.reported(connection)).toEqual(['upstream-lost']);
  });

  it('names each address that localhost stands for', async () => {
    const port = await freePort();
    const upstream = start(`mqtt://localhost:${port}`);
    const { reason, unsent } = await upstream.of(upstream.connect('nobody'), 'upstream-lost');
    expect(reason).toContain(`connect ECONNREFUSED 127.0.0.1:${port}`);
    expect(unsent).toBe(true);
  });

  it('is lost for a name that does not exist', async () => {
    const upstream = start('mqtt://no-such-host.invalid');
    expect((await upstream.of(upstream.connect('c'), 'upstream-lost')).reason).toMatch(
      /^getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host.invalid: (this name is not known: check|the name server does not answer)/,
    );
  });

  it('is lost when the server says nothing', async () => {
    const upstream = start(fake.url, { connectTimeout: 100 });
    const connection = upstream.connect('silence');
    const { reason, unsent } = await upstream.of(connection, 'upstream-lost');
    expect(unsent).toBe(undefined);
    expect(reason).toBe('no CONNACK within 0.1 s: is it an MQTT broker, and without TLS on this port (mqtts://)?');
    await upstream.close();
    expect(upstream.reported(connection)).toEqual(['upstream-lost']);
  });

  it('is lost when the server hangs up before CONNACK', async () => {
    const upstream = start(fake.url);
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('hung-up');
    (await fake.connections.nth(next)).socket.end();
    expect((await upstream.of(connection, 'upstream-lost')).reason).toBe(
      'closed by the broker before CONNACK: is it an MQTT broker, and without TLS on this port (mqtts://)?',
    );
  });

  it('is lost, and closed, when the server talks nonsense', async () => {
    const upstream = start(fake.url);
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('nonsense');
    const wire = await fake.accept(next, '20 02 00 00');
    const closed = new Promise((resolve) => wire.socket.once('close', resolve));
    wire.send('36 06 0001 61 0007 78');
    expect((await upstream.of(connection, 'upstream-lost')).reason).toBe('Packet must not have both QoS bits set to 1');
    await closed;
  });

  it('says that an answer could not be read, and that it ended of itself where none came', async () => {
    const upstream = start(fake.url);
    const next = fake.connections.items.length + 1;
    const unreadable = upstream.connect('unreadable');
    const wire = await fake.accept(next, '20 02 00 00');
    await upstream.of(unreadable, 'upstream-connected');
    wire.send('90 03 0001 87');
    expect(await upstream.of(unreadable, 'upstream-lost')).toMatchObject({ ours: true, unreadable: true });
    const hasty = start(fake.url, { keepAlive: 1_000 });
    const silent = hasty.connect('silent');
    await fake.accept(next + 1, '20 02 00 00');
    const lost = await hasty.of(silent, 'upstream-lost');
    expect(lost).toMatchObject({ reason: 'no answer to ping', ours: true });
    expect(lost).not.toHaveProperty('unreadable');
  });

  it('hears nothing any more behind what could not be read', async () => {
    const upstream = start(fake.url);
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('behind');
    const wire = await fake.accept(next, '20 02 00 00');
    await upstream.of(connection, 'upstream-connected');
    wire.send('90 03 0001 87   30 04 0001 61 78   d0 00');
    await upstream.of(connection, 'upstream-lost');
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-lost']);
  });

  it('says how many publishes with QoS 0 the keep-alive has proved, and not twice', async () => {
    const upstream = start(fake.url, { keepAlive: 1_000 });
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('kept');
    const wire = await fake.accept(next, '20 02 00 00');
    await upstream.of(connection, 'upstream-connected');
    upstream.publish(connection, 't', 'one');
    upstream.publish(connection, 't', 'two');
    await wire.packets.find('PINGREQ', (packet) => packet === 'c0 00');
    upstream.publish(connection, 't', 'three');
    wire.send('d0 00');
    expect(await upstream.of(connection, 'upstream-kept')).toMatchObject({ publishes: 2 });
    const pings = (): number => wire.packets.items.filter((packet) => packet === 'c0 00').length;
    await wire.packets.find('a second PINGREQ', () => pings() === 2);
    wire.send('d0 00');
    await upstream.inputs.find('the third', (input) => input.type === 'upstream-kept' && input.publishes === 3);
    await wire.packets.find('a third PINGREQ', () => pings() === 3);
    wire.send('d0 00');
    wire.socket.end();
    await upstream.of(connection, 'upstream-lost');
    expect(upstream.reported(connection).filter((type) => type === 'upstream-kept')).toHaveLength(2);
  });

  it('stays as long as a message is on its way that takes longer than the keep-alive: PINGRESP is behind it', async () => {
    const upstream = start(fake.url, { keepAlive: 1_000 });
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('patient');
    const wire = await fake.accept(next, '20 02 00 00');
    await upstream.of(connection, 'upstream-connected');
    wire.send(`30 b3 07 0001 61`); // of 947 octets
    for (let n = 0; n < 16; n++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      wire.send('78'.repeat(59));
    }
    expect((await upstream.message(connection, 1)).payload).toHaveLength(944);
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-message']);
    expect(await upstream.of(connection, 'upstream-lost')).toMatchObject({ reason: 'no answer to ping', ours: true });
  });

  it("keeps alive as the broker says (MQTT 5), also where there is no keep-alive of the gateway's own", async () => {
    const upstream = start(fake.url, { protocolVersion: 5, keepAlive: 0 });
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('told');
    const wire = await fake.accept(next, '20 06 00 00 03 13 0001'); // Server Keep Alive: 1 s
    await upstream.of(connection, 'upstream-connected');
    await wire.packets.find('PINGREQ', (packet) => packet === 'c0 00');
  });

  it('is lost once when the broker is killed, and can be made again when it is back', async () => {
    const upstream = start(broker.url);
    const connection = await upstream.connected('survivor');
    await broker.stop('SIGKILL');
    const { reason } = await upstream.of(connection, 'upstream-lost');
    expect(reason).toMatch(/^closed by the broker$|ECONNRESET/);
    upstream.publish(connection, 't', 'dropped', { qos: 1 });
    upstream.end(connection);
    await broker.start();
    const second = await upstream.connected('survivor');
    await upstream.roundTrip(second);
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-lost']);
  });

  it('is lost when the broker does not answer pings any more', async () => {
    const upstream = start(broker.url, { keepAlive: 2_000 });
    const connection = await upstream.connected('frozen');
    broker.freeze();
    try {
      expect((await upstream.of(connection, 'upstream-lost')).reason).toBe('no answer to ping');
    } finally {
      broker.resume();
    }
  });

  it.each([
    ['e0 02 8e 00   30 04 0001 74 78', 'disconnected by the broker: Session taken over (0x8e)', true, 0x8e],
    ['e0 01 8e', 'disconnected by the broker: Session taken over (0x8e)', true, 0x8e],
    ['e0 02 8b 00', 'disconnected by the broker: Server shutting down (0x8b)', false, 0x8b],
    ['e0 00', 'disconnected by the broker: normal disconnection (0x00)', false, 0],
  ] as const)('is lost once when MQTT 5 says DISCONNECT (%s)', async (disconnect, reason, takenOver, reasonCode) => {
    const upstream = start(fake.url, { protocolVersion: 5 });
    const next = fake.connections.items.length + 1;
    const connection = upstream.connect('wanted');
    const wire = await fake.accept(next, '20 03 00 00 00');
    await upstream.of(connection, 'upstream-connected');
    wire.send(disconnect);
    wire.socket.end();
    expect(await upstream.of(connection, 'upstream-lost')).toEqual({
      type: 'upstream-lost',
      connection,
      reason,
      takenOver,
      reasonCode,
    });
    await upstream.close();
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-lost']);
  });

  it('is lost when another client takes the client id; a broker without that word just closes', async () => {
    const upstream = start(broker.url);
    const connection = await upstream.connected('wanted');
    const other = await MqttPeer.connect(broker.url, { clientId: 'wanted', username: 'sensor', password: 'secret' });
    expect(await upstream.of(connection, 'upstream-lost')).toMatchObject({
      reason: 'closed by the broker',
      takenOver: false,
    });
    await other.close();
  });

  it('reports nothing after its end was asked for', async () => {
    const upstream = start(broker.url);
    const connection = await upstream.connected('listener');
    await upstream.subscribe(connection, 'listener', 0);
    const peer = await MqttPeer.connect(broker.url, { username: 'sensor', password: 'secret' });
    await peer.publish('listener', 'unheard', 1);
    upstream.publish(connection, 'listener', 'own', { qos: 1 });
    const before = upstream.reported(connection);
    upstream.end(connection, false);
    await Promise.all([upstream.close(), peer.close()]);
    expect(upstream.reported(connection)).toEqual(before);
  });

  it('is an error at once when the URL is none, without repeating it', () => {
    for (const url of ['http://u:secret@h', 'mqtt:/u:secret@', 'secret']) {
      const settings = upstreamSettings(url);
      expect(() => new TransparentUpstream({ settings, listener: () => undefined })).toThrow(
        'the URL of the broker must look like mqtt://localhost:1883 (or mqtts://, ws://, wss://)',
      );
    }
  });
});
