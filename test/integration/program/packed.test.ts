import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { freePort } from '../../support/free-port.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { programBench, REPOSITORY } from './program-under-test.ts';

const run = promisify(execFile);
const program = programBench();

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packed-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed gateway', () => {
  let packed: string;

  beforeAll(async () => {
    const out = join(folder, 'out');
    await mkdir(out);
    await run(process.execPath, [join(REPOSITORY, '.ci', 'pack.mjs'), out]);
    const [file = ''] = await readdir(out);
    packed = join(out, file);
  });

  it('has all that it needs at run time, for a Raspberry Pi too, and nothing of development', async () => {
    const { stdout } = await run('tar', ['tzf', packed], { maxBuffer: 10_000_000 });
    const files = stdout
      .trim()
      .split('\n')
      .filter((entry) => !entry.endsWith('/'));
    const top = new Set(files.map((file) => file.split('/')[1]));
    expect([...top].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'bin',
        'config',
        'dist',
        'docs',
        'examples',
        'node_modules',
        'package.json',
      ].sort(),
    );
    const modules = new Set(files.map((file) => /^package\/node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(file)?.[1]));
    for (const needed of ['aedes', 'classic-level', 'mqtt', 'serialport', 'winston', 'yaml', 'yargs', 'zod']) {
      expect(modules).toContain(needed);
    }
    for (const development of [
      'jest',
      'typescript',
      '@biomejs/biome',
      '@swc/core',
      'esbuild',
      'fast-check',
      'preact',
      // What the program alone needs is in dist/program.
      'fastify',
      'prom-client',
    ]) {
      expect(modules).not.toContain(development);
    }
    for (const library of ['classic-level', '@serialport/bindings-cpp']) {
      for (const platform of ['linux-arm', 'linux-arm64', 'linux-x64']) {
        const built = `package/node_modules/${library}/prebuilds/${platform}/`;
        expect(files.filter((file) => file.startsWith(built) && file.endsWith('.node'))).not.toEqual([]);
      }
    }
  });

  it('is installed without a network and without a compiler, and serves a client and the status page', async () => {
    const place = join(folder, 'installed');
    await mkdir(place);
    const offline = [
      '--offline',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      `--cache=${join(folder, 'cache')}`,
    ];
    await run('npm', ['install', ...offline, '--prefix', place, packed]);
    const gateway = await program(['-p', '0'], {
      program: join(place, 'node_modules', '.bin', 'mqtt-sn-gateway'),
      environment: {
        MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1',
        MQTTSN_BROKER_PORT: `${await freePort()}`,
        MQTTSN_HTTP_ENABLED: 'true',
        MQTTSN_HTTP_PORT: `${await freePort()}`,
      },
    });
    const sensor = await RawSensor.open({ port: await gateway.ready() });
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    await sensor.close();
    const [, url = ''] = await gateway.line(/status page: (\S+)/);
    const index = await (await fetch(url)).text();
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(index) ?? [];
    for (const path of [script, 'api/openapi.json', 'metrics']) {
      expect([path, (await fetch(new URL(path, url))).status]).toEqual([path, 200]);
    }
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode()).toBe(0);
  });
});

describe('a clone without development packages', () => {
  let clone: string;

  beforeAll(async () => {
    clone = join(folder, 'clone');
    for (const part of ['bin', '.ci', 'src', 'package.json', 'README.md']) {
      await cp(join(REPOSITORY, part), join(clone, part), { recursive: true });
    }
  });

  it('is installed although nothing can be built', async () => {
    const { stdout } = await run(process.execPath, [join(clone, '.ci', 'prepare.mjs')]);
    expect(stdout).toBe('dist is not built: the development packages were left out\n');
    await expect(access(join(clone, 'dist'))).rejects.toThrow();
  });

  it('says in one line what to do when it is started', async () => {
    const gateway = await program([], { program: join(clone, 'bin', 'mqtt-sn-gateway.js') });
    expect(await gateway.exitCode()).toBe(1);
    expect(gateway.output).toBe('');
    expect(gateway.errors).toMatch(
      /^mqtt-sn-gateway: dist, the built program, is missing\. .*npm run build.*docs\/raspberry-pi\.md\n$/,
    );
  });
});
