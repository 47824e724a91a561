import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { UdpMulticast, UdpTransportOptions } from '../../../src/transport/udp/udp-transport.ts';
import { freePort } from '../../support/free-port.ts';
import { hexOf, octetsOf, RawSensor } from '../../support/raw-sensor.ts';
import { FakeNetwork, loopback } from './fake-network.ts';
import { TransportBench } from './transport-bench.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) {
    await end();
  }
});

/** A transport on a network of the test; opened. */
async function opened(network: FakeNetwork, options: Partial<UdpTransportOptions> = {}): Promise<TransportBench> {
  const { sockets, interfaces } = network;
  const bench = new TransportBench({ sockets, interfaces, ...options });
  cleanUp.push(() => bench.transport.close());
  await bench.transport.open();
  return bench;
}

async function heard(bench: TransportBench): Promise<void> {
  const before = bench.frames.items.length;
  const sensor = await RawSensor.open({ port: bench.port });
  cleanUp.push(() => sensor.close());
  sensor.send('02 16');
  expect((await bench.frames.nth(before + 1)).link).toBe(sensor.link());
}

const states = (bench: TransportBench): string[] =>
  bench.states.items.map((state) => `${state.type}${'broadcast' in state && state.broadcast ? ' with broadcast' : ''}`);

const notes = (bench: TransportBench): string[] =>
  bench.notes.items.map((note) => `${note.type}${'code' in note ? ` ${note.code}` : ''}`);

describe('UDP on a network that comes late', () => {
  it('waits for an address that this machine does not have (the real one), tells so once, and ends when it is told to', async () => {
    const bench = new TransportBench({ host: '192.0.2.77', port: 1884 });
    await bench.transport.open();
    expect(states(bench)).toEqual(['transport-closed']);
    expect(bench.notes.items).toEqual([
      {
        type: 'transport-down',
        transport: 'udp',
        code: 'EADDRNOTAVAIL',
        reason:
          'UDP 192.0.2.77:1884: this machine does not have that address; use one of its own, or 0.0.0.0 or :: for all; it is tried again until it is there',
      },
    ]);
    await bench.transport.close();
    expect(bench.notes.items).toHaveLength(1);
  });

  it('is open when the address is there, and was told of once for however many attempts', async () => {
    const network = new FakeNetwork();
    network.bindFailure = 'EADDRNOTAVAIL';
    const bench = await opened(network);
    while (network.opened.length < 4) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(notes(bench)).toEqual(['transport-down EADDRNOTAVAIL']);
    network.bindFailure = undefined;
    await bench.states.nth(2);
    expect(states(bench)).toEqual(['transport-closed', 'transport-opened']);
    expect(notes(bench)).toEqual(['transport-down EADDRNOTAVAIL', 'transport-up']);
    await heard(bench);
  });

  it('tells each new reason', async () => {
    const network = new FakeNetwork();
    network.bindFailure = 'EADDRNOTAVAIL';
    const bench = await opened(network);
    network.bindFailure = 'EADDRINUSE';
    await bench.down('EADDRINUSE');
    network.bindFailure = undefined;
    await bench.states.nth(2);
    expect(notes(bench)).toEqual(['transport-down EADDRNOTAVAIL', 'transport-down EADDRINUSE', 'transport-up']);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('waits for a name that is not known yet (%s)', async (code) => {
    let failing = true;
    const bench = await opened(new FakeNetwork(), {
      host: 'gateway.example',
      resolver: async () => {
        if (failing) {
          throw Object.assign(new Error(`getaddrinfo ${code}`), { code });
        }
        return { address: '127.0.0.1', family: 4 };
      },
    });
    expect(bench.notes.items).toEqual([
      expect.objectContaining({
        type: 'transport-down',
        code,
        reason: expect.stringMatching(/^cannot listen on gateway\.example: .*; it is tried again until it is there$/),
      }),
    ]);
    failing = false;
    await bench.states.nth(2);
    await heard(bench);
  });

  it('does not let other transports wait for a name server that says nothing', async () => {
    const bench = await opened(new FakeNetwork(), {
      host: 'gateway.example',
      resolver: () => new Promise<never>(() => undefined),
    });
    expect(bench.notes.items).toEqual([
      expect.objectContaining({
        code: 'EAI_AGAIN',
        reason: expect.stringContaining('the name server does not answer'),
      }),
    ]);
  });

  it.each(['EADDRINUSE', 'EACCES', 'EINVAL', 'EAFNOSUPPORT'])(
    'does not wait where waiting would not help (%s)',
    async (code) => {
      const network = new FakeNetwork();
      network.bindFailure = code;
      const bench = new TransportBench({ sockets: network.sockets, interfaces: network.interfaces });
      await expect(bench.transport.open()).rejects.toMatchObject({ code });
      expect(bench.states.items).toEqual([]);
      expect(bench.notes.items).toEqual([]);
    },
  );

  it.each(['::%nope', 'fe80::1%nope'])(
    'refuses a zone that names no interface, and says which there are: %s',
    async (host) => {
      const network = new FakeNetwork([loopback(), { name: 'wlan0', index: 3, addresses: [] }]);
      const bench = new TransportBench({ host, interfaces: network.interfaces });
      await expect(bench.transport.open()).rejects.toMatchObject({
        code: 'EINVAL',
        message: `${host}: there is no network interface nope; there are lo, wlan0`,
      });
      const real = new TransportBench({ host });
      await expect(real.transport.open()).rejects.toMatchObject({
        code: 'EINVAL',
        message: expect.stringMatching(/there is no network interface nope; there are .*\blo/),
      });
    },
  );

  it('waits for an address on an interface that is there but has it not yet', async () => {
    const network = new FakeNetwork([loopback(), { name: 'wlan0', index: 3, addresses: [] }]);
    network.bindFailure = 'EADDRNOTAVAIL';
    const bench = await opened(network, { host: 'fe80::1%wlan0' });
    expect(notes(bench)).toEqual(['transport-down EADDRNOTAVAIL']);
  });

  it('binds anew where the interface that its address names is made anew', async () => {
    const network = new FakeNetwork();
    const bench = await opened(network, { host: '::1%lo' });
    const { port } = bench;
    network.become();
    await bench.down('ENODEV');
    expect(states(bench)).toEqual(['transport-opened', 'transport-closed']);
    network.become(loopback(7));
    await bench.states.nth(3);
    expect(states(bench)).toEqual(['transport-opened', 'transport-closed', 'transport-opened']);
    expect(bench.port).toBe(port);
  });

  it('drops what the network does not take, so that it does not fill the memory', async () => {
    const network = new FakeNetwork();
    const bench = await opened(network);
    const sensor = await RawSensor.open({ port: bench.port });
    cleanUp.push(() => sensor.close());
    network.sendQueue = 2 ** 20 + 1;
    bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: octetsOf('02 17') });
    await bench.problem('ENOBUFS');
    network.sendQueue = 2 ** 20;
    bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: octetsOf('02 18') });
    await sensor.expect('02 18');
  });
});

describe('UDP multicast on an interface that comes late (T-45)', () => {
  const GROUP = '225.1.1.1';

  async function multicast(more: Partial<UdpMulticast> = {}): Promise<UdpMulticast> {
    const port = await freePort();
    return { group: GROUP, port, interface: '127.0.0.1', ttl: 1, loopback: true, radiusAsTtl: false, ...more };
  }

  /** A datagram to the group reaches the core. */
  async function groupHeard(bench: TransportBench, { port }: UdpMulticast): Promise<void> {
    const before = bench.frames.items.length;
    const socket = createSocket('udp4');
    cleanUp.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
    socket.setMulticastInterface('127.0.0.1');
    socket.send(octetsOf('03 01 01'), port, GROUP);
    expect(hexOf((await bench.frames.nth(before + 1)).frame)).toBe('03 01 01');
  }

  const eth0 = { name: 'eth0', index: 2, addresses: ['192.0.2.7'] };

  describe.each([
    ['in a socket of its own', false],
    ['in the socket of the service', true],
  ])('%s', (_where, isShared) => {
    async function start(network: FakeNetwork): Promise<[TransportBench, UdpMulticast]> {
      const settings = await multicast();
      const bench = await opened(network, {
        ...{ host: '0.0.0.0', multicast: settings },
        ...(isShared && { port: settings.port }),
      });
      return [bench, settings];
    }

    it('serves without the group until the interface is there, and tells so once', async () => {
      const network = new FakeNetwork([eth0]);
      const [bench, settings] = await start(network);
      expect(states(bench)).toEqual(['transport-opened']);
      await heard(bench);
      network.become(eth0, { name: 'wlan0', index: 3, addresses: [] });
      expect(bench.notes.items).toEqual([
        {
          ...{ type: 'transport-problem', transport: 'udp', code: 'ENODEV' },
          reason: `cannot use the multicast group ${GROUP}:${settings.port}: no network interface has the address or name 127.0.0.1; check group and interface; it is joined as soon as that is possible, and meanwhile the service goes on without`,
        },
        { type: 'transport-up', transport: 'udp', address: `0.0.0.0:${bench.port}` },
      ]);
      network.become(eth0, loopback());
      await bench.states.nth(2);
      expect(states(bench)).toEqual(['transport-opened', 'transport-opened with broadcast']);
      expect(bench.notes.items.at(-1)).toEqual({
        ...{ type: 'transport-up', transport: 'udp' },
        address: `0.0.0.0:${bench.port}, group ${GROUP}:${settings.port}`,
      });
      await groupHeard(bench, settings);
    });

    it('tries again by itself where only the operating system knows what is missing', async () => {
      const network = new FakeNetwork();
      network.joinFailure = 'ENODEV';
      const [bench, settings] = await start(network);
      expect(notes(bench)).toEqual(['transport-problem ENODEV', 'transport-up']);
      network.joinFailure = undefined;
      await bench.states.nth(2);
      await groupHeard(bench, settings);
    });

    it('joins again when the interface is made anew, and the service goes on meanwhile', async () => {
      const network = new FakeNetwork();
      const [bench, settings] = await start(network);
      expect(states(bench)).toEqual(['transport-opened with broadcast']);
      const { port } = bench;
      network.become(eth0);
      await bench.states.nth(2);
      await heard(bench);
      network.become(eth0, loopback(5));
      await bench.states.nth(3);
      expect(states(bench)).toEqual([
        'transport-opened with broadcast',
        'transport-opened',
        'transport-opened with broadcast',
      ]);
      expect(bench.port).toBe(port);
      await groupHeard(bench, settings);
    });

    it('joins again where it is another one at once', async () => {
      const network = new FakeNetwork();
      const [bench, settings] = await start(network);
      if (isShared) {
        // here it is the same interface for the operating system, of which the socket is a member still
        network.joinFailure = 'EADDRINUSE';
      }
      network.become(loopback(2));
      await bench.states.nth(2);
      expect(states(bench)).toEqual(['transport-opened with broadcast', 'transport-opened with broadcast']);
      expect(network.joins).toEqual(isShared ? ['lo#1'] : ['lo#1', 'lo#2']);
      await groupHeard(bench, settings);
      expect(notes(bench)).toEqual(['transport-up', 'transport-up']);
    });

    it('does nothing where other interfaces come and go', async () => {
      const network = new FakeNetwork();
      const [bench, settings] = await start(network);
      network.become(loopback(), eth0);
      network.become({ ...loopback(), addresses: ['127.0.0.1', '::1', 'fe80::1'] });
      await groupHeard(bench, settings);
      expect(network.joins).toEqual(['lo#1']);
      expect(states(bench)).toEqual(['transport-opened with broadcast']);
    });

    it('watches nothing any more when it is closed, also before the group could be joined', async () => {
      const network = new FakeNetwork([eth0]);
      const [bench] = await start(network);
      expect(network.watchers).toBe(1);
      await bench.transport.close();
      expect(network.watchers).toBe(0);
      network.become(loopback());
      expect(network.joins).toEqual([]);
      expect(states(bench)).toEqual(['transport-opened', 'transport-closed']);
    });
  });

  it('joins again after its own socket has failed', async () => {
    const network = new FakeNetwork();
    const settings = await multicast();
    const bench = await opened(network, { host: '0.0.0.0', multicast: settings });
    network.opened[1]?.close();
    await bench.states.nth(3);
    expect(states(bench)).toEqual([
      'transport-opened with broadcast',
      'transport-opened',
      'transport-opened with broadcast',
    ]);
    await groupHeard(bench, settings);
  });

  it('follows the choice of the operating system where no interface is set', async () => {
    const network = new FakeNetwork([loopback(), eth0]);
    const settings = await multicast({ interface: undefined });
    const bench = await opened(network, { host: '0.0.0.0', multicast: settings });
    const before = network.joins.length;
    network.become(loopback(), { ...eth0, index: 4 });
    await bench.states.nth(bench.states.items.length + 1);
    expect(network.joins.length).toBe(before + 1);
  });

  it('does not watch anything where there is no multicast and no zone', async () => {
    const network = new FakeNetwork();
    await opened(network);
    expect(network.watchers).toBe(0);
  });
});
