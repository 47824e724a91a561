import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();

/** What nobody may read in a log: payloads of both directions, of the will and of its update, and the password. */
const SECRETS = ['payload-up', 'payload-down', 'payload-bare', 'payload-will', 'payload-update', 'password-7'];

let broker: Mosquitto;
let peer: MqttPeer;

beforeEach(async () => {
  broker = await Mosquitto.start({ users: { gateway: 'password-7' } });
  peer = await MqttPeer.connect(broker.url, { username: 'gateway', password: 'password-7' });
});

afterEach(async () => {
  await peer.close();
  await broker.dispose();
});

/** A gateway that logs everything, after some traffic and a regular end. */
async function afterTraffic(format: 'json' | 'pretty'): Promise<ProgramUnderTest> {
  const gateway = await program(
    ['-b', broker.url.replace('//', '//gateway:password-7@'), '-p', '0', '--log-level', 'trace'],
    {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_LOGGING_FORMAT: format },
    },
  );
  const sensor = await RawSensor.open({ port: await gateway.ready() });
  try {
    await peer.subscribe('#');
    await sensor.exchange(frame('04 0c 01 003c', 'sensor-1'), '02 06');
    await sensor.exchange(frame('07 20', 'will/s1'), '02 08');
    await sensor.exchange(frame('09', 'payload-will'), '03 05 00');
    await sensor.exchange(frame('1c', 'payload-update'), '03 1D 00');
    await sensor.exchange(frame('0a 0000 0001', 'up/temp'), '07 0B 00 01 00 01 00');
    await sensor.exchange(frame('0c 20 0001 0002', 'payload-up'), '07 0D 00 01 00 02 00');
    await sensor.exchange(frame('0c 40 0001 0003', 'payload-up'), '04 0F 00 03');
    await sensor.exchange('04 10 00 03', '04 0E 00 03');
    await sensor.exchange(frame('12 20 0004', 'cmd/led'), '08 13 20 00 02 00 04 00');
    await peer.publish('cmd/led', 'payload-down', 1);
    await sensor.expect(frame('0c 20 0002 0001', 'payload-down'));
    await sensor.exchange('07 0D 00 02 00 01 02', '0D 0A 00 02 00 02 63 6D 64 2F 6C 65 64');
    sensor.send(frame('0c 62 7470 0000', 'payload-bare'));
    await peer.messageOn('tp');
    sensor.send(frame('0c 20 0001', 'payload-up').slice(2)); // malformed
    await sensor.exchange(frame('0c 20 0063 0005', 'payload-up'), '07 0D 00 63 00 05 02');
    const stranger = await RawSensor.open({ port: Number(/:(\d+)[;,]/.exec(gateway.output)?.[1]) });
    await stranger.exchange(frame('0c 20 0001 0002', 'payload-up'), '02 18');
    await stranger.close();
    await sensor.exchange('02 18', '02 18');
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode()).toBe(0);
  } finally {
    await sensor.close();
  }
  return gateway;
}

function expectNoSecrets(gateway: ProgramUnderTest): void {
  const said = (gateway.output + gateway.errors).toLowerCase();
  for (const secret of SECRETS) {
    const digits = Buffer.from(secret).toString('hex');
    for (const form of [secret, digits, (digits.match(/../g) ?? []).join(' ')]) {
      expect(said).not.toContain(form);
    }
  }
}

describe('json logs', () => {
  it('are one object for each line, with clientId and link as fields (issue, 10)', async () => {
    const gateway = await afterTraffic('json');
    const entries = gateway.lines.items.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: expect.any(String),
        event: expect.stringMatching(/^[a-z][a-z0-9-]+$/),
        message: expect.any(String),
      });
    }
    expect(entries).toContainEqual(
      expect.objectContaining({
        level: 'info',
        event: 'client-connected',
        message: 'client connected',
        clientId: 'sensor-1',
        link: expect.stringMatching(/^udp:127\.0\.0\.1:\d+$/),
      }),
    );
    expect(entries.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^client disconnected/));
  });

  it('never show a payload or a password, also with every frame at level trace (design 6)', async () => {
    const gateway = await afterTraffic('json');
    expect(gateway.output).toContain('received PUBLISH');
    expect(gateway.output).toContain('sent PUBLISH');
    expectNoSecrets(gateway);
  });
});

describe('logs for people', () => {
  it('have one line with the reason for each client that is connected, refused and gone (issue, 10)', async () => {
    const gateway = await program(['-b', broker.url.replace('//', '//gateway:wrong@'), '-p', '0'], {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
    });
    const sensor = await RawSensor.open({ port: await gateway.ready() });
    await sensor.exchange(connectFrame('sensor-1'), '03 05 03');
    await sensor.close();
    await gateway.line(/^\S+ warn +client refused: .*clientId=sensor-1 link=udp:127\.0\.0\.1:\d+/);
    expect(gateway.output).not.toContain('wrong');
  });

  it('say at level warn why the broker cannot be reached, without any sensor', async () => {
    const url = broker.url;
    await peer.close();
    await broker.stop();
    const gateway = await program(['-b', url, '-p', '0', '--log-level', 'warn'], {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_SESSIONS_PATH: 'memory' },
    });
    const [line] = await gateway.line(/ warn +the broker is away: .*ECONNREFUSED.*/);
    expect(line).toContain(`url=${url}`);
    await broker.start(); // for the end of the test
    peer = await MqttPeer.connect(url, { username: 'gateway', password: 'password-7' });
  });

  it('never show a payload or a password, also with every frame at level trace (design 6)', async () => {
    const gateway = await afterTraffic('pretty');
    await gateway.line(/ info +client connected +clientId=sensor-1 link=udp:127\.0\.0\.1:\d+/);
    await gateway.line(/ info +client disconnected: .*clientId=sensor-1 /);
    await gateway.line(/ trace +received PUBLISH /);
    expectNoSecrets(gateway);
  });
});

describe('an outage of the broker', () => {
  it('has one line when it is over, with its length and what it has cost', async () => {
    const gateway = await program(['-b', broker.url.replace('//', '//gateway:password-7@'), '-p', '0'], {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
    });
    const sensor = await RawSensor.open({ port: await gateway.ready() });
    await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    await peer.close();
    await broker.stop();
    await gateway.line(/ warn {2}the broker is away: /);
    await broker.start();
    await gateway.line(/ info {2}the broker is back after \d+ s {2}lostFor=\d+ms$/);
    await gateway.line(
      / info {2}after the outage: 1 client is back, 0 lost {2}duration=\d+ms back=1 lost=0 missing=0$/,
    );
    expect(gateway.output.match(/ warn (?! *the gateway runs as root)/g)).toHaveLength(1);
    expect(gateway.output).not.toContain('client has no connection to the broker');
    await sensor.close();
  });
});
