import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { Collected, eventually } from '../../support/eventually.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { PseudoTerminal } from '../../support/pseudo-terminal.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramOptions, type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

/** More than pipe, socket and gateway hold together. */
const PIPE_ROUNDS = 60;
const TERMINAL_ROUNDS = 8;

const TRACE = { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_LOGGING_PAYLOADS: 'true' };

/** A gateway that logs every frame with its payload. */
async function gatewayAtTrace(options: ProgramOptions = {}): Promise<ProgramUnderTest> {
  const broker = await Mosquitto.start();
  ends.push(() => broker.dispose());
  return program(['-b', broker.url, '-p', '0', '--log-level', 'trace'], {
    ...options,
    environment: { ...TRACE, ...options.environment },
  });
}

async function sensorAt(port: number): Promise<RawSensor> {
  const sensor = await RawSensor.open({ port });
  ends.push(() => sensor.close());
  return sensor;
}

/** Makes 45 kB of log lines in each round: publishes with QoS −1 that the gateway takes, answered questions in between so that none is lost. */
async function flood(sensor: RawSensor, rounds: number): Promise<void> {
  const publish = Buffer.concat([Buffer.from('0105280C6274700000', 'hex'), Buffer.alloc(1_311, 'x')]);
  for (let i = 0; i < rounds; i++) {
    for (let n = 0; n < 10; n++) {
      sensor.send(publish.toString('hex'));
    }
    await sensor.exchange('02 16', '02 17');
  }
}

async function connected(gateway: ProgramUnderTest, port: number): Promise<RawSensor> {
  const sensor = await sensorAt(port);
  await sensor.exchange(connectFrame('sensor-1'), '03 05 00');
  expect(gateway.running).toBe(true);
  return sensor;
}

describe('whoever reads the log', () => {
  it('may go away: the gateway serves its clients on, and ends with 0 when told to', async () => {
    const gateway = await gatewayAtTrace();
    const sensor = await connected(gateway, await gateway.ready());
    gateway.closeReader();
    await flood(sensor, PIPE_ROUNDS);
    await sensor.exchange('02 16', '02 17');
    gateway.kill('SIGTERM');
    await sensor.expect('02 18');
    expect(await gateway.exitCode()).toBe(0);
    expect(gateway.errors).toBe('');
  });

  it('may stall: the gateway serves its clients on, and says how many lines are missing when it reads on', async () => {
    const gateway = await gatewayAtTrace();
    const sensor = await connected(gateway, await gateway.ready());
    gateway.stopReading();
    await flood(sensor, PIPE_ROUNDS);
    gateway.readOn();
    const [, lost] = await gateway.line(/ warn {2}(\d+) lines of the log were lost: .* lost=\1$/);
    expect(Number(lost)).toBeGreaterThan(100);
  });

  it('may stall: that does not keep the gateway from ending', async () => {
    const gateway = await gatewayAtTrace();
    const sensor = await connected(gateway, await gateway.ready());
    gateway.stopReading();
    await flood(sensor, PIPE_ROUNDS);
    gateway.kill('SIGTERM');
    await sensor.expect('02 18');
    expect(await gateway.exitCodeUnread()).toBe(0);
  });
});

describe('a terminal', () => {
  async function onTerminal(): Promise<{
    terminal: PseudoTerminal;
    gateway: ProgramUnderTest;
    port: number;
    lines: Collected<string>;
  }> {
    const terminal = await PseudoTerminal.open();
    ends.push(() => terminal.close());
    const lines = new Collected<string>('lines on the terminal');
    let unfinished = '';
    terminal.onOctets((octets) => {
      const parts = `${unfinished}${Buffer.from(octets).toString()}`.split('\n');
      unfinished = parts.pop() ?? '';
      for (const line of parts) {
        lines.add(line);
      }
    });
    const gateway = await gatewayAtTrace({ terminal: terminal.path });
    const ready = await lines.find('ready', (line) => line.includes('gateway ready'));
    return { terminal, gateway, lines, port: Number(/UDP [^;]*?:(\d+);/.exec(ready)?.[1]) };
  }

  it('that is held (Ctrl-S) does not hold the gateway, which says afterwards how many lines are missing', async () => {
    const { terminal, gateway, lines, port } = await onTerminal();
    const sensor = await connected(gateway, port);
    terminal.stopReading();
    await flood(sensor, TERMINAL_ROUNDS);
    terminal.readOn();
    await lines.find('lost lines', (line) => /\d+ lines of the log were lost/.test(line));
    expect(gateway.running).toBe(true);
  });

  it('that is held does not keep the gateway from ending', async () => {
    const { terminal, gateway, port } = await onTerminal();
    const sensor = await connected(gateway, port);
    terminal.stopReading();
    await flood(sensor, TERMINAL_ROUNDS);
    gateway.kill('SIGTERM');
    await sensor.expect('02 18');
    expect(await gateway.exitCode()).toBe(0);
  });

  it('that is closed (SIGHUP) ends the gateway as SIGTERM does, though nobody can read that', async () => {
    const { terminal, gateway, port } = await onTerminal();
    const sensor = await connected(gateway, port);
    await terminal.unplug();
    gateway.kill('SIGHUP');
    await sensor.expect('02 18');
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    expect(gateway.errors).toBe('');
  });
});

describe('SIGHUP', () => {
  it('where standard output is no terminal has the settings read again, as often as it comes, and ends nothing', async () => {
    const gateway = await gatewayAtTrace();
    const port = await gateway.ready();
    const sensor = await connected(gateway, port);
    gateway.kill('SIGHUP');
    await gateway.line(/ info +settings read again \(SIGHUP\): nothing has changed/);
    const before = gateway.lines.items.length;
    gateway.kill('SIGHUP');
    await eventually('the second line', () =>
      gateway.lines.items.slice(before).some((line) => line.includes('nothing has changed')),
    );
    await sensor.exchange('02 16', '02 17');
  });
});

describe('whoever reads what a command says', () => {
  it.each([['check-config'], ['--help'], ['decode', '02', '16']])('may be gone before %s says it', async (...args) => {
    const run = await program(args);
    run.closeReader('stdout');
    expect(await run.exitCode()).toBe(0);
    expect(run.errors).toBe('');
  });

  it('may be gone before an error is told', async () => {
    const run = await program(['--brokr']);
    run.closeReader('stderr');
    expect(await run.exitCode()).toBe(2);
  });
});

describe('the journal of systemd', () => {
  it('gets its priorities and no second time, where JOURNAL_STREAM names the very output', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'journal-'));
    ends.push(() => rm(folder, { recursive: true }));
    const journal = join(folder, 'journal');
    await writeFile(journal, '');
    const { dev, ino } = await stat(journal, { bigint: true });
    const gateway = await gatewayAtTrace({ terminal: journal, environment: { JOURNAL_STREAM: `${dev}:${ino}` } });
    const text = (): Promise<string> => readFile(journal, 'utf8');
    await eventually('the line that it is ready', async () => (await text()).includes('gateway ready'));
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode()).toBe(0);
    const lines = (await text()).trimEnd().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^<6>MQTT-SN gateway ready: /));
    expect(lines).toContainEqual(expect.stringMatching(/^<6>stopped {2}/));
    expect(lines.filter((line) => !/^<[3467]>[^<]/.test(line))).toEqual([]);
  });

  it('is not meant where JOURNAL_STREAM is inherited and the output goes elsewhere', async () => {
    const gateway = await gatewayAtTrace({ environment: { JOURNAL_STREAM: '8:12345' } });
    await gateway.line(/^\d{4}-\d\d-\d\dT\S+ info {2}MQTT-SN gateway ready/);
  });
});
