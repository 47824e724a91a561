import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ClientTransport,
  ConfigError,
  createGateway,
  decode,
  type Gateway,
  GatewayError,
  type GatewayOptions,
  MqttSnClient,
  type SeenMessage,
  UdpClientTransport,
} from '../../../src/index.ts';
import { Collected, eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';

let broker: Mosquitto;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await Mosquitto.start();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});
afterAll(() => broker.dispose());

function gatewayWith(options: GatewayOptions = {}): Gateway {
  const gateway = createGateway({
    transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }],
    sessions: { path: 'memory' },
    ...options,
    upstream: { url: broker.url, ...options.upstream },
  });
  ends.push(() => gateway.stop());
  return gateway;
}

const portOf = (gateway: Gateway): number => Number(gateway.addresses.get('udp')?.split(':')[1]);

async function clientOf(gateway: Gateway, clientId: string, cleanSession = true): Promise<MqttSnClient> {
  const client = new MqttSnClient({ clientId, port: portOf(gateway), retryInterval: 60_000, cleanSession });
  ends.push(() => client.close());
  await client.connect();
  return client;
}

const shown = ({ payload, link: _link, ...rest }: SeenMessage) => ({
  ...rest,
  payload: Buffer.from(payload).toString(),
});

describe('a gateway inside a program', () => {
  it('tells of its clients and of their messages, in both directions', async () => {
    const gateway = gatewayWith({ predefinedTopics: { '*': { 7: 'seven' } } });
    const told: unknown[] = [];
    const messages = new Collected<SeenMessage>('messages');
    gateway.on('client-connected', ({ clientId, cleanSession, keepAlive }) =>
      told.push([clientId, cleanSession, keepAlive]),
    );
    gateway.on('client-asleep', ({ clientId, duration }) => told.push([clientId, 'sleeps', duration]));
    gateway.on('client-disconnected', ({ clientId }) => told.push([clientId, 'has gone']));
    gateway.on('message', (message) => messages.add(message));
    await gateway.start();
    const client = await clientOf(gateway, 'sensor-1');
    await client.publish({ topicId: 7 }, 'a', { qos: 1, retain: true });
    await client.publish({ topicId: 7 }, 'b', { qos: -1 });
    await client.subscribe({ name: 'set/#' }, 2);
    await gateway.publish('set/fan', 'on', { qos: 2 });
    await messages.nth(3);
    await client.sleep(30);
    await client.disconnect();
    await eventually('the end', () => told.length === 3);
    expect(told).toEqual([
      ['sensor-1', true, 60],
      ['sensor-1', 'sleeps', 30],
      ['sensor-1', 'has gone'],
    ]);
    expect(messages.items.map(shown)).toEqual([
      { direction: 'up', clientId: 'sensor-1', topic: 'seven', payload: 'a', qos: 1, retain: true },
      { direction: 'up', clientId: 'sensor-1', topic: 'seven', payload: 'b', qos: -1, retain: false },
      { direction: 'down', clientId: 'sensor-1', topic: 'set/fan', payload: 'on', qos: 2, retain: false },
    ]);
  });

  it('makes messages, frames and log lines only while somebody listens, who may come and go', async () => {
    const gateway = gatewayWith({ logging: { level: 'info' } });
    await gateway.start();
    const client = await clientOf(gateway, 'sensor-2');
    const seen: string[] = [];
    const message = ({ payload }: SeenMessage): unknown => seen.push(`message ${Buffer.from(payload)}`);
    const frame = ({ direction }: { direction: string }): unknown => seen.push(direction);
    gateway.on('message', message).on('frame', frame);
    await client.publish({ short: 'ab' }, '1', { qos: 1 });
    gateway.off('frame', frame);
    await client.publish({ short: 'ab' }, '2', { qos: 1 });
    gateway.off('message', message);
    gateway.once('log', (line) => seen.push(`${line.level} ${line.event} ${line.message}`));
    await client.publish({ short: 'ab' }, '3', { qos: 1 });
    await client.disconnect();
    expect(seen).toEqual([
      'received',
      'message 1',
      'sent',
      'message 2',
      'info client-disconnected client disconnected: said DISCONNECT',
    ]);
  });

  it('shows its clients with times of the wall clock, sends them away and forgets them', async () => {
    const before = Date.now();
    const gateway = gatewayWith();
    await gateway.start();
    const client = await clientOf(gateway, 'sensor-3', false);
    await client.subscribe({ name: 'set/3' }, 1);
    const [row, ...more] = gateway.clients();
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      clientId: 'sensor-3',
      state: 'active',
      keepAlive: 60,
      transport: 'udp',
      sleepUntil: undefined,
    });
    expect(row?.lastHeard.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(gateway.client('sensor-3')?.subscriptions).toEqual([{ filter: 'set/3', qos: 1 }]);
    expect(gateway.client('nobody')).toBeUndefined();
    expect(await gateway.disconnect('sensor-3')).toBe(true);
    await eventually('the client hears of it', () => client.state === 'disconnected');
    expect(await gateway.forget('sensor-3')).toBe(true);
    expect([...gateway.clients()]).toEqual([]);
    expect(await gateway.forget('sensor-3')).toBe(false);
    expect(gateway.transports()).toMatchObject([{ name: 'udp', type: 'udp', state: 'up' }]);
    expect(gateway.broker()).toMatchObject({ embedded: false, mode: 'transparent' });
  });

  it('takes other settings while it runs, and says what needs a restart', async () => {
    const gateway = gatewayWith({ predefinedTopics: { '*': { 1: 'one' } } });
    await gateway.start();
    const port = portOf(gateway);
    const options = {
      transports: [{ type: 'udp', host: '127.0.0.1', port: 0, maxFrame: 512 }],
      sessions: { path: 'memory' },
      upstream: { url: broker.url },
      clients: { maxInflight: 7 },
      predefinedTopics: { '*': { 1: 'uno' } },
    } as const;
    const report = await gateway.reload(options);
    expect(report).toEqual({
      changed: ['clients.maxInflight: 16 → 7', 'pre-defined topic id 1 of every client: one → uno'],
      needsRestart: ['transports[0].maxFrame'],
      problems: [],
    });
    expect(portOf(gateway)).toBe(port);
    await expect(gateway.reload({ ...options, clients: { maxInflight: -1 } })).rejects.toBeInstanceOf(ConfigError);
    expect(await gateway.reload()).toMatchObject({ changed: [] });
  });

  it('is stopped by its disposal, may be started again, and says so where it does not run', async () => {
    const gateway = gatewayWith();
    const gone = { code: 'ERR_NOT_RUNNING' };
    expect(gateway.isRunning).toBe(false);
    expect(() => gateway.addresses).toThrow(GatewayError);
    expect(() => [...gateway.clients()]).toThrow(expect.objectContaining(gone));
    await expect(gateway.publish('a', 'b')).rejects.toMatchObject(gone);
    await expect(gateway.reload()).rejects.toMatchObject(gone);
    await gateway.stop();
    const starting = gateway.start();
    await expect(gateway.start()).rejects.toMatchObject({ code: 'ERR_RUNNING' });
    await starting;
    await gateway[Symbol.asyncDispose]();
    expect(gateway.isRunning).toBe(false);
    await gateway.start();
    const peer = await MqttPeer.connect(broker.url);
    ends.push(() => peer.close());
    await peer.subscribe('again');
    await gateway.publish('again', Uint8Array.of(0x21));
    expect(await peer.messageOn('again')).toMatchObject({ payload: '!' });
    await expect(gateway.publish('a/#', 'x')).rejects.toMatchObject({ name: 'GatewayError', code: 'ERR_PUBLISH' });
    // As a program in JavaScript can: it is told so, and nothing of it comes to the broker.
    for (const [topic, payload, options, words] of [
      [7, 'x', {}, 'the topic must be a text, found number'],
      ['a', 21.5, {}, 'the payload must be a text or a Uint8Array, found number'],
      ['a', null, {}, 'the payload must be a text or a Uint8Array, found null'],
      ['a', [1, 2], {}, 'the payload must be a text or a Uint8Array, found object'],
      ['a', 'x', 1, 'the options must be an object such as { qos: 1 }, found number'],
      ['a', 'x', { qos: 7 }, 'qos must be 0, 1 or 2, found 7'],
      ['a', 'x', { retain: 1 }, 'retain must be true or false, found 1'],
      ['a', 'x', { clientId: 7 }, 'clientId must be a text, found number'],
    ] as const) {
      const published = gateway.publish(topic as never, payload as never, options as never);
      await expect(published).rejects.toMatchObject({ code: 'ERR_PUBLISH', message: words });
    }
    await Promise.all([gateway.stop(), gateway.stop()]);
  });

  it('rejects with the code of the system where a port is taken, and leaves nothing open', async () => {
    const first = gatewayWith();
    await first.start();
    const second = gatewayWith({ transports: [{ type: 'udp', host: '127.0.0.1', port: portOf(first) }] });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(second.isRunning).toBe(false);
    await first.stop();
    await second.start();
    expect(second.isRunning).toBe(true);
  });

  it('goes on where a listener throws', async () => {
    const gateway = gatewayWith();
    const lines: string[] = [];
    gateway.on('log', ({ level, event }) => lines.push(`${level} ${event}`));
    gateway.on('client-connected', () => {
      throw new Error('a bug of the program');
    });
    await gateway.start();
    await (await clientOf(gateway, 'sensor-4')).ping();
    expect(lines).toContain('error observer-failed');
  });

  it('lists every problem of its options at once', () => {
    const wrong = { http: { port: 1 } } as GatewayOptions;
    expect(() => createGateway(wrong)).toThrow(
      expect.objectContaining({
        code: 'ERR_SETTINGS',
        message: 'options: http: the status page belongs to the program mqtt-sn-gateway: leave it out',
      }),
    );
    const capture = { capture: { path: 'a' } } as GatewayOptions;
    expect(() => createGateway(capture)).toThrow(/^options: capture: files of frames belong to the program/);
    const options = { timing: { retryInterval: '30' }, gatway: {}, predefinedTopics: 5 } as unknown as GatewayOptions;
    expect(() => createGateway(options)).toThrow(
      [
        'options: predefinedTopics: expected the path of a file, found 5 (write it in quotes)',
        'options: timing.retryInterval: expected a duration from 100ms to 10m, written like 10s, found "30" (did you mean "30s"?)',
        'options: gatway: unknown setting (did you mean "gateway"?)',
      ].join('\n'),
    );
    expect(() => createGateway({ predefinedTopics: { '*': { 0: 'x' } } })).toThrow(
      /options\.predefinedTopics:\d+:\d+: /,
    );
    expect(() => createGateway({ access: { rules: (() => []) as never } })).toThrow(
      'options: expected plain data, found',
    );
    expect(() => createGateway('nowhere.yaml')).toThrow('nowhere.yaml: cannot be read: no such file');
  });
});

describe('a client over a transport of its own', () => {
  it('speaks to the gateway through whatever carries frames', async () => {
    const gateway = gatewayWith();
    await gateway.start();
    const udp = new UdpClientTransport({ host: '127.0.0.1', port: portOf(gateway) });
    const sent: string[] = [];
    const transport: ClientTransport = {
      peer: 'a tunnel',
      open: () => udp.open(),
      send: (frame) => {
        sent.push(decode(frame).type);
        udp.send(frame);
      },
      onFrame: (listener) => udp.onFrame((frame) => queueMicrotask(() => listener(frame))),
      onError: (listener) => udp.onError(listener),
      close: () => udp.close(),
    };
    const client = new MqttSnClient({ clientId: 'tunnelled', transport, retryInterval: 60_000 });
    await client.connect();
    await client.publish({ short: 'ab' }, 'x', { qos: 2 });
    expect(gateway.client('tunnelled')?.counters.published).toBe(1);
    expect(sent).toEqual(['CONNECT', 'PUBLISH', 'PUBREL']);
    await client.close();
  });
});
