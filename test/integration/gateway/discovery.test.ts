import { createSocket, type Socket } from 'node:dgram';
import { describe, expect, it } from '@jest/globals';
import { Collected } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode } from '../../support/modes.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

const bench = gatewayBench();
const GROUP = '225.1.1.1';

interface Heard {
  readonly hex: string;
  readonly from: string;
}

describeInEachMode('SEARCHGW (6.1)', () => {
  it('is answered with GWINFO to its sender at once, in each state (D-10, 2.15)', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, { settings: { gateway: { id: 7 } } });
    const sensor = await bench.sensor(gateway);
    await sensor.exchange('03 01 01', '03 02 07');
    await sensor.exchange('0E 04 04 01 00 3C 73 65 6E 73 6F 72 2D 31', '03 05 00');
    await sensor.exchange('03 01 00', '03 02 07');
    await sensor.exchange('04 18 01 2C', '02 18');
    await sensor.exchange('03 01 00', '03 02 07');
    await sensor.exchange('02 18', '02 18');
    await sensor.exchange('03 01 00', '03 02 07');
  });

  it('does not open a connection to the broker', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const sensor = await bench.sensor(gateway);
    await sensor.exchange('03 01 01', '03 02 01');
    await bench.client(gateway, 'sensor-1');
    await gateway.connected();
    expect(broker.log.match(/New connection from/g)).toHaveLength(2); // that of the gateway, and that of sensor-1 or of all clients
  });
});

// On the loopback interface only.
describe('discovery by multicast (T-45)', () => {
  async function bound(port: number, address: string, heard: Collected<Heard>): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    bench.cleanUp(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    socket.on('message', (frame, { address: host, port: source }) =>
      heard.add({ hex: hexOf(frame), from: `${host}:${source}` }),
    );
    await new Promise<void>((resolve) => socket.bind(port, address, resolve));
    return socket;
  }

  /** A node in the group, and a gateway that advertises there each second. */
  async function memberAndGateway() {
    const port = await freePort();
    const inGroup = new Collected<Heard>('multicasts');
    const own = new Collected<Heard>('unicasts');
    const group = await bound(port, GROUP, inGroup);
    group.addMembership(GROUP, '127.0.0.1');
    const socket = await bound(0, '127.0.0.1', own);
    socket.setMulticastInterface('127.0.0.1');
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url, {
      settings: {
        gateway: { id: 7, advertiseInterval: '1s' },
        transports: [
          {
            type: 'udp',
            host: '0.0.0.0',
            port: 0,
            multicast: { group: GROUP, port, interface: '127.0.0.1', loopback: true },
          },
        ],
      },
    });
    const service = `127.0.0.1:${gateway.port()}`;
    return {
      broker,
      gateway,
      service,
      inGroup,
      own,
      say: (octets: string) => socket.send(octetsOf(octets), port, GROUP),
    };
  }

  it('sends ADVERTISE to the group from the service port, at start and every T_ADV (D-3, D-4, D-15)', async () => {
    const { service, inGroup } = await memberAndGateway();
    expect(await inGroup.nth(1)).toEqual({ hex: '05 00 07 00 01', from: service });
    expect(await inGroup.nth(2)).toEqual({ hex: '05 00 07 00 01', from: service });
  });

  it('answers SEARCHGW to the group and to the sender, from the service port (D-10, D-15)', async () => {
    const { service, inGroup, own, say } = await memberAndGateway();
    say('03 01 01');
    expect(await own.nth(1)).toEqual({ hex: '03 02 07', from: service });
    const gwInfo = await inGroup.find('GWINFO', ({ hex }) => hex.startsWith('03 02'));
    expect(gwInfo).toEqual({ hex: '03 02 07', from: service });
  });

  it('tells of the gateway only once the broker is there (D-2)', async () => {
    const port = await freePort();
    const inGroup = new Collected<Heard>('multicasts');
    const group = await bound(port, GROUP, inGroup);
    group.addMembership(GROUP, '127.0.0.1');
    const broker = await bench.broker();
    await broker.stop();
    const gateway = await bench.gateway(broker.url, {
      settings: {
        transports: [
          {
            type: 'udp',
            host: '0.0.0.0',
            port: 0,
            multicast: { group: GROUP, port, interface: '127.0.0.1', loopback: true },
          },
        ],
      },
    });
    await gateway.waitForNote('gateway-reachable', { reachable: false });
    expect(gateway.sent).toEqual([]);
    await broker.start();
    expect(await inGroup.nth(1)).toEqual({ hex: '05 00 01 03 84', from: `127.0.0.1:${gateway.port()}` });
  });
});
