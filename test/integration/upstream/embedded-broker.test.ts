import { afterEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../src/upstream/embedded-broker.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('embedded broker', () => {
  let broker: EmbeddedBroker | undefined;

  afterEach(async () => {
    await broker?.close();
    broker = undefined;
  });

  it('carries messages between a client of the gateway and any other', async () => {
    broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
    const peer = await MqttPeer.connect(broker.url);
    await peer.subscribe('up', 1);
    const upstream = new UpstreamUnderTest(
      upstreamSettings(broker.url, { clientIdPrefix: 'a-prefix-that-makes-it-long-' }),
    );
    const connection = await upstream.connected('sensor-with-23-letters.');
    await upstream.subscribe(connection, 'down', 1);
    const packetId = upstream.publish(connection, 'up', 'ping', { qos: 1 });
    await upstream.answer(connection, 'upstream-acknowledged', packetId, 'PUBACK');
    expect(await peer.message(1)).toMatchObject({ topic: 'up', payload: 'ping' });
    await peer.publish('down', 'pong', 1);
    const message = await upstream.message(connection, 1);
    expect(text(message.payload)).toBe('pong');
    upstream.acknowledge(connection, 'PUBACK', message.packetId);
    await upstream.roundTrip(connection);
    await Promise.all([upstream.close(), peer.close()]);
  });

  it('refuses MQTT 5', async () => {
    broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    const upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { protocolVersion: 5 }));
    expect((await upstream.of(upstream.connect('c'), 'upstream-refused')).reasonCode).toBe(1);
    await upstream.close();
  });

  it('ends its connections when it closes', async () => {
    broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    const upstream = new UpstreamUnderTest(upstreamSettings(broker.url));
    const connection = await upstream.connected('c');
    await broker.close();
    await upstream.of(connection, 'upstream-lost');
    await upstream.close();
  });

  it('says what to do when the port is taken', async () => {
    const first = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
    broker = first;
    const error = await startEmbeddedBroker({ host: '127.0.0.1', port: first.port }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      message: `port ${first.port} is taken; if an MQTT broker is running there already, use it: --broker mqtt://localhost:${first.port}`,
    });
  });

  it('is found under a name when it listens everywhere', async () => {
    broker = await startEmbeddedBroker({ host: '0.0.0.0', port: 0 });
    expect(broker.url).toBe(`mqtt://localhost:${broker.port}`);
  });
});
