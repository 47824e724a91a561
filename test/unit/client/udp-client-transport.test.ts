import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import { UdpClientTransport } from '../../../src/client/udp-client-transport.ts';
import { Collected, within } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

interface Datagram {
  readonly hex: string;
  readonly port: number;
}

describe('UDP transport of the client', () => {
  const sockets: Socket[] = [];
  const transports: UdpClientTransport[] = [];

  async function peer(host: string): Promise<{ socket: Socket; received: Collected<Datagram> }> {
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.bind(0, host, () => resolve()));
    const received = new Collected<Datagram>('datagrams at the gateway');
    socket.on('message', (frame, { port }) => received.add({ hex: hexOf(frame), port }));
    return { socket, received };
  }

  function transportTo(host: string, port: number, localPort?: number): UdpClientTransport {
    const transport = new UdpClientTransport({ host, port, ...(localPort !== undefined && { localPort }) });
    transports.push(transport);
    return transport;
  }

  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
    for (const socket of sockets.splice(0)) {
      socket.close();
    }
  });

  it.each([-1, 0, 1] as const)('takes no message that no datagram can carry, with QoS %i', async (qos) => {
    const { socket, received } = await peer('127.0.0.1');
    socket.on('message', (frame, { port, address }) => {
      if (frame[1] === 0x04) {
        socket.send(octetsOf('03 05 00'), port, address);
      }
    });
    const transport = transportTo('127.0.0.1', socket.address().port);
    const client = new MqttSnClient({ clientId: 'c', transport });
    if (qos !== -1) {
      await client.connect();
    }
    const before = received.items.length;
    const long = new Uint8Array(65_507 - 8); // four octets of Length and MsgType, five of flags, topic id and MsgId
    await expect(client.publish({ short: 'ab' }, long, { qos })).rejects.toThrow(
      'PUBLISH of 65508 octets: to 127.0.0.1:',
    );
    await client.publish({ short: 'ab' }, long.subarray(1), { qos: qos === 1 ? 0 : qos });
    await received.nth(before + 1);
    await client.close();
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('exchanges frames with %s, and hears nobody else', async (host, shown) => {
    const gateway = await peer(host);
    const stranger = await peer(host);
    const { port } = gateway.socket.address();
    const transport = transportTo(host, port);
    expect(transport.peer).toBe(`${shown}:${port}`);
    const frames = new Collected<string>('frames');
    transport.onFrame((frame) => frames.add(hexOf(frame)));
    await transport.open();
    transport.send(octetsOf('02 16'));
    const { hex, port: from } = await gateway.received.nth(1);
    expect([hex, from]).toEqual(['02 16', transport.localPort]);
    await new Promise<void>((resolve) => stranger.socket.send(octetsOf('02 18'), from, host, () => resolve()));
    gateway.socket.send(octetsOf('02 17'), from, host);
    await frames.nth(1);
    expect(frames.items).toEqual(['02 17']);
  });

  it('uses the own port that it is given, and frees it', async () => {
    const gateway = await peer('127.0.0.1');
    const localPort = await freePort();
    for (const octets of ['01', '02']) {
      const transport = transportTo('127.0.0.1', gateway.socket.address().port, localPort);
      await transport.open();
      transport.send(octetsOf(octets));
      await transport.close();
    }
    expect([await gateway.received.nth(1), await gateway.received.nth(2)]).toEqual([
      { hex: '01', port: localPort },
      { hex: '02', port: localPort },
    ]);
  });

  it('tells that nobody listens there, and goes on', async () => {
    const transport = transportTo('127.0.0.1', await freePort());
    const errors = new Collected<Error>('errors');
    transport.onError((error) => errors.add(error));
    await transport.open();
    transport.send(octetsOf('02 16'));
    expect(await errors.nth(1)).toMatchObject({ code: 'ECONNREFUSED' });
    transport.send(octetsOf('02 16'));
    await errors.nth(2);
  });

  it('carries a client', async () => {
    const gateway = await peer('127.0.0.1');
    const { port: gatewayPort } = gateway.socket.address();
    const client = new MqttSnClient({ port: gatewayPort, clientId: 'sensor-1', retryInterval: 50, retryCount: 10_000 });
    const connected = client.connect();
    const { hex, port } = await gateway.received.nth(2);
    expect(hex).toBe('0e 04 04 01 00 3c 73 65 6e 73 6f 72 2d 31');
    gateway.socket.send(octetsOf('03 05 00'), port, '127.0.0.1');
    await within('CONNACK', connected);
    await client.close();
    await client.close();
  });
});
