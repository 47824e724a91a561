import { beforeEach, expect, it } from '@jest/globals';
import { connectFrame, frame, octets } from '../../support/core-bench.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import { describeInEachMode, gathered, sentTo } from '../../support/modes.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { SerialPeer } from '../../support/serial-peer.ts';
import { XBeeModule } from '../../support/xbee-module.ts';
import { SceneClient } from './scene.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let line: SerialPeer;
let radio: XBeeModule;

beforeEach(async () => {
  broker = await bench.broker();
  line = await SerialPeer.open({ framing: 'length' });
  bench.cleanUp(() => line.close());
  radio = await XBeeModule.open({ apiMode: 2, nodes: 3 });
  bench.cleanUp(() => radio.close());
  gateway = await bench.gateway(broker.url, {
    settings: {
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 0 },
        { type: 'serial', path: line.path },
        { type: 'xbee', path: radio.path, baudRate: 115_200 },
      ],
    },
  });
  await gateway.waitForNote('transport-up', { transport: 'serial' });
  await gateway.waitForNote('transport-up', { transport: 'xbee' });
});

function client(
  clientId: string,
  transport: ConstructorParameters<typeof SceneClient>[0]['transport'] | number,
): SceneClient {
  const way = typeof transport === 'number' ? { port: transport } : transport === undefined ? {} : { transport };
  const made = new SceneClient({ clientId, ...way });
  bench.cleanUp(() => made.close());
  return made;
}

describeInEachMode('one gateway with UDP, a serial line and XBee at once (design 1.6)', () => {
  it('brings a message of an XBee node to a subscriber on UDP, one on the serial line and another XBee node', async () => {
    const onUdp = client('on-udp', gateway.port());
    const onLine = client('on-line', line.clientTransport());
    const onRadio = client('on-radio', radio.node(1).clientTransport());
    const sensor = client('sensor', radio.node(0).clientTransport());
    for (const each of [onUdp, onLine, onRadio, sensor]) {
      await each.connect();
    }
    for (const each of [onUdp, onLine, onRadio]) {
      await each.subscribe({ name: 'sensors/#' }, 1);
    }
    await sensor.publish({ name: 'sensors/boiler' }, '21.5', { qos: 1 });
    for (const each of [onUdp, onLine, onRadio]) {
      expect(await each.payload('21.5')).toMatchObject({ topicName: 'sensors/boiler', qos: 1 });
    }
    const links = gateway
      .notesOf('client-connected')
      .map(({ clientId, link }) => [clientId, link.replace(/:\d+$/, ':port')]);
    expect(links).toEqual([
      ['on-udp', 'udp:127.0.0.1:port'],
      ['on-line', 'serial:line'],
      ['on-radio', `xbee:${radio.node(1).address64}`],
      ['sensor', `xbee:${radio.node(0).address64}`],
    ]);
  });

  it('lets a client that fell asleep on XBee wake on UDP, where its messages then go (T-08)', async () => {
    const peer = await bench.peer(broker);
    const asleep = client('roamer', radio.node(0).clientTransport());
    await asleep.connect();
    await asleep.subscribe({ short: 'tp' }, 1);
    await asleep.sleep(300);
    await peer.publish('tp', 'waited', 1);
    await broker.logged(sentTo('PUBLISH', 'roamer'));
    await gathered(broker, 'roamer', 1);
    const udp = await bench.sensor(gateway);
    await udp.exchange(frame('16', 'roamer'), '0D 0C 22 74 70 00 01 77 61 69 74 65 64');
    await udp.exchange('07 0D 74 70 00 01 00', '02 17');
    expect(await gateway.waitForNote('client-moved', { clientId: 'roamer' })).toMatchObject({
      from: `xbee:${radio.node(0).address64}`,
    });
    expect(asleep.payloads).toEqual([]);
  });

  it('lets a session move from the serial line to XBee and to UDP with CONNECT (F-9, T-07)', async () => {
    const peer = await bench.peer(broker);
    const first = client('roamer', line.clientTransport());
    await first.connect({ cleanSession: false });
    await first.subscribe({ name: 'cmd/roamer' }, 1);
    const second = client('roamer', radio.node(2).clientTransport());
    await second.connect({ cleanSession: false });
    await peer.publish('cmd/roamer', 'on the radio', 1);
    await second.payload('on the radio');
    const third = await bench.sensor(gateway);
    await third.exchange(connectFrame('roamer', false), '03 05 00');
    await peer.publish('cmd/roamer', 'on UDP', 1);
    await third.expect(/* REGISTER */ '10 0A .. .. .. .. 63 6D 64 2F 72 6F 61 6D 65 72');
    expect(first.payloads).toEqual([]);
    expect(gateway.sessionCount).toBe(1);
  });

  it('lets a client move from a forwarder on the serial line to a node of the radio, and back behind another node id (F-9)', async () => {
    const connect = frame('04 00 01 003c', 'roamer');
    const behind = (node: string) => line.send(octets(`05FE00${node}${connect}`));
    const answered = (node: string) =>
      line.received.find('CONNACK', (each) => Buffer.from(each).toString('hex') === `05fe00${node}030500`);
    behind('1234');
    await answered('1234');
    const direct = client('roamer', radio.node(0).clientTransport());
    await direct.connect({ cleanSession: false });
    behind('5678');
    await answered('5678');
    const links = gateway.notesOf('client-moved').map(({ from, link }) => `${from} > ${link}`);
    const node = `xbee:${radio.node(0).address64}`;
    expect(links).toEqual([`serial:line/1234 > ${node}`, `${node} > serial:line/5678`]);
    expect(gateway.sessionCount).toBe(1);
  });

  it('answers on each medium by its own frame size: what fits on UDP may not fit on the radio (T-43)', async () => {
    const peer = await bench.peer(broker);
    const onUdp = client('on-udp', gateway.port());
    const onRadio = client('on-radio', radio.node(0).clientTransport());
    for (const each of [onUdp, onRadio]) {
      await each.connect();
      await each.subscribe({ short: 'tp' }, 1);
    }
    await peer.publish('tp', 'x'.repeat(200), 1);
    await peer.publish('tp', 'small', 1);
    await onUdp.payload('x'.repeat(200));
    await onRadio.payload('small');
    expect(onRadio.payloads).toEqual(['small']);
    expect(await gateway.waitForNote('delivery-dropped')).toMatchObject({
      clientId: 'on-radio',
      reason: expect.stringContaining('84 octets'),
    });
  });

  it('goes on over UDP and XBee while the serial port is unplugged', async () => {
    const onUdp = client('on-udp', gateway.port());
    const onRadio = client('on-radio', radio.node(0).clientTransport());
    await onUdp.connect();
    await onRadio.connect();
    await onUdp.subscribe({ short: 'tp' }, 1);
    await line.unplug();
    await gateway.waitForNote('transport-down', { transport: 'serial' });
    await onRadio.publish({ short: 'tp' }, 'still here', { qos: 1 });
    await onUdp.payload('still here');
  });
});
