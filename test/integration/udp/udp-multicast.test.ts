import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { UdpMulticast, UdpTransportOptions } from '../../../src/transport/udp/udp-transport.ts';
import { Collected } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { hexOf, octetsOf, RawSensor } from '../../support/raw-sensor.ts';
import { TransportBench } from './transport-bench.ts';

const GROUP = '225.1.1.1';
const ADVERTISE = octetsOf('05 00 01 03 84');

interface Heard {
  readonly hex: string;
  readonly from: string;
}

// T-45, on the loopback interface only.
describe('UDP transport with a multicast group (T-45)', () => {
  const cleanUp: (() => Promise<void>)[] = [];

  async function multicast(more: Partial<UdpMulticast> = {}): Promise<UdpMulticast> {
    return {
      group: GROUP,
      port: await freePort(),
      interface: '127.0.0.1',
      ttl: 1,
      loopback: true,
      radiusAsTtl: false,
      ...more,
    };
  }

  async function opened(options: Partial<UdpTransportOptions>): Promise<TransportBench> {
    const bench = new TransportBench({ host: '0.0.0.0', ...options });
    await bench.transport.open();
    cleanUp.push(() => bench.transport.close());
    return bench;
  }

  /** A node that is a member of the group, with a socket for the group and one of its own to send from. */
  async function memberOf({ port }: UdpMulticast): Promise<{
    heard: Collected<Heard>;
    say(octets: string): void;
    port: number;
    own: Collected<Heard>;
  }> {
    const heard = new Collected<Heard>('multicasts at the member');
    const own = new Collected<Heard>('unicasts at the member');
    const group = await bound(port, GROUP);
    group.addMembership(GROUP, '127.0.0.1');
    group.on('message', (frame, { address, port: source }) =>
      heard.add({ hex: hexOf(frame), from: `${address}:${source}` }),
    );
    const socket = await bound(0, '127.0.0.1');
    socket.setMulticastInterface('127.0.0.1');
    socket.on('message', (frame, { address, port: source }) =>
      own.add({ hex: hexOf(frame), from: `${address}:${source}` }),
    );
    return { heard, own, port: socket.address().port, say: (octets) => socket.send(octetsOf(octets), port, GROUP) };
  }

  async function bound(port: number, address: string): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    cleanUp.push(() => new Promise((resolve) => socket.close(() => resolve())));
    await new Promise<void>((resolve) => socket.bind(port, address, () => resolve()));
    return socket;
  }

  afterEach(async () => {
    await Promise.all(cleanUp.splice(0).map((close) => close()));
  });

  it('tells that it can broadcast', async () => {
    const settings = await multicast();
    const bench = await opened({ multicast: settings });
    expect(bench.states.items).toEqual([
      { type: 'transport-opened', transport: 'udp', maxFrame: 1472, maxReceived: 1472, broadcast: true },
    ]);
    expect(bench.notes.items).toEqual([
      { type: 'transport-up', transport: 'udp', address: `0.0.0.0:${bench.port}, group 225.1.1.1:${settings.port}` },
    ]);
  });

  it('sends broadcasts to the group from the service port (D-15)', async () => {
    const settings = await multicast();
    const member = await memberOf(settings);
    const bench = await opened({ multicast: settings });
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: ADVERTISE });
    expect(await member.heard.nth(1)).toEqual({ hex: '05 00 01 03 84', from: `127.0.0.1:${bench.port}` });
  });

  it('hears the group and answers from the service port', async () => {
    const settings = await multicast();
    const member = await memberOf(settings);
    const bench = await opened({ multicast: settings });
    member.say('03 01 01');
    const { link, frame } = await bench.frames.nth(1);
    expect([link, hexOf(frame)]).toEqual([`udp:127.0.0.1:${member.port}`, '03 01 01']);
    bench.transport.perform({ type: 'send', transport: 'udp', link, frame: octetsOf('03 02 01') });
    expect(await member.own.nth(1)).toEqual({ hex: '03 02 01', from: `127.0.0.1:${bench.port}` });
  });

  it('hears unicasts as before', async () => {
    const bench = await opened({ multicast: await multicast() });
    const sensor = await RawSensor.open({ port: bench.port });
    cleanUp.push(() => sensor.close());
    sensor.send('02 16');
    expect((await bench.frames.nth(1)).link).toBe(sensor.link());
  });

  it.each([
    ['0.0.0.0', 'on all addresses'],
    ['127.0.0.1', 'on one address'],
  ])('does not hand up its own broadcasts, listening on %s', async (host) => {
    const settings = await multicast();
    const member = await memberOf(settings);
    const bench = await opened({ host, multicast: settings });
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: ADVERTISE });
    await member.heard.nth(1);
    // Whatever comes to the group's socket after the echo comes behind it.
    member.say('03 01 01');
    await bench.frames.nth(1);
    expect(bench.frames.items.map(({ frame }) => hexOf(frame))).toEqual(['03 01 01']);
  });

  it('uses one socket where service port and group port are the same', async () => {
    const port = await freePort();
    const settings = await multicast({ port });
    let sockets = 0;
    const bench = await opened({
      port,
      multicast: settings,
      sockets: (options) => {
        sockets += 1;
        return createSocket(options);
      },
    });
    expect(sockets).toBe(1);
    const sensor = await bound(0, '127.0.0.1');
    sensor.setMulticastInterface('127.0.0.1');
    const answers = new Collected<Heard>('answers');
    sensor.on('message', (frame, from) => answers.add({ hex: hexOf(frame), from: `${from.address}:${from.port}` }));
    sensor.send(octetsOf('03 01 00'), port, GROUP);
    const { link } = await bench.frames.nth(1);
    expect(link).toBe(`udp:127.0.0.1:${sensor.address().port}`);
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: ADVERTISE });
    bench.transport.perform({ type: 'send', transport: 'udp', link, frame: octetsOf('03 02 01') });
    expect(await answers.nth(1)).toEqual({ hex: '03 02 01', from: `127.0.0.1:${port}` });
    sensor.send(octetsOf('02 16'), port, '127.0.0.1');
    await bench.frames.nth(2);
    expect(bench.frames.items.map(({ frame }) => hexOf(frame))).toEqual(['03 01 00', '02 16']);
  });

  it('still says that the port is in use where one socket is used for both', async () => {
    const port = await freePort();
    const settings = await multicast({ port });
    await opened({ port, multicast: settings });
    await expect(
      new TransportBench({ host: '0.0.0.0', port, multicast: settings }).transport.open(),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets two gateways share one group', async () => {
    const settings = await multicast();
    const [one, two] = [await opened({ multicast: settings }), await opened({ name: 'second', multicast: settings })];
    one.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: ADVERTISE });
    expect((await two.frames.nth(1)).link).toBe(`second:127.0.0.1:${one.port}`);
  });

  it.each([
    ['the radius', true, 3, [1, 3]],
    ['the configured one for radius 0', true, 0, [1]],
    ['the configured one unless told otherwise', false, 3, [1]],
  ] as const)('takes as TTL %s', async (_, radiusAsTtl, radius, expected) => {
    const ttls: number[] = [];
    const bench = await opened({
      multicast: await multicast({ radiusAsTtl }),
      sockets: (options) => {
        const socket = createSocket(options);
        const setMulticastTTL = socket.setMulticastTTL.bind(socket);
        socket.setMulticastTTL = (ttl) => {
          ttls.push(ttl);
          return setMulticastTTL(ttl);
        };
        return socket;
      },
    });
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius, frame: ADVERTISE });
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius, frame: ADVERTISE });
    expect(ttls).toEqual(expected);
  });

  it('frees the group on close', async () => {
    const settings = await multicast();
    const bench = await opened({ multicast: settings });
    await bench.transport.close();
    const exclusive = createSocket('udp4');
    cleanUp.push(() => new Promise((resolve) => exclusive.close(() => resolve())));
    await new Promise<void>((resolve, reject) => {
      exclusive.once('error', reject);
      exclusive.bind(settings.port, GROUP, () => resolve());
    });
  });

  it.each([
    ['not a group', { group: '192.0.2.1' }, 'EINVAL', /not a multicast address/],
    ['a group of the other family', { group: 'ff02::5:1' }, 'EINVAL', /IPv4/],
    [
      'an IPv6 zone that does not exist',
      { interface: '::%nope' },
      'EINVAL',
      /no network interface nope; there are .*lo/,
    ],
  ])('refuses %s and leaves nothing open', async (_, more, code, message) => {
    const port = await freePort();
    const bench = new TransportBench({ host: '0.0.0.0', port, multicast: await multicast(more) });
    await expect(bench.transport.open()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(bench.states.items).toEqual([]);
    await opened({ port });
  });

  it('joins an IPv6 group on the interface that has the given address', async () => {
    const loopback = Object.entries(networkInterfaces()).find(([, addresses]) =>
      addresses?.some(({ address }) => address === '::1'),
    )?.[0];
    const calls: unknown[][] = [];
    const bench = await opened({
      host: '::1',
      multicast: await multicast({ group: 'ff02::5:1', interface: '::1' }),
      sockets: (options) => {
        const socket = createSocket(options);
        for (const name of ['addMembership', 'setMulticastInterface'] as const) {
          const method = socket[name].bind(socket) as (...args: string[]) => void;
          socket[name] = (...args: string[]) => {
            calls.push([name, ...args]);
            method(...args);
          };
        }
        return socket;
      },
    });
    expect(calls).toEqual([
      ['addMembership', 'ff02::5:1', `::%${loopback}`],
      ['setMulticastInterface', `::%${loopback}`],
    ]);
    // Linux has no multicast route on its loopback interface: there the broadcast is a reported problem, elsewhere it is sent.
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: ADVERTISE });
    const sensor = await RawSensor.open({ port: bench.port, host: '::1' });
    cleanUp.push(() => sensor.close());
    sensor.send('02 16');
    expect((await bench.frames.nth(1)).link).toBe(sensor.link());
  });
});
