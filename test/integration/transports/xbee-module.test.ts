import { beforeEach, describe, expect, it } from '@jest/globals';
import { octets } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import { XBeeModule } from '../../support/xbee-module.ts';
import type { XBeeModuleOptions } from '../../support/xbee-module-options.ts';
import { SceneClient } from './scene.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let radio: XBeeModule;
let gateway: GatewayUnderTest;

beforeEach(async () => {
  broker = await bench.broker();
});

async function radioWith(
  options: XBeeModuleOptions = {},
  settings: Readonly<Record<string, unknown>> = {},
  isUp = true,
  retryCount = 3,
): Promise<void> {
  radio = await XBeeModule.open({ apiMode: 2, ...options });
  bench.cleanUp(() => radio.close());
  const transport = { type: 'xbee', path: radio.path, baudRate: 115_200, retryInterval: '2s', ...settings };
  gateway = await bench.gateway(broker.url, { settings: { transports: [transport], timing: { retryCount } } });
  if (isUp) {
    await gateway.waitForNote('transport-up', { transport: 'xbee' });
  }
}

function client(index: number, options: Partial<ConstructorParameters<typeof SceneClient>[0]> = {}): SceneClient {
  const made = new SceneClient({
    clientId: `node-${index}`,
    transport: radio.node(index).clientTransport(),
    ...options,
  });
  bench.cleanUp(() => made.close());
  return made;
}

describe('opening an XBee module', () => {
  it('asks for its address, its firmware and its largest payload, and tells the operator', async () => {
    await radioWith({ address64: '0013a20040000001', maxPayload: 66 });
    expect([...new Set(radio.commands.items)].sort()).toEqual(['AP', 'HV', 'NP', 'SH', 'SL', 'VR']);
    const { address } = await gateway.waitForNote('transport-up');
    expect(address).toMatch(/Zigbee module 0013a20040000001 \(HV \w+, VR \w+\), frames of 66 octets/);
    expect(radio.violations).toEqual([]);
  });

  it('says what may be wrong where the module does not answer, and works as soon as it does', async () => {
    await radioWith({}, {}, false);
    radio.silent = true;
    await radio.unplug();
    await radio.plug();
    const { reason } = await gateway.waitForNote('transport-problem', { transport: 'xbee' });
    expect(reason).toMatch(
      /does not answer AT commands: is it in API mode 2 \(its setting AP\), at 115200 baud \(BD\)/,
    );
    const asked = radio.commands.items.length;
    radio.silent = false;
    await gateway.waitForNote('transport-up');
    expect(radio.commands.items.length).toBeGreaterThan(asked);
    expect(gateway.notesOf('transport-problem')).toHaveLength(1);
    await client(0).connect();
  });

  it('speaks as the firmware of the module does: 0x00 to a Series 1 with 802.15.4, and notes its signal strength', async () => {
    await radioWith({ firmware: '802.15.4', nodes: [{ rssi: 71 }] });
    await client(0).connect();
    expect(radio.violations).toEqual([]);
    expect(await gateway.waitForNote('radio-signal')).toMatchObject({
      link: `xbee:${radio.node(0).address64}`,
      rssi: -71,
    });
  });
});

describe('the address of a node', () => {
  it('is its 16-bit one on 802.15.4 where it uses no other: 0x81, answered with 0x01', async () => {
    await radioWith({ firmware: '802.15.4', nodes: [{ address16: '1234' }, { address16: '5678' }] });
    await Promise.all([client(0).connect(), client(1).connect()]);
    const links = gateway.notesOf('client-connected').map(({ clientId, link }) => `${clientId} ${link}`);
    expect(links.sort()).toEqual(['node-0 xbee:1234', 'node-1 xbee:5678']);
    expect(radio.violations).toEqual([]);
  });

  it('is its 16-bit one as well while a Zigbee module does not know the other', async () => {
    await radioWith({ nodes: 2 });
    for (const node of radio.nodes) {
      node.anonymous = true;
    }
    const [one, two] = [client(0), client(1)];
    await one.connect();
    await two.connect();
    await one.publish({ short: 'tp' }, 'x', { qos: 1 });
    await two.ping();
    const links = gateway.notesOf('client-connected').map(({ link }) => link);
    expect(links).toEqual(radio.nodes.map(({ address16 }) => `xbee:${address16}`));
    expect(radio.violations).toEqual([]);
  });
});

describe('a list of forwarders on XBee (F-8)', () => {
  it('names them by their 64-bit addresses; nodes behind another one are not heard, and may come back behind a known one (F-9)', async () => {
    await radioWith({ nodes: 2 }, { forwarders: ['0013A20041000001'] });
    const capsule = (node: string) => octets(`05FE00${node} 0A 04 04 01 00 3C 6E 6F 64 65`);
    radio.node(0).send(capsule('0007'));
    await gateway.waitForNote('frame-dropped', { reason: 'forwarder', link: 'xbee:0013a20041000000' });
    radio.node(1).send(capsule('0007'));
    await radio.node(1).received.find('CONNACK', (each) => Buffer.from(each).toString('hex') === '05fe000007030500');
    radio.node(1).send(capsule('0008')); // another node of the same forwarder
    await gateway.waitForNote('client-moved', { clientId: 'node', link: 'xbee:0013a20041000001/0008' });
    expect(gateway.sessionCount).toBe(1);
  });
});

describe('sending over XBee', () => {
  it('broadcasts ADVERTISE, and GWINFO with the radius of the SEARCHGW (D-10)', async () => {
    await radioWith({ nodes: [{ hops: 1 }, { hops: 3 }] });
    await radio.requests.find(
      'ADVERTISE',
      ({ dest64, data, radius }) => dest64 === '000000000000ffff' && data[1] === 0x00 && radius === 0,
    );
    radio.node(0).send(octets('03 01 02'));
    await radio.requests.find(
      'GWINFO',
      ({ dest64, data, radius }) => dest64 === '000000000000ffff' && data[1] === 0x02 && radius === 2,
    );
    await radio.node(0).received.find('GWINFO', (each) => Buffer.from(each).toString('hex') === '030201');
    expect(radio.node(1).received.items.map((each) => each[1])).not.toContain(0x02);
  });

  it('uses the last 16-bit address of a node, also after the node has got another one', async () => {
    await radioWith();
    const sensor = client(0);
    await sensor.connect();
    radio.node(0).moveTo16('beef');
    await sensor.ping();
    await sensor.ping();
    await eventually('a request to the new address', () => radio.requests.items.at(-1)?.dest16 === 'beef');
    expect(radio.violations).toEqual([]);
  });

  it('has one frame under way to each node and several in all; a node that is dead holds up nobody, and is not lost by that alone', async () => {
    // The module does not give a dead node up before the test wants it.
    await radioWith({ nodes: 12, deadNodeDelay: 60_000 }, { statusTimeout: '1m', retryInterval: '3s' }, true, 20);
    const peer = await bench.peer(broker);
    const clients = Array.from({ length: 12 }, (_, index) => client(index));
    await Promise.all(clients.map((each) => each.connect()));
    await Promise.all(clients.map((each) => each.subscribe({ short: 'tp' }, 1)));
    for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) {
      radio.node(index).on = false;
    }
    await peer.publish('tp', 'x', 1);
    await Promise.all(clients.slice(8).map((each) => each.payload('x')));
    expect(gateway.notesOf('frame-undelivered')).toEqual([]);
    expect(radio.inFlight.mostToOneNode).toBe(1);
    expect(radio.inFlight.most).toBeGreaterThan(1);
    radio.air.deadNodeDelay = 0; // from now on it gives them up at once
    await gateway.waitForNote('frame-undelivered', { clientId: 'node-0' });
    expect(gateway.notesOf('client-lost')).toEqual([]);
    for (const each of radio.nodes) {
      each.on = true;
    }
    await clients[0]?.payload('x');
  });

  it('does not wait for a status that never comes: after statusTimeout the node gets its next frame', async () => {
    await radioWith({ statusLoss: 1 }, { statusTimeout: '200ms' });
    const sensor = client(0);
    await sensor.connect();
    await sensor.ping();
    await sensor.ping();
    expect(await gateway.waitForNote('frame-undelivered')).toMatchObject({ reason: 'the module did not report on it' });
  });

  it('gives a module without free buffers the frame again', async () => {
    await radioWith();
    const sensor = client(0);
    await sensor.connect();
    radio.refuse(0x32, 0x32, 0x32);
    await sensor.ping();
    expect(gateway.notesOf('frame-undelivered')).toEqual([]);
    expect(radio.requests.items.filter(({ data }) => data[1] === 0x17)).toHaveLength(4);
  });

  it('never exceeds the payload of the module, whatever maxFrame says', async () => {
    await radioWith({ maxPayload: 60 }, { maxFrame: 200 });
    const peer = await bench.peer(broker);
    const sensor = client(0);
    await sensor.connect();
    await sensor.subscribe({ short: 'tp' }, 1);
    await peer.publish('tp', 'x'.repeat(54), 1);
    await peer.publish('tp', 'y'.repeat(53), 1);
    await sensor.payload('y'.repeat(53));
    expect(sensor.payloads).toEqual(['y'.repeat(53)]);
  });
});

describe('what can happen to an XBee module', () => {
  it('a reset in the middle: noted, asked again, and the sessions go on', async () => {
    await radioWith({ nodes: 2 });
    const [one, two] = [client(0), client(1)];
    await one.connect();
    await two.connect();
    const peer = await bench.peer(broker);
    await one.subscribe({ short: 'tp' }, 1);
    await radio.reset();
    await gateway.waitForNote('radio-status', { status: 0 });
    await gateway.waitForNote('radio-status', { status: 6 });
    await eventually('asked again', () => radio.commands.items.filter((name) => name === 'NP').length >= 2);
    await peer.publish('tp', 'after the reset', 1);
    await one.payload('after the reset');
    await two.ping();
    expect(gateway.notesOf('client-connected')).toHaveLength(2);
    expect(gateway.notesOf('transport-up')).toHaveLength(1);
  });

  it('it is unplugged and plugged in again: the sessions go on', async () => {
    await radioWith();
    const sensor = client(0);
    await sensor.connect();
    await radio.unplug();
    await gateway.waitForNote('transport-down', { code: 'ENODEV' });
    await radio.plug();
    await eventually('up again', () => gateway.notesOf('transport-up').length === 2);
    await sensor.ping();
    expect(gateway.notesOf('client-connected')).toHaveLength(1);
  });

  it('a node identifies itself: noted with its name', async () => {
    await radioWith();
    radio.nodeIdentification(radio.node(0), 'BOILER');
    expect(await gateway.waitForNote('radio-node')).toMatchObject({
      link: `xbee:${radio.node(0).address64}`,
      name: 'BOILER',
    });
  });

  it.each([1, 2] as const)(
    'garbled frames and noise on its line: counted, discarded, and never a wrong client (API mode %s)',
    async (apiMode) => {
      await radioWith({ apiMode, nodes: 4 }, { apiMode });
      const clients = [0, 1, 2, 3].map((index) => client(index, { retryInterval: 300 }));
      await Promise.all(clients.map((each) => each.connect()));
      radio.garble(5);
      for (let round = 0; round < 5; round++) {
        radio.injectOctets(octets('7e 00 7d 55 7e ff 13 7d'));
        await Promise.all(clients.map((each) => each.publish({ short: 'tp' }, `${round}`, { qos: 1 })));
      }
      expect(gateway.notesOf('octets-discarded').length).toBeGreaterThan(0);
      expect(new Set(gateway.notesOf('client-published').map(({ clientId }) => clientId))).toEqual(
        new Set(clients.map((each) => each.clientId)),
      );
      expect(gateway.sessionCount).toBe(4);
    },
  );
});
