import { beforeEach, describe, expect, it } from '@jest/globals';
import { Random } from '../../crash/random.ts';
import { connectFrame, frame, octets } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { SerialFraming } from '../../support/serial-framing.ts';
import { SerialPeer } from '../../support/serial-peer.ts';
import { SceneClient } from './scene.ts';

const bench = gatewayBench();

let broker: Mosquitto;
let line: SerialPeer;

beforeEach(async () => {
  broker = await bench.broker();
});

/** A gateway with one serial line, and the peer at its other end. */
async function lineWith(
  settings: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<GatewayUnderTest> {
  const { framing = 'length' } = settings as { framing?: SerialFraming };
  line = await SerialPeer.open({ framing });
  bench.cleanUp(() => line.close());
  const transport = { type: 'serial', path: line.path, ...settings };
  return bench.gateway(broker.url, {
    settings: { transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }, transport], ...more },
  });
}

function client(
  clientId = 'sensor-1',
  options: Partial<ConstructorParameters<typeof SceneClient>[0]> = {},
): SceneClient {
  const made = new SceneClient({ clientId, transport: line.clientTransport(), ...options });
  bench.cleanUp(() => made.close());
  return made;
}

const received = (): string[] => line.received.items.map((each) => Buffer.from(each).toString('hex'));
const PINGRESP = '0217';

describe('a serial port that comes and goes', () => {
  it('is waited for where it is not there at the start: one line in the log, and everything works when it is plugged in', async () => {
    line = await SerialPeer.open({ framing: 'length' });
    bench.cleanUp(() => line.close());
    await line.unplug();
    const gateway = await bench.gateway(broker.url, {
      settings: { transports: [{ type: 'serial', path: line.path }] },
    });
    const note = await gateway.waitForNote('transport-down');
    expect(note).toMatchObject({ transport: 'serial', code: 'ENOENT', reason: expect.stringContaining(line.path) });
    await line.plug();
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    await client().connect();
    expect(gateway.notesOf('transport-down')).toHaveLength(1);
  });

  it('goes on with its sessions when it is plugged in again: no CONNECT, no REGISTER, nothing lost (design 1.6)', async () => {
    const gateway = await lineWith();
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    const peer = await bench.peer(broker);
    const sensor = client();
    await sensor.connect();
    await sensor.subscribe({ name: 'cmd/led' }, 1);
    await line.unplug();
    expect(await gateway.waitForNote('transport-down')).toMatchObject({ transport: 'serial', code: 'ENODEV' });
    await peer.publish('cmd/led', 'while it was out', 1);
    await broker.logged(/Sending PUBLISH to sensor-1/);
    await line.plug();
    await sensor.payload('while it was out');
    await sensor.ping();
    expect(sensor.state).toBe('active');
    expect(gateway.notesOf('client-connected')).toHaveLength(1);
    expect(gateway.notesOf('transport-down')).toHaveLength(1);
    expect(gateway.notesOf('retransmitted')).toEqual([]);
  });

  it('supervises its clients while it is out: they are lost by their keep-alive, with their will', async () => {
    const gateway = await lineWith();
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    const peer = await bench.peer(broker, 'will/#');
    const sensor = client('sensor-1', {
      keepAlive: 1,
      will: { topic: 'will/1', message: 'gone', qos: 1, retain: false },
    });
    await sensor.connect();
    await line.unplug();
    expect(await peer.messageOn('will/1')).toMatchObject({ payload: 'gone' });
  });

  it('is refused in words where another program has it, and tried again', async () => {
    const first = await lineWith();
    await first.waitForNote('transport-up', { transport: 'serial' });
    const second = await bench.gateway(broker.url, { settings: { transports: [{ type: 'serial', path: line.path }] } });
    expect(await second.waitForNote('transport-down')).toMatchObject({
      code: 'EBUSY',
      reason: expect.stringContaining('another program uses it'),
    });
    await first.stop();
    await second.waitForNote('transport-up', { transport: 'serial' });
  });

  it('is refused in words where it is no serial port', async () => {
    const transports = [{ type: 'serial', path: '/dev/null' }];
    const gateway = await bench.gateway(broker.url, { settings: { transports } });
    expect(await gateway.waitForNote('transport-down')).toMatchObject({
      code: 'ENOTTY',
      reason: expect.stringContaining('not a serial port'),
    });
  });
});

describe('bad input on a serial line', () => {
  it('costs not more than up to the next gap: a lost octet, half a frame, noise (framing length)', async () => {
    const gateway = await lineWith({ interFrameGap: '50ms' });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    await client().connect();
    for (const bad of [
      '0b0c2000010002',
      `${'0216'.repeat(2)}02`,
      '00',
      'ff ff ff ff',
      '01 00 03 16',
      '0D 0C 00 00 01 00 00 32 31',
    ]) {
      const discarded = gateway.notesOf('octets-discarded').length;
      line.sendOctets(octets(bad));
      await eventually('the gap', () => gateway.notesOf('octets-discarded').length > discarded);
      const before = received().filter((each) => each === PINGRESP).length;
      line.send(octets('0216'));
      await eventually('PINGRESP', () => received().filter((each) => each === PINGRESP).length > before);
    }
    expect(gateway.sessionCount).toBe(1);
  });

  it.each(['slip', 'cobs'] as const)(
    'costs only the damaged frames where they are delimited (framing %s)',
    async (framing) => {
      const gateway = await lineWith({ framing });
      await gateway.waitForNote('transport-up', { transport: 'serial' });
      await client().connect();
      const random = new Random(7);
      for (let round = 1; round <= 50; round++) {
        const noise = Uint8Array.from({ length: Math.floor(random.next() * 40) }, () =>
          Math.floor(random.next() * 256),
        );
        line.sendOctets(noise);
        line.send(octets('0216'));
      }
      await eventually(
        'a PINGRESP for each PINGREQ',
        () => received().filter((each) => each === PINGRESP).length >= 50,
      );
      expect(gateway.sessionCount).toBe(1);
    },
  );

  it('tells the operator where nothing makes sense: the speed or the framing may be wrong', async () => {
    const gateway = await lineWith({ interFrameGap: '20ms' });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    line.sendOctets(new Uint8Array(100).fill(0xf8));
    expect(await gateway.waitForNote('transport-problem', { transport: 'serial' })).toMatchObject({
      reason: expect.stringContaining('speed (115200)'),
    });
  });

  it('keeps memory bounded: a frame longer than maxFrame is discarded, whatever it claims', async () => {
    const gateway = await lineWith({ maxFrame: 64, interFrameGap: '50ms' });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    line.sendOctets(Buffer.concat([octets('01 ff ff 0c'), new Uint8Array(10_000)]));
    await gateway.waitForNote('octets-discarded');
    await eventually(
      '10,000 discarded',
      () => gateway.notesOf('octets-discarded').reduce((sum, note) => sum + note.octets, 0) === 10_004,
    );
    await client().connect();
  });
});

describe('a slow serial line', () => {
  it('answers before it publishes: PINGRESP and PUBACK go ahead of what waits for the line (2,400 bit/s)', async () => {
    const gateway = await lineWith({ baudRate: 2_400 });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    const peer = await bench.peer(broker);
    const sensor = client();
    await sensor.connect();
    await sensor.subscribe({ short: 'tp' }, 0);
    for (let n = 1; n <= 40; n++) {
      await peer.publish('tp', `${n}`.padStart(3, '0') + 'x'.repeat(50), 0);
    }
    await sensor.received.nth(1);
    await sensor.ping();
    const before = sensor.received.items.length;
    expect(before).toBeLessThan(20); // 40 publishes take ten seconds on this line
    await sensor.publish({ short: 'up' }, 'x', { qos: 1 });
    expect(sensor.received.items.length).toBeLessThan(before + 10);
    await sensor.received.nth(40);
    expect(sensor.payloads).toEqual([...sensor.payloads].sort());
  });

  it('uses the T_retry of the transport towards its clients', async () => {
    const gateway = await lineWith({ retryInterval: '200ms' }, { timing: { retryInterval: '10m', retryCount: 3 } });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    const peer = await bench.peer(broker);
    line.send(octets(connectFrame('sensor-1')));
    await line.received.find('CONNACK', (each) => each[1] === 0x05);
    line.send(octets('07 12 22 00 01 74 70'));
    await line.received.find('SUBACK', (each) => each[1] === 0x13);
    await peer.publish('tp', 'x', 1);
    await line.received.find('PUBLISH with DUP', (each) => each[1] === 0x0c && ((each[2] as number) & 0x80) !== 0);
  });
});

describe('a list of forwarders (F-8)', () => {
  const CONNECT_OF_NODE = `05FE001234${frame('04 04 01 003c', 'node')}`;

  it('without one, nodes behind any forwarder are served', async () => {
    const gateway = await lineWith();
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    line.send(octets(CONNECT_OF_NODE));
    await line.received.find('CONNACK', (each) => Buffer.from(each).toString('hex') === '05fe001234030500');
  });

  it('with one, encapsulated frames of others are dropped and counted, plain ones served', async () => {
    const gateway = await lineWith({ forwarders: [] });
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    line.send(octets(CONNECT_OF_NODE));
    await gateway.waitForNote('frame-dropped', { reason: 'forwarder', link: 'serial:line' });
    await client().connect();
    expect(received().filter((each) => each.startsWith('05fe'))).toEqual([]);
  });

  it('works on UDP by address', async () => {
    const gateway = await bench.gateway(broker.url, {
      settings: {
        transports: [
          { type: 'udp', name: 'open', host: '127.0.0.1', port: 0, forwarders: ['127.0.0.1'] },
          { type: 'udp', name: 'closed', host: '127.0.0.1', port: 0, forwarders: ['192.0.2.7'] },
        ],
      },
    });
    const known = await bench.sensor(gateway, { transport: 'open' });
    await known.exchange(CONNECT_OF_NODE, '05FE001234 03 05 00');
    const unknown = await bench.sensor(gateway, { transport: 'closed' });
    unknown.send(CONNECT_OF_NODE);
    await gateway.waitForNote('frame-dropped', { reason: 'forwarder' });
    await unknown.expectNothingBefore();
  });
});
