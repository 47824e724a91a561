import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame, frame } from '../../support/core-bench.ts';
import { Collected, eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

async function gatewayWithSensors(): Promise<{ gateway: ProgramUnderTest; sensors: RawSensor[] }> {
  const broker = await Mosquitto.start();
  ends.push(() => broker.dispose());
  const gateway = await program(['--broker', broker.url, '--udp-port', '0'], {
    environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_SESSIONS_PATH: 'sessions' },
  });
  const port = await gateway.ready();
  const sensors = [await RawSensor.open({ port }), await RawSensor.open({ port }), await RawSensor.open({ port })];
  ends.push(() => Promise.all(sensors.map((sensor) => sensor.close())));
  return { gateway, sensors };
}

/** From now on nothing that the program wants on the disk comes back within 25 seconds. */
async function hangDisk(gateway: ProgramUnderTest): Promise<void> {
  const calls = 'fsync,fdatasync';
  const options = ['-f', '-e', `trace=${calls}`, '-e', `inject=${calls}:delay_enter=25000000`, '-o', '/dev/null'];
  const tracer = spawn('strace', [...options, '-p', String(gateway.pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(tracer, 'close');
  ends.push(async () => {
    tracer.kill('SIGKILL');
    await ended;
  });
  const said = new Collected<string>('words of strace');
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => said.add(text));
  await said.find('that it has attached', (text) => text.includes('attached'));
}

/** strace keeps what is left of a process that has ended until its own delay is over. */
function hasEnded(pid: number): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

describe('a disk that hangs (I-38)', () => {
  it('holds up nobody who does not need it, is told, and does not keep the program from ending in five seconds', async () => {
    const { gateway, sensors } = await gatewayWithSensors();
    const [kept, clean, other] = sensors as [RawSensor, RawSensor, RawSensor];
    await kept.exchange(connectFrame('kept', false), '03 05 00');
    await kept.exchange(frame('0a 0000 0001', 'a/b'), '07 0b 0001 0001 00');
    await hangDisk(gateway);
    await kept.exchange(frame('0c 20 0001 0002', 'x'), '07 0d 0001 0002 00');
    await kept.exchange('02 16', '02 17');
    other.send(connectFrame('waits', false));
    await gateway.line(/warn .*the disk has not answered for 3 s/);
    await clean.exchange(connectFrame('clean'), '03 05 00');
    await clean.exchange(frame('0a 0000 0001', 'c/d'), '07 0b 0001 0001 00');
    await clean.exchange('03 01 00', '03 02 01');
    await kept.exchange(frame('0c 20 0001 0003', 'x'), '07 0d 0001 0003 00');
    expect(other.received).toEqual([]);
    const asked = performance.now();
    gateway.kill('SIGTERM');
    await clean.expect('02 18');
    await eventually('the end of the program', () => hasEnded(gateway.pid));
    expect(performance.now() - asked).toBeLessThan(8_000);
    expect(gateway.output).toContain('could not be written');
  });
});

describe('sessions.path', () => {
  it('in a place where no folder can be made is refused at once', async () => {
    const gateway = await program(['--udp-port', '0'], { environment: { MQTTSN_SESSIONS_PATH: '/proc/nope' } });
    expect(await gateway.exitCode()).toBe(1);
    expect(gateway.errors).toMatch(
      /session store \/proc\/nope cannot be made there: name another folder in sessions\.path/,
    );
  });
});
