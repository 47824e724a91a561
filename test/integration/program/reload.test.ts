import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => Promise<unknown>)[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
  ends.push(() => rm(folder, { recursive: true }));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

const file = (name: string): string => join(folder, name);

/** Replaces a file under its name, as editors do. */
async function replace(name: string, text: string): Promise<void> {
  await writeFile(file(`${name}~`), text);
  await rename(file(`${name}~`), file(name));
}

function settings(broker: Mosquitto, more: string): string {
  return `upstream: { url: "${broker.url}" }\nsessions: { path: memory }\npredefinedTopics: topics.yaml\n${more}\n`;
}

interface Bench {
  readonly broker: Mosquitto;
  readonly gateway: ProgramUnderTest;
  readonly sensor: RawSensor;
  readonly peer: MqttPeer;
}

/** A gateway with a connected sensor, and somebody at its broker who hears everything. */
async function started(more = ''): Promise<Bench> {
  const broker = await Mosquitto.start();
  ends.push(() => broker.dispose());
  await writeFile(file('topics.yaml'), '"*": { 7: old/name }\n');
  await writeFile(file('gateway.yaml'), settings(broker, more));
  const gateway = await program(['-c', file('gateway.yaml'), '-p', '0'], {
    environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1' },
  });
  const sensor = await RawSensor.open({ port: await gateway.ready() });
  ends.push(() => sensor.close());
  await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
  const peer = await MqttPeer.connect(broker.url);
  ends.push(() => peer.close());
  return { broker, gateway, sensor, peer };
}

describe('settings of a program that runs', () => {
  it('are read again on SIGHUP: what may change does, without that a client is dropped, and what needs a restart is named', async () => {
    const { broker, gateway, sensor, peer } = await started();
    await peer.subscribe('#');
    await sensor.exchange('07 12 01 00 05 00 07', '08 13 00 00 07 00 05 00');
    await replace('topics.yaml', '"*": { 7: new/name }\n');
    await replace('gateway.yaml', settings(broker, 'clients: { qosMinus1: false }\ngateway: { id: 7 }'));
    gateway.kill('SIGHUP');
    await gateway.line(/ info {2}settings read again \(SIGHUP\): 2 changes in effect, and 1 setting needs a restart/);
    await gateway.line(/ info {2}clients\.qosMinus1 has changed {2}.*from=true to=false/);
    await gateway.line(
      / info {2}pre-defined topic id means another topic.* clientId="\*" topicId=7 from=old\/name to=new\/name/,
    );
    await gateway.line(/ warn {2}gateway\.id has changed, which needs a restart/);
    await gateway.line(
      / info {2}pre-defined topic id means another topic now: the subscription moves .*clientId=sensor-1/,
    );
    await eventually('UNSUBSCRIBE', () => /Received UNSUBSCRIBE from sensor-1/.test(broker.log));
    sensor.send(frame('0c 01 0007 0000', 'on'));
    await sensor.expect(frame('0c 01 0007 0000', 'on')); // it has subscribed to what it publishes
    expect((await peer.messageOn('new/name')).payload).toBe('on');
    await peer.publish('old/name', 'x');
    await peer.publish('new/name', 'y');
    await sensor.expect(frame('0c 01 0007 0000', 'y'));
    expect(broker.log.match(/New client connected from \S+ as sensor-1/g)).toHaveLength(1);
  });

  it('stay as they are where a file has problems, which are all told', async () => {
    const { broker, gateway, sensor } = await started();
    await replace('topics.yaml', '"*": { 70000: a }\n');
    await replace('gateway.yaml', settings(broker, 'clients: { maxInflight: 0 }\nhtpp: {}'));
    gateway.kill('SIGHUP');
    await gateway.line(/ warn {2}settings not read again \(SIGHUP\): 3 problems; nothing has changed/);
    await gateway.line(/ warn {2}.*gateway\.yaml:4:\d+: clients\.maxInflight: expected/);
    await gateway.line(/ warn {2}.*gateway\.yaml:5:1: htpp: unknown setting/);
    await gateway.line(/ warn {2}.*topics\.yaml:1:\d+: .*70000/);
    await sensor.exchange('02 16', '02 17');
    await replace('gateway.yaml', settings(broker, 'clients: { maxInflight: 4 }'));
    await replace('topics.yaml', '"*": { 7: old/name }\n');
    gateway.kill('SIGHUP');
    await gateway.line(/settings read again \(SIGHUP\): 1 change in effect/);
  });

  it('never show a secret', async () => {
    const { broker, gateway } = await started();
    await replace('gateway.yaml', settings(broker, '').replace('{ url', '{ username: u, password: geheim, url'));
    gateway.kill('SIGHUP');
    await gateway.line(/ warn {2}upstream\.password has changed, which needs a restart/);
    expect(gateway.output).not.toContain('geheim');
  });

  it('of credentials count at the next connection of each client; a file with problems changes nothing, and all are told', async () => {
    await writeFile(file('rules.yaml'), 'rules: [{ clientId: sensor-1, clientIdPrefix: a- }]\n');
    const { broker, gateway, sensor } = await started();
    const named = (): string => settings(broker, '').replace('{ url', '{ credentials: rules.yaml, url');
    await replace('gateway.yaml', named());
    gateway.kill('SIGHUP');
    await gateway.line(/ info {2}upstream\.credentials has changed {2}.*from="not set" to=\S*rules\.yaml/);
    await sensor.exchange('02 16', '02 17');
    expect(broker.log).not.toContain(' as a-sensor-1 ');
    const again = async (): Promise<void> => {
      await sensor.exchange('02 18', '02 18');
      await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
    };
    await again();
    await broker.logged(/New client connected from \S+ as a-sensor-1 /);

    await replace('rules.yaml', 'default: refused\nrules: [{ clientIdPrefix: b-, usrname: geheim }]\n');
    gateway.kill('SIGHUP');
    await gateway.line(/ warn {2}settings not read again \(SIGHUP\): 2 problems; nothing has changed/);
    await gateway.line(/ warn {2}.*rules\.yaml:1:10: default: expected one of .*\(did you mean "refuse"\?\)/);
    await gateway.line(
      / warn {2}.*rules\.yaml:2:31: rules\[0\]\.usrname: unknown setting \(did you mean "username"\?\)/,
    );
    const from = broker.log.length;
    await again();
    await broker.logged(/ as a-sensor-1 /, from);

    await replace('rules.yaml', 'default: refuse\n');
    gateway.kill('SIGHUP');
    await gateway.line(
      /upstream\.credentials has changed {2}.*from="1 rule, [^"]*" to="0 rules, other clients refused"/,
    );
    await sensor.exchange('02 18', '02 18');
    await sensor.exchange(connectFrame('sensor-1'), '03 05 03');
    await gateway.line(/ warn {2}client refused: no rule of upstream\.credentials fits it .*clientId=sensor-1/);
    expect(gateway.output).not.toContain('geheim');
  });

  it('that steer the log count at once, for every line from then on', async () => {
    const { broker, gateway, sensor } = await started('logging: { level: info }');
    await replace('gateway.yaml', settings(broker, 'logging: { level: trace, payloads: true }'));
    gateway.kill('SIGHUP');
    await gateway.line(/ info {2}logging\.level has changed/);
    await eventually('a line with the payload', async () => {
      sensor.send(frame('0c 02 7470 0000', 'hello'));
      return /trace received PUBLISH .*68 ?65 ?6c ?6c ?6f|trace received PUBLISH .*hello/.test(gateway.output);
    });
  });

  it('are read again by themselves with watch, whether a file is written or replaced', async () => {
    const { broker, gateway } = await started('watch: true');
    await writeFile(file('gateway.yaml'), settings(broker, 'watch: true\nclients: { maxInflight: 8 }'));
    await gateway.line(/settings read again \(a file has changed\): 1 change in effect/);
    await gateway.line(/clients\.maxInflight has changed {2}.*from=16 to=8/);
    await replace('topics.yaml', '"*": { 7: new/name }\n');
    await gateway.line(/pre-defined topic id means another topic.* to=new\/name/);
    await replace('gateway.yaml', settings(broker, 'watch: true\nclients: { maxInflight: x }'));
    await gateway.line(/settings not read again \(a file has changed\): 1 problem; nothing has changed/);
    await replace('gateway.yaml', settings(broker, 'watch: false\nclients: { maxInflight: 8 }'));
    await gateway.line(/ info {2}watch has changed {2}.*from=true to=false/);
  });

  it('are read again by themselves where a link leads to other files', async () => {
    const { gateway, broker } = await started('watch: true');
    await writeFile(file('other.yaml'), settings(broker, 'watch: true\nclients: { maxInflight: 9 }'));
    await symlink('other.yaml', file('link'));
    await rename(file('link'), file('gateway.yaml'));
    await gateway.line(/clients\.maxInflight has changed {2}.*from=16 to=9/);
    expect(await readFile(file('gateway.yaml'), 'utf8')).toContain('maxInflight: 9');
  });

  it('are not read again by themselves without watch', async () => {
    const { broker, gateway } = await started();
    await replace('gateway.yaml', settings(broker, 'clients: { maxInflight: 8 }'));
    gateway.kill('SIGHUP');
    await gateway.line(/settings read again \(SIGHUP\): 1 change in effect/);
    expect(gateway.output).not.toContain('a file has changed');
  });
});
