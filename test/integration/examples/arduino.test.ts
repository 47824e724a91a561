import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Collected } from '../../support/eventually.ts';
import { GatewayUnderTest } from '../../support/gateway-under-test.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { PseudoTerminal } from '../../support/pseudo-terminal.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const ARDUINO = join(ROOT, 'test/support/arduino');

let folder: string;
let broker: Mosquitto;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arduino-'));
  broker = await Mosquitto.start();
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

afterAll(async () => {
  await broker.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Compiles a sketch for this machine, without a warning; the program. */
async function compiled(name: string): Promise<string> {
  const program = join(folder, name);
  const sketch = join(ROOT, 'examples/firmware', name, `${name}.ino`);
  const options = ['-Wall', '-Wextra', '-Werror', '-I', ARDUINO, '-include', 'Arduino.h', '-o', program];
  await run('c++', [...options, '-x', 'c++', sketch, join(ARDUINO, 'arduino.cpp')]);
  return program;
}

/** Starts it; what it says, such as `LED 1`. */
function started(program: string, environment: Readonly<Record<string, string>>): Collected<string> {
  const said = new Collected<string>('words of the sketch');
  const sketch: ChildProcessWithoutNullStreams = spawn(program, { env: { ...process.env, ...environment } });
  sketch.stdout.setEncoding('utf8').on('data', (text: string) => said.add(text));
  sketch.stderr.setEncoding('utf8').on('data', (text: string) => said.add(text));
  ends.push(async () => {
    const gone = once(sketch, 'close');
    sketch.kill('SIGKILL');
    await gone;
  });
  return said;
}

/** It publishes, is told what to do, and connects again where the gateway sends it away. */
async function behavesAsASensor(gateway: GatewayUnderTest, said: Collected<string>, id: string): Promise<void> {
  const peer = await MqttPeer.connect(broker.url);
  ends.push(() => peer.close());
  await peer.subscribe('sensors/#');
  expect(await peer.messageOn(`sensors/${id}/a0`)).toMatchObject({ payload: '512', qos: 1 });
  await peer.publish(`cmd/${id}/led`, '1', 1);
  await said.find('LED 1', (text) => text.includes('LED 1'));
  const before = peer.messages.length;
  await gateway.embedded.operator.disconnect(id);
  await peer.message(before + 1);
}

describe('the sketches for Arduino (examples/firmware)', () => {
  it('with Wi-Fi', async () => {
    const program = await compiled('arduino-udp');
    const gateway = await GatewayUnderTest.start(broker.url, {
      settings: { transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }] },
    });
    ends.push(() => gateway.stop());
    await behavesAsASensor(gateway, started(program, { GATEWAY_PORT: `${gateway.port('udp')}` }), 'esp-1');
  });

  it('on a serial line', async () => {
    const program = await compiled('arduino-serial');
    const [near, far] = [await PseudoTerminal.open(), await PseudoTerminal.open()];
    ends.push(() => Promise.all([near.close(), far.close()]));
    near.onOctets((octets) => far.write(octets));
    far.onOctets((octets) => near.write(octets));
    const gateway = await GatewayUnderTest.start(broker.url, {
      settings: { transports: [{ type: 'serial', path: near.path, baudRate: 115_200 }] },
    });
    ends.push(() => gateway.stop());
    await gateway.waitForNote('transport-up', { transport: 'serial' });
    await behavesAsASensor(gateway, started(program, { SERIAL_LINE: far.path }), 'uno-1');
  });
});
