import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { programBench, REPOSITORY } from './program-under-test.ts';

const run = promisify(execFile);
const program = programBench();

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firmware-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the example of a sensor in C (examples/firmware)', () => {
  it('is compiled without a warning, publishes, sleeps, and gets what has waited', async () => {
    const sensor = join(folder, 'sensor');
    await run('cc', [
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      sensor,
      join(REPOSITORY, 'examples', 'firmware', 'sensor.c'),
    ]);
    const gateway = await program(['-p', '0'], {
      environment: { MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_BROKER_PORT: `${await freePort()}` },
    });
    const port = `${await gateway.ready()}`;
    const { stdout } = await run(sensor, ['127.0.0.1', port, 'sensor-1']);
    expect(stdout).toBe('published\nasleep\nawake, and that was all\n');
    const commander = await program(['pub', '-p', port, '-t', 'cmd/sensor-1', '-m', 'open', '-q', '1']);
    expect(await commander.exitCode()).toBe(0);
    const again = await run(sensor, ['127.0.0.1', port, 'sensor-1']);
    expect(again.stdout).toMatch(/message on topic id \d+: open\n/);
    await gateway.line(/client disconnected.*sensor-1/);
  });
});
