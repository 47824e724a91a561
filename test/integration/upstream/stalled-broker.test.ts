import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { within } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { FakeBroker, type FakeConnection } from './fake-broker.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

const PAYLOAD = 'x'.repeat(10_000);

/** More than any operating system holds for two sockets. */
const MOST = 50_000;

/** Publishes as long as it is not told that the connection is blocked; how many times. */
async function publishUntilBlocked(upstream: UpstreamUnderTest, connection: number): Promise<number> {
  for (let count = 0; count < MOST; count += 1) {
    if (upstream.reported(connection).at(-1) === 'upstream-blocked') {
      return count;
    }
    upstream.publish(connection, 't', PAYLOAD);
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${MOST} publishes and no word of a limit`);
}

describe('a broker that does not read', () => {
  let fake: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeEach(async () => {
    fake = await FakeBroker.start();
  });

  afterEach(async () => {
    await Promise.all([upstream.close(0), fake.close()]);
    expect(upstream.synchronous).toEqual([]);
  });

  async function stalled(more: Partial<UpstreamSettings> = {}): Promise<[number, FakeConnection]> {
    upstream = new UpstreamUnderTest(upstreamSettings(fake.url, more));
    const connection = upstream.connect('c');
    const wire = await fake.accept(1, '20 02 00 00');
    await upstream.of(connection, 'upstream-connected');
    wire.socket.pause();
    return [connection, wire];
  }

  it('is told of when upstream.maxBacklog waits for it, and again when it has read', async () => {
    const [connection, wire] = await stalled({ maxBacklog: 100_000 });
    const published = await publishUntilBlocked(upstream, connection);
    upstream.publish(connection, 't', 'one more');
    wire.socket.resume();
    await upstream.of(connection, 'upstream-drained');
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-blocked', 'upstream-drained']);
    await wire.packets.nth(1 + published + 1);
    upstream.publish(connection, 't', 'z', { qos: 1, packetId: 9 });
    wire.send('40 02 0009');
    await upstream.answer(connection, 'upstream-acknowledged', 9);
  });

  it('is told of when upstream.maxBacklogInAll waits for it on all connections, though none has its limit', async () => {
    const [connection] = await stalled({ maxBacklog: 200_000_000, maxBacklogInAll: 100_000 });
    await publishUntilBlocked(upstream, connection);
    const second = upstream.connect('d');
    await fake.accept(2, '20 02 00 00');
    await upstream.of(second, 'upstream-connected');
    // what the operating system takes at once does not count
    upstream.publish(second, 't', 'taken');
    await (await fake.connections.nth(2)).packets.nth(2);
    expect(upstream.reported(second)).toEqual(['upstream-connected']);
  });

  it('does not hold up the end: what it has not read by then is given up', async () => {
    const [connection, wire] = await stalled({ maxBacklog: 100_000 });
    await publishUntilBlocked(upstream, connection);
    const closed = new Promise((resolve) => wire.socket.once('close', resolve));
    await within('the end of the upstream', upstream.close(50));
    wire.socket.resume();
    await within('the end of the connection', closed);
    expect(upstream.reported(connection)).toEqual(['upstream-connected', 'upstream-blocked']);
  });
});

describe.each(['mqtt', 'ws'] as const)('a mosquitto that is stopped for a while (%s)', (way) => {
  it('is told of, and takes all of it when it goes on', async () => {
    const broker = await Mosquitto.start({ websockets: true });
    const url = way === 'mqtt' ? broker.url : broker.websocketUrl;
    const upstream = new UpstreamUnderTest(upstreamSettings(url, { maxBacklog: 100_000 }));
    try {
      const connection = await upstream.connected('c');
      broker.freeze();
      await publishUntilBlocked(upstream, connection);
      broker.resume();
      await upstream.of(connection, 'upstream-drained');
      await upstream.roundTrip(connection);
      expect(upstream.reported(connection)).toEqual([
        'upstream-connected',
        'upstream-blocked',
        'upstream-drained',
        'upstream-acknowledged',
      ]);
    } finally {
      broker.resume();
      await upstream.close(0);
      await broker.dispose();
    }
  });
});
