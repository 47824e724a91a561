import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeBroker, type FakeConnection } from './fake-broker.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe.each([
  [4, '20 02 00 00', '90 02'],
  [5, '20 03 00 00 00', '90 03'],
] as const)('a broker that answers out of step (protocol version %i)', (protocolVersion, connack, suback) => {
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;
  let connection: number;
  let wire: FakeConnection;

  beforeEach(async () => {
    fake = await FakeBroker.start();
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, { protocolVersion }));
    connection = upstream.connect('c');
    wire = await fake.accept(1, connack);
    await upstream.of(connection, 'upstream-connected');
  });

  afterEach(async () => {
    await Promise.all([upstream.close(), fake.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  /** What was reported since CONNACK, once the broker has answered one publish more on the same connection. */
  async function reportedUntilNow(): Promise<readonly object[]> {
    const packetId = upstream.publish(connection, 'still/there', '', { qos: 1 });
    wire.send(`40 02 ${packetId.toString(16).padStart(4, '0')}`);
    await upstream.answer(connection, 'upstream-acknowledged', packetId, 'PUBACK');
    expect(upstream.reported(connection)).not.toContain('upstream-lost');
    return upstream.inputs.items.slice(1, -1).map(({ connection: _, ...rest }) => rest);
  }

  it('a PUBACK for a QoS 2 publish is reported as the PUBACK that it is', async () => {
    const packetId = upstream.publish(connection, 't', 'x', { qos: 2, packetId: 7 });
    wire.send('40 02 0007');
    await upstream.answer(connection, 'upstream-acknowledged', packetId, 'PUBACK');
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-acknowledged', packetId: 7, packet: 'PUBACK', reasonCode: 0 },
    ]);
  });

  it('a PUBREC and a PUBCOMP for a QoS 1 publish are reported, and nothing is sent for them', async () => {
    upstream.publish(connection, 't', 'x', { qos: 1, packetId: 7 });
    wire.send('50 02 0007   70 02 0007');
    await upstream.answer(connection, 'upstream-acknowledged', 7, 'PUBCOMP');
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-acknowledged', packetId: 7, packet: 'PUBREC', reasonCode: 0 },
      { type: 'upstream-acknowledged', packetId: 7, packet: 'PUBCOMP', reasonCode: 0 },
    ]);
    expect(await wire.packets.nth(3)).toMatch(/^32 /);
    expect(wire.packets.items).toHaveLength(3);
  });

  it('answers for packet ids that were never used are reported, and end nothing', async () => {
    wire.send('40 02 03e7   50 02 03e7   70 02 03e7   62 02 03e7');
    wire.send(
      protocolVersion === 4 ? '90 03 03e7 01   b0 02 03e7   d0 00' : '90 04 03e7 00 01   b0 04 03e7 00 00   d0 00',
    );
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-acknowledged', packetId: 999, packet: 'PUBACK', reasonCode: 0 },
      { type: 'upstream-acknowledged', packetId: 999, packet: 'PUBREC', reasonCode: 0 },
      { type: 'upstream-acknowledged', packetId: 999, packet: 'PUBCOMP', reasonCode: 0 },
      { type: 'upstream-released', packetId: 999 },
      { type: 'upstream-subscribed', packetId: 999, reasonCode: 1 },
      { type: 'upstream-unsubscribed', packetId: 999 },
    ]);
  });

  it('a SUBACK without a code counts as a refusal, of one with too many the first code counts', async () => {
    upstream.perform({ type: 'upstream-subscribe', connection, packetId: 4, filter: 'a', qos: 1 });
    upstream.perform({ type: 'upstream-subscribe', connection, packetId: 5, filter: 'b', qos: 1 });
    wire.send(
      protocolVersion === 4 ? `${suback} 0004   90 05 0005 01 02 00` : `${suback} 0004 00   90 06 0005 00 01 02 00`,
    );
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-subscribed', packetId: 4, reasonCode: 0x80 },
      { type: 'upstream-subscribed', packetId: 5, reasonCode: 1 },
    ]);
  });

  it('a second answer to the same packet is reported again', async () => {
    upstream.publish(connection, 't', 'x', { qos: 1, packetId: 7 });
    wire.send('40 02 0007   40 02 0007');
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-acknowledged', packetId: 7, packet: 'PUBACK', reasonCode: 0 },
      { type: 'upstream-acknowledged', packetId: 7, packet: 'PUBACK', reasonCode: 0 },
    ]);
  });

  it('a SUBACK for a publish and a PUBACK for a SUBSCRIBE are reported as what they are', async () => {
    upstream.publish(connection, 't', 'x', { qos: 1, packetId: 7 });
    upstream.perform({ type: 'upstream-subscribe', connection, packetId: 8, filter: 'a', qos: 1 });
    wire.send(protocolVersion === 4 ? '90 03 0007 01   40 02 0008' : '90 04 0007 00 01   40 02 0008');
    expect(await reportedUntilNow()).toEqual([
      { type: 'upstream-subscribed', packetId: 7, reasonCode: 1 },
      { type: 'upstream-acknowledged', packetId: 8, packet: 'PUBACK', reasonCode: 0 },
    ]);
  });
});
