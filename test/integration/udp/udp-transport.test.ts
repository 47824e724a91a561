import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { hexOf, octetsOf, RawSensor } from '../../support/raw-sensor.ts';
import { virtualTimers } from '../../support/virtual-timers.ts';
import { TransportBench } from './transport-bench.ts';

describe('UDP transport', () => {
  const cleanUp: (() => Promise<void>)[] = [];

  async function opened(options: ConstructorParameters<typeof TransportBench>[0] = {}): Promise<TransportBench> {
    const bench = new TransportBench(options);
    await bench.transport.open();
    cleanUp.push(() => bench.transport.close());
    return bench;
  }

  async function sensorOf(bench: TransportBench, host = '127.0.0.1'): Promise<RawSensor> {
    const sensor = await RawSensor.open({ port: bench.port, host });
    cleanUp.push(() => sensor.close());
    return sensor;
  }

  afterEach(async () => {
    await Promise.all(cleanUp.splice(0).map((close) => close()));
  });

  it('tells that it is open, with its largest frame and without broadcast', async () => {
    const bench = await opened({ maxFrame: 1232 });
    expect(bench.states.items).toEqual([
      { type: 'transport-opened', transport: 'udp', maxFrame: 1232, maxReceived: 1232, broadcast: false },
    ]);
    expect(bench.notes.items).toEqual([{ type: 'transport-up', transport: 'udp', address: `127.0.0.1:${bench.port}` }]);
    expect(bench.transport.address()).toEqual({ address: '127.0.0.1', port: expect.any(Number) });
  });

  it('hands up each datagram with the link of its sender and answers that link', async () => {
    const bench = await opened();
    const sensor = await sensorOf(bench);
    sensor.send('02 16');
    const { link, peer, frame } = await bench.frames.nth(1);
    expect(link).toBe(`udp:127.0.0.1:${sensor.port}`);
    expect(peer).toEqual({ transport: 'udp', host: '127.0.0.1', address: `127.0.0.1:${sensor.port}` });
    expect(hexOf(frame)).toBe('02 16');
    bench.transport.perform({ type: 'send', transport: 'udp', link, frame: octetsOf('02 17') });
    await sensor.expect('02 17');
  });

  it('does the same over IPv6', async () => {
    const bench = await opened({ host: '::1' });
    const sensor = await sensorOf(bench, '::1');
    sensor.send('02 16');
    const { link, peer, frame } = await bench.frames.nth(1);
    expect(link).toBe(`udp:[::1]:${sensor.port}`);
    expect(peer).toEqual({ transport: 'udp', host: '::1', address: `[::1]:${sensor.port}` });
    bench.transport.perform({ type: 'send', transport: 'udp', link, frame });
    await sensor.expect('02 16');
  });

  it('uses its name in the links', async () => {
    const bench = await opened({ name: 'cellar' });
    const sensor = await sensorOf(bench);
    sensor.send('02 16');
    expect((await bench.frames.nth(1)).link).toBe(sensor.link('cellar'));
  });

  it('listens on a host name', async () => {
    const bench = await opened({ host: 'localhost' });
    const { address = '' } = bench.transport.address() ?? {};
    const sensor = await sensorOf(bench, address);
    sensor.send('02 16');
    expect((await bench.frames.nth(1)).link).toBe(sensor.link());
  });

  it('listens on 0.0.0.0 and :: with the same port side by side', async () => {
    const four = await opened({ host: '0.0.0.0', port: await freePort() });
    const six = await opened({ name: 'udp6', host: '::', port: four.port });
    const fourth = await sensorOf(four, '127.0.0.1');
    const sixth = await sensorOf(six, '::1');
    fourth.send('02 16');
    sixth.send('02 17');
    expect(await four.frames.nth(1)).toMatchObject({ link: fourth.link('udp') });
    expect(await six.frames.nth(1)).toMatchObject({ link: sixth.link('udp6') });
    expect(four.frames.items).toHaveLength(1);
  });

  it('hands up empty datagrams, and such that are longer than its largest frame (T-42, T-43)', async () => {
    const bench = await opened({ maxFrame: 60 });
    const sensor = await sensorOf(bench);
    sensor.send('');
    sensor.send(new Uint8Array(9000).fill(0x55));
    expect((await bench.frames.nth(1)).frame).toHaveLength(0);
    expect((await bench.frames.nth(2)).frame).toHaveLength(9000);
  });

  it('gives each frame memory of its own', async () => {
    const bench = await opened();
    const sensor = await sensorOf(bench);
    sensor.send('02 16');
    sensor.send('02 17');
    const [first, second] = [await bench.frames.nth(1), await bench.frames.nth(2)];
    second.frame.fill(0);
    expect(hexOf(first.frame)).toBe('02 16');
    expect(first.frame.buffer).not.toBe(second.frame.buffer);
  });

  it('keeps the order of what it sends', async () => {
    const bench = await opened();
    const sensor = await sensorOf(bench);
    for (let n = 0; n < 50; n += 1) {
      bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: Uint8Array.of(n) });
    }
    await sensor.next();
    expect((await Promise.all(Array.from({ length: 49 }, () => sensor.next()))).map(([n]) => n)).toEqual(
      Array.from({ length: 49 }, (_, n) => n + 1),
    );
  });

  it.each([
    ['another transport', 'serial:127.0.0.1:4711'],
    ['a name that only begins like its own', 'udp6:127.0.0.1:4711'],
    ['no port', 'udp:127.0.0.1'],
    ['port 0', 'udp:127.0.0.1:0'],
    ['a port that is too high', 'udp:127.0.0.1:65536'],
    ['a host name', 'udp:localhost:4711'],
    ['an address of the other family', 'udp:[::1]:4711'],
    ['nothing', ''],
  ])('ignores a link with %s and reports it', async (_, link) => {
    const bench = await opened();
    bench.transport.perform({ type: 'send', transport: 'udp', link, frame: octetsOf('02 17') });
    expect(await bench.problem('EDESTADDRREQ')).toMatchObject({
      transport: 'udp',
      reason: expect.stringContaining(link),
    });
  });

  it('reports a datagram that is too long for the network, and goes on', async () => {
    const bench = await opened();
    const sensor = await sensorOf(bench);
    bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: new Uint8Array(65_535) });
    expect(await bench.problem('EMSGSIZE')).toMatchObject({ type: 'transport-problem', transport: 'udp' });
    bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: octetsOf('02 17') });
    await sensor.expect('02 17');
  });

  it('survives clients that are gone', async () => {
    const bench = await opened();
    const gone = await RawSensor.open({ port: bench.port });
    await gone.close();
    const sensor = await sensorOf(bench);
    bench.transport.perform({ type: 'send', transport: 'udp', link: gone.link(), frame: octetsOf('02 17') });
    bench.transport.perform({ type: 'send', transport: 'udp', link: gone.link(), frame: octetsOf('02 17') });
    bench.transport.perform({ type: 'send', transport: 'udp', link: sensor.link(), frame: octetsOf('02 17') });
    await sensor.expect('02 17');
    sensor.send('02 16');
    expect((await bench.frames.nth(1)).link).toBe(sensor.link());
  });

  it('tells of many equal problems once a second only', async () => {
    const bench = await opened();
    virtualTimers();
    try {
      for (let n = 0; n < 1000; n += 1) {
        bench.transport.perform({ type: 'send', transport: 'udp', link: 'udp:nowhere', frame: octetsOf('02 17') });
        jest.advanceTimersByTime(3);
      }
    } finally {
      jest.useRealTimers();
    }
    expect(bench.notes.items.filter(({ type }) => type === 'transport-problem')).toHaveLength(3);
  });

  it('drops and reports broadcasts without a multicast group', async () => {
    const bench = await opened();
    bench.transport.perform({ type: 'broadcast', transport: 'udp', radius: 0, frame: octetsOf('05 00 01 03 84') });
    expect(await bench.problem('EDESTADDRREQ')).toMatchObject({ reason: expect.stringContaining('multicast') });
  });

  it('says which port is in use and what to do', async () => {
    const first = await opened();
    const second = new TransportBench({ port: first.port });
    await expect(second.transport.open()).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(`127.0.0.1:${first.port}`),
    });
    await expect(second.transport.open()).rejects.toThrow(/another port/);
    expect(second.states.items).toEqual([]);
  });

  it('frees the port on close, tells so once, and can be opened again', async () => {
    const bench = await opened();
    const { port } = bench;
    await bench.transport.close();
    await bench.transport.close();
    expect(bench.states.items.map(({ type }) => type)).toEqual(['transport-opened', 'transport-closed']);
    expect(bench.transport.address()).toBeUndefined();
    await opened({ port });
    bench.transport.perform({ type: 'send', transport: 'udp', link: 'udp:127.0.0.1:4711', frame: octetsOf('02 17') });
    expect(await bench.problem('ENOTCONN')).toMatchObject({ type: 'transport-problem' });
    await bench.transport.open();
    expect(bench.states.items).toHaveLength(3);
  });

  it('leaves nothing open when it is closed while it is being opened', async () => {
    const port = await freePort();
    const bench = new TransportBench({ port });
    const opening = bench.transport.open();
    await bench.transport.close();
    await expect(opening).rejects.toMatchObject({ code: 'ECANCELED' });
    await opened({ port });
  });

  describe('whose socket fails', () => {
    const sockets: Socket[] = [];

    async function failing(): Promise<{ bench: TransportBench; sensor: RawSensor }> {
      sockets.splice(0);
      const bench = await opened({
        sockets: (options) => {
          const socket = createSocket(options);
          sockets.push(socket);
          return socket;
        },
      });
      return { bench, sensor: await sensorOf(bench) };
    }

    it.each<[string, (socket: Socket) => void]>([
      [
        'by an error',
        (socket) => socket.emit('error', Object.assign(new Error('recvmsg ENETDOWN'), { code: 'ENETDOWN' })),
      ],
      ['by being closed', (socket) => socket.close()],
    ])('%s opens it again on the same port', async (_, fail) => {
      const { bench, sensor } = await failing();
      const { port } = bench;
      fail(sockets[0] as Socket);
      await bench.states.nth(3);
      expect(bench.states.items.map(({ type }) => type)).toEqual([
        'transport-opened',
        'transport-closed',
        'transport-opened',
      ]);
      expect(bench.port).toBe(port);
      expect(bench.notes.items).toContainEqual(expect.objectContaining({ type: 'transport-problem' }));
      sensor.send('02 16');
      expect((await bench.frames.nth(1)).link).toBe(sensor.link());
    });

    it('tries until the port is free again', async () => {
      const { bench, sensor } = await failing();
      const { port } = bench;
      const squatter = createSocket('udp4');
      const [first] = sockets as [Socket];
      // The port is taken before the transport gets back to it.
      first.once('close', () => squatter.bind(port, '127.0.0.1'));
      first.close();
      await bench.down('EADDRINUSE');
      expect(bench.states.items).toHaveLength(2);
      squatter.close();
      await bench.states.nth(3);
      sensor.send('02 16');
      expect((await bench.frames.nth(1)).link).toBe(sensor.link());
    });
  });
});
