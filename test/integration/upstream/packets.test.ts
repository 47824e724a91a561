import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { FakeBroker, type FakeConnection } from './fake-broker.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

const CONNACK = { 4: '20 02 00 00', 5: '20 03 00 00 00' } as const;

/** Octets of an ASCII text as the fake broker shows them. */
function hex(ascii: string): string {
  return [...ascii].map((c) => c.charCodeAt(0).toString(16)).join(' ');
}

describe('packets on the wire', () => {
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeEach(async () => {
    fake = await FakeBroker.start();
  });

  afterEach(async () => {
    await Promise.all([upstream.close(), fake.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  async function connected(
    protocolVersion: 4 | 5,
    more: Partial<UpstreamSettings> = {},
  ): Promise<[number, FakeConnection]> {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion, ...more }));
    const connection = upstream.connect('c', { cleanSession: false });
    const wire = await fake.accept(1, CONNACK[protocolVersion]);
    await upstream.of(connection, 'upstream-connected');
    return [connection, wire];
  }

  it('is an MQTT 3.1.1 CONNECT with will, keep-alive and credentials', async () => {
    upstream = new UpstreamUnderTest(
      upstreamSettings(fake.url, { username: 'u', password: 'p', clientIdPrefix: 'sn-', keepAlive: 90_000 }),
    );
    upstream.connect('c', { will: { topic: 'w', message: Uint8Array.of(0, 255), qos: 1, retain: true } });
    const wire = await fake.connections.nth(1);
    // flags: user name, password, will retain, will QoS 1, will, clean session
    expect(await wire.packets.nth(1)).toBe(
      `10 1d 00 04 ${hex('MQTT')} 04 ee 00 5a 00 04 ${hex('sn-c')} 00 01 77 00 02 00 ff 00 01 75 00 01 70`,
    );
  });

  it('is a CONNECT without will that keeps the session', async () => {
    const [, wire] = await connected(4);
    expect(wire.packets.items[0]).toBe(`10 0d 00 04 ${hex('MQTT')} 04 00 00 3c 00 01 63`);
  });

  it('names the gateway’s own connection without the prefix', async () => {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { clientIdPrefix: 'sn-', gatewayClientId: 'gw' }));
    upstream.connect(undefined);
    const wire = await fake.connections.nth(1);
    expect(await wire.packets.nth(1)).toBe(`10 0e 00 04 ${hex('MQTT')} 04 02 00 3c 00 02 67 77`);
  });

  it('is an MQTT 5 CONNECT with the session expiry, Receive Maximum and no will delay', async () => {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion: 5, sessionExpiry: 3_600 }));
    upstream.connect('c', {
      cleanSession: false,
      will: { topic: 'w', message: Uint8Array.of(1), qos: 0, retain: false },
    });
    upstream.connect('d', { cleanSession: true });
    const packets = await Promise.all([1, 2].map(async (n) => (await fake.connections.nth(n)).packets.nth(1)));
    expect(packets.sort()).toEqual([
      `10 16 00 04 ${hex('MQTT')} 05 02 00 3c 08 11 00 00 00 00 21 00 14 00 01 64`,
      `10 22 00 04 ${hex('MQTT')} 05 04 00 3c 08 11 00 00 0e 10 21 00 14 00 01 63 05 18 00 00 00 00 00 01 77 00 01 01`,
    ]);
  });

  it('carries the packet ids and the DUP flag of the effects (3.1.1)', async () => {
    const [connection, wire] = await connected(4);
    upstream.publish(connection, 't', 'x');
    upstream.publish(connection, 't', 'x', { qos: 1, packetId: 0x1234, retain: true });
    upstream.publish(connection, 't', 'x', { qos: 1, packetId: 0x1234, dup: true });
    upstream.publish(connection, 't', 'x', { qos: 2, packetId: 0xffff, dup: true });
    upstream.release(connection, 0xffff);
    upstream.perform({ type: 'upstream-subscribe', connection, packetId: 3, filter: 's/#', qos: 1 });
    upstream.perform({ type: 'upstream-unsubscribe', connection, packetId: 4, filter: 's/#' });
    upstream.acknowledge(connection, 'PUBACK', 5);
    upstream.acknowledge(connection, 'PUBREC', 6);
    upstream.acknowledge(connection, 'PUBCOMP', 7);
    await wire.packets.nth(11);
    expect(wire.packets.items.slice(1)).toEqual([
      '30 04 00 01 74 78',
      '33 06 00 01 74 12 34 78',
      '3a 06 00 01 74 12 34 78',
      '3c 06 00 01 74 ff ff 78',
      '62 02 ff ff',
      '82 08 00 03 00 03 73 2f 23 01',
      'a2 07 00 04 00 03 73 2f 23',
      '40 02 00 05',
      '50 02 00 06',
      '70 02 00 07',
    ]);
  });

  it('carries reason codes (MQTT 5)', async () => {
    const [connection, wire] = await connected(5);
    upstream.publish(connection, 't', '', { qos: 1, packetId: 1 });
    upstream.acknowledge(connection, 'PUBACK', 5);
    upstream.acknowledge(connection, 'PUBACK', 5, 0x83);
    upstream.acknowledge(connection, 'PUBREC', 6, 0x83);
    upstream.end(connection);
    await wire.packets.nth(6);
    expect(wire.packets.items.slice(1)).toEqual([
      '32 06 00 01 74 00 01 00',
      '40 02 00 05',
      '40 04 00 05 83 00',
      '50 04 00 06 83 00',
      'e0 02 00 00',
    ]);
  });

  it.each(['20 00', '20 01 00'])('is no CONNACK where its code is missing (3.1.1): %s', async (octets) => {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url));
    const connection = upstream.connect('c');
    await fake.accept(1, octets);
    const lost = await upstream.of(connection, 'upstream-lost');
    expect(lost).toMatchObject({ reason: 'a CONNACK without its code', ours: true });
    expect(upstream.reported(connection)).toEqual(['upstream-lost']);
  });

  it('is reported with reason codes (3.1.1 and MQTT 5)', async () => {
    const [connection, wire] = await connected(5);
    wire.send('40 04 0001 97 00   50 02 0002   70 03 0003 92   90 04 0004 00 87   b0 04 0005 00 00   62 02 0006');
    await upstream.of(connection, 'upstream-released');
    expect(upstream.inputs.items.slice(1)).toEqual([
      { type: 'upstream-acknowledged', connection, packetId: 1, packet: 'PUBACK', reasonCode: 0x97 },
      { type: 'upstream-acknowledged', connection, packetId: 2, packet: 'PUBREC', reasonCode: 0 },
      { type: 'upstream-acknowledged', connection, packetId: 3, packet: 'PUBCOMP', reasonCode: 0x92 },
      { type: 'upstream-subscribed', connection, packetId: 4, reasonCode: 0x87 },
      { type: 'upstream-unsubscribed', connection, packetId: 5 },
      { type: 'upstream-released', connection, packetId: 6 },
    ]);
    const older = new UpstreamUnderTest(upstreamSettings(fake.url));
    const second = older.connect('d');
    const olderWire = await fake.accept(2, '20 02 01 00');
    olderWire.send('90 03 0004 80   31 04 0001 74 78');
    expect((await older.of(second, 'upstream-subscribed')).reasonCode).toBe(0x80);
    const message = await older.message(second, 1);
    expect({ ...message, payload: text(message.payload) }).toEqual({
      type: 'upstream-message',
      connection: second,
      packetId: 0,
      topic: 't',
      payload: 'x',
      qos: 0,
      retain: true,
      dup: false,
    });
    expect((await older.of(second, 'upstream-connected')).sessionPresent).toBe(true);
    await older.close();
  });

  it('reports what an MQTT 5 broker says that it cannot do', async () => {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion: 5 }));
    const connection = upstream.connect('c');
    // Maximum QoS 1, Retain Available 0, Wildcard and Shared Subscription Available 0
    await fake.accept(1, '20 0b 00 00 08   24 01   25 00   28 00   2a 00');
    expect(await upstream.of(connection, 'upstream-connected')).toEqual({
      type: 'upstream-connected',
      connection,
      sessionPresent: false,
      maximumQos: 1,
      retainAvailable: false,
      wildcardAvailable: false,
      sharedAvailable: false,
    });
  });

  it('reports the answers to pings of the core, and none to those of the keep-alive', async () => {
    const [connection, wire] = await connected(4, { keepAlive: 2_000 });
    expect(await wire.packets.nth(2)).toBe('c0 00');
    upstream.perform({ type: 'upstream-ping', connection });
    expect(await wire.packets.nth(3)).toBe('c0 00');
    wire.send('d0 00   40 02 0001');
    await upstream.answer(connection, 'upstream-acknowledged', 1);
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-acknowledged']);
    wire.send('d0 00');
    expect(await upstream.of(connection, 'upstream-ponged')).toEqual({ type: 'upstream-ponged', connection });
  });

  it('pings a broker that only sends: what it sends is no sign of the client', async () => {
    const [, wire] = await connected(4, { keepAlive: 1_000 });
    const flood = setInterval(() => wire.send('30 04 00 01 74 78'), 50);
    try {
      expect(await wire.packets.nth(2)).toBe('c0 00');
    } finally {
      clearInterval(flood);
    }
  });

  it('keeps the order of what is read quickly and what is not, whatever arrives together', async () => {
    const [connection, wire] = await connected(4);
    upstream.perform({ type: 'upstream-ping', connection });
    await wire.packets.nth(2);
    wire.send('90 03 0001 01   30 03 00 01 74   d0 00   40 02 0002   b0 02 0003   50 02 0004   62 02 0005');
    await upstream.of(connection, 'upstream-released');
    expect(upstream.reported(connection).slice(1)).toEqual([
      'upstream-subscribed',
      'upstream-message',
      'upstream-ponged',
      'upstream-acknowledged',
      'upstream-unsubscribed',
      'upstream-acknowledged',
      'upstream-released',
    ]);
  });

  it.each([
    [4, '0007'],
    [5, '0007 00'],
    [5, '0007 07 26 0001 61 0001 62'], // a user property
  ] as const)(
    'reports the first MiB of a message of 3 MiB, and goes on behind it (protocol version %i, %s)',
    async (version, rest) => {
      const [connection, wire] = await connected(version);
      const beginning = Buffer.from(`0001 74 ${rest}`.replaceAll(' ', ''), 'hex');
      const length = 3 << 20;
      wire.socket.write(Buffer.of(0x32, 0x80, 0x80, 0xc0, 0x01));
      wire.socket.write(Buffer.concat([beginning, Buffer.alloc(length - beginning.length, 'x')]));
      wire.send(version === 4 ? '30 04 0001 61 78' : '30 05 0001 61 00 78');
      const [long, short] = [await upstream.inputs.nth(2), await upstream.inputs.nth(3)];
      expect(long).toMatchObject({ type: 'upstream-message', connection, topic: 't', qos: 1, packetId: 7 });
      expect(long.type === 'upstream-message' && long.payload.length).toBe((1 << 20) - beginning.length);
      expect(short).toMatchObject({ type: 'upstream-message', topic: 'a' });
    },
  );

  it('leave in their order and with one write, also those that are written fully', async () => {
    const [connection, wire] = await connected(4);
    const writes: string[] = [];
    wire.socket.on('data', (octets: Buffer) => writes.push(octets.toString('hex')));
    upstream.publish(connection, 'a', '', { qos: 0 });
    upstream.perform({ type: 'upstream-subscribe', connection, packetId: 2, filter: 'f', qos: 0 });
    upstream.acknowledge(connection, 'PUBACK', 3);
    upstream.perform({ type: 'upstream-ping', connection });
    upstream.publish(connection, 'b', '', { qos: 0 });
    await wire.packets.nth(6);
    expect(writes).toEqual(['3003000161' + '8206000200016600' + '40020003' + 'c000' + '3003000162']);
  });

  it('writes what the core asks for while it hears CONNACK', async () => {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url));
    upstream.onInput = ({ type, connection }) => {
      if (type === 'upstream-connected') {
        upstream.publish(connection, 't', 'x', { qos: 1, packetId: 9 });
      }
    };
    upstream.connect('c');
    const wire = await fake.accept(1, CONNACK[4]);
    expect(await wire.packets.nth(2)).toBe('32 06 00 01 74 00 09 78');
  });
});
