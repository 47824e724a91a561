import { beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';
import type { Mosquitto } from '../../support/mosquitto.ts';
import type { MqttPeer } from '../../support/mqtt-peer.ts';
import { type ProgramOptions, type ProgramUnderTest, programBench } from './program-under-test.ts';

const bench = gatewayBench();
const program = programBench();

let broker: Mosquitto;
let gateway: GatewayUnderTest;
let peer: MqttPeer;

beforeEach(async () => {
  broker = await bench.broker();
  gateway = await bench.gateway(broker.url, { predefined: { '*': { 10: 'sensors/boiler' } } });
  peer = await bench.peer(broker, '#');
});

/** `pub`, which must end well and say nothing. */
async function pub(args: readonly string[], options: ProgramOptions = {}): Promise<void> {
  const run = await program(['pub', '-p', `${gateway.port()}`, ...args], options);
  const code = await run.exitCode();
  expect({ code, output: run.output, errors: run.errors }).toEqual({ code: 0, output: '', errors: '' });
}

/** `sub`, once the gateway has granted what it subscribes to. */
async function sub(args: readonly string[], filters: number): Promise<ProgramUnderTest> {
  const run = await program(['sub', '-p', `${gateway.port()}`, ...args]);
  await gateway.notes.find(`${filters} subscriptions`, () => gateway.notesOf('subscribed').length === filters);
  return run;
}

/** What `sub` has printed, once it has ended by itself (-C). */
async function printed(run: ProgramUnderTest): Promise<string> {
  expect(await run.exitCode()).toBe(0);
  expect(run.errors).toBe('');
  return run.output;
}

describe('pub', () => {
  it.each([0, 1, 2] as const)('publishes with QoS %i', async (qos) => {
    await pub(['-t', 'sensors/1/temp', '-m', '21.5', '-q', `${qos}`]);
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5', qos, retain: false });
  });

  it('publishes with QoS −1 to a pre-defined and to a short topic, without connecting (6.8)', async () => {
    await pub(['--topic-id', '10', '-m', '42', '-q', '-1']);
    await pub(['-t', 'tp', '-m', '43', '-q', '-1']);
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/boiler', payload: '42', qos: 0 });
    expect(await peer.message(2)).toMatchObject({ topic: 'tp', payload: '43', qos: 0 });
    expect(gateway.notesOf('client-connected')).toEqual([]);
  });

  it('publishes to a pre-defined topic and to a short one, connected', async () => {
    await pub(['--topic-id', '10', '-m', '42', '-q', '1']);
    await pub(['-t', 'tp', '--short', '-m', '43', '-q', '2']);
    expect(await peer.message(1)).toMatchObject({ topic: 'sensors/boiler', payload: '42', qos: 1 });
    expect(await peer.message(2)).toMatchObject({ topic: 'tp', payload: '43', qos: 2 });
    expect(gateway.notesOf('topic-registered')).toEqual([]);
  });

  it('publishes retained messages, and clears them with an empty one', async () => {
    await pub(['-t', 'sensors/1/temp', '-m', '21.5', '-r', '-q', '1']);
    const second = await bench.peer(broker, '#');
    expect(await second.message(1)).toMatchObject({ topic: 'sensors/1/temp', payload: '21.5', retain: true });
    await pub(['-t', 'sensors/1/temp', '-n', '-r', '-q', '1']);
    const third = await bench.peer(broker, '#');
    await third.settle();
    expect(third.messages).toEqual([]);
  });

  it('publishes each line of standard input, and a file as it is', async () => {
    await pub(['-t', 'sensors/1/temp', '-l', '-q', '1'], { input: '1\n2\n3\n' });
    await pub(['-t', 'sensors/1/temp', '-f', 'payload', '-q', '1'], { files: { payload: 'x'.repeat(1_000) } });
    await peer.message(4);
    expect(peer.messages.map(({ payload }) => payload)).toEqual(['1', '2', '3', 'x'.repeat(1_000)]);
  });

  it('says in one line that nobody answers, with exit code 1', async () => {
    const run = await program(['pub', '-p', `${await freePort()}`, '-t', 'a/b', '-m', 'x']);
    expect(await run.exitCode()).toBe(1);
    expect(run.errors).toMatch(/^pub: no answer from 127\.0\.0\.1:\d+.*\n$/);
  });

  it('says in one line what is missing, with exit code 2', async () => {
    const run = await program(['pub', '-t', 'a/b']);
    expect(await run.exitCode()).toBe(2);
    expect(run.errors).toMatch(/^pub: .*--message.*\n$/);
  });
});

describe('sub', () => {
  it('says that its time is over, unless it is to be quiet', async () => {
    for (const [more, errors] of [
      [[], 'sub: timed out\n'],
      [['--quiet'], ''],
    ] as const) {
      const run = await program(['sub', '-p', `${gateway.port()}`, '-t', 'a', '-W', '0.2', ...more]);
      expect({ code: await run.exitCode(), errors: run.errors }).toEqual({ code: 27, errors });
    }
  });

  it('prints the messages of its topics, and with -v the topics, which a wildcard registers (6.10)', async () => {
    const run = await sub(['-t', 'sensors/+/temp', '-t', 'cmd/#', '-v', '-q', '1', '-C', '3'], 2);
    await peer.publish('sensors/1/temp', '21.5', 1);
    await peer.publish('elsewhere', 'not this', 1);
    await peer.publish('cmd/led', 'on', 1);
    await peer.publish('sensors/2/temp', '22.5', 0);
    expect(await printed(run)).toBe('sensors/1/temp 21.5\ncmd/led on\nsensors/2/temp 22.5\n');
  });

  it('gets QoS 2 messages exactly once', async () => {
    const run = await sub(['-t', 'cmd/led', '-q', '2', '-C', '3'], 1);
    for (const payload of ['1', '2', '3']) {
      await peer.publish('cmd/led', payload, 2);
    }
    expect(await printed(run)).toBe('1\n2\n3\n');
  });

  it('subscribes to a pre-defined topic and to a short one', async () => {
    const run = await sub(['--topic-id', '10', '-t', 'tp', '--short', '-C', '2'], 2);
    await peer.publish('sensors/boiler', '42');
    await peer.publish('tp', '43');
    expect(await printed(run)).toBe('42\n43\n');
  });

  it('prints what pub publishes', async () => {
    const run = await sub(['-t', 'sensors/#', '-v', '-C', '2'], 1);
    await pub(['-t', 'sensors/1/temp', '-m', '21.5', '-q', '1']);
    await pub(['--topic-id', '10', '-m', '42', '-q', '-1']);
    expect(await printed(run)).toBe('sensors/1/temp 21.5\nsensors/boiler 42\n');
  });

  it('prints retained messages', async () => {
    await peer.publish('cmd/led', 'on', 1, true);
    const run = await program(['sub', '-p', `${gateway.port()}`, '-t', 'cmd/led', '-C', '1']);
    expect(await printed(run)).toBe('on\n');
  });

  it('ends with DISCONNECT at SIGINT, and leaves no will', async () => {
    const run = await sub(
      ['-t', 'cmd/led', '-i', 'watcher', '--will-topic', 'will/watcher', '--will-payload', 'gone'],
      1,
    );
    run.kill('SIGINT');
    expect(await run.exitCode()).toBe(0);
    await gateway.waitForNote('client-disconnected', { clientId: 'watcher' });
    await broker.logged(/Client watcher disconnected/);
    await peer.settle();
    expect(peer.messages).toEqual([]);
  });

  it('leaves its will when it is killed (6.3)', async () => {
    const will = ['--will-topic', 'will/watcher', '--will-payload', 'gone', '--will-qos', '1'];
    const run = await sub(['-t', 'cmd/led', '-i', 'watcher', '-k', '1', ...will], 1);
    run.kill('SIGKILL');
    expect(await peer.message(1)).toMatchObject({ topic: 'will/watcher', payload: 'gone', qos: 1 });
  });

  it('keeps its session with -c: what came meanwhile is printed the next time (6.3)', async () => {
    const args = ['-t', 'cmd/led', '-q', '1', '-i', 'watcher', '-c'];
    const first = await sub(args, 1);
    first.kill('SIGTERM');
    await first.exitCode();
    await broker.logged(/Client watcher disconnected/);
    await peer.publish('cmd/led', 'on', 1);
    const second = await program(['sub', '-p', `${gateway.port()}`, ...args, '-C', '1']);
    expect(await printed(second)).toBe('on\n');
  });
});
