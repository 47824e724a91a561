import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restartBench } from './restartable.ts';

const bench = restartBench();

describe('a session store that cannot be read', () => {
  it.each([
    ['every file', 'starts without stored sessions', /^(CURRENT|MANIFEST|\d+\.)/, 100],
    ['CURRENT', 'goes on with the records that could be read (2)', /^CURRENT$/, 1],
    ['the manifest', 'goes on with the records that could be read (2)', /^MANIFEST/, 100],
  ])('is set aside with an error in the log, garbage in %s, and the gateway %s', async (_, goesOn, damaged, times) => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const client = await gateway.client('kept');
    await client.connect();
    await client.sleep();
    await gateway.end('SIGKILL');
    const names = (await readdir(gateway.store)).filter((name) => damaged.test(name));
    const garbage = 'garbage\n'.repeat(times);
    for (const name of names) {
      await writeFile(join(gateway.store, name), garbage);
    }

    await gateway.start();
    const [line] = await gateway.program.line(/^\S+ error .*session store.*$/);
    const aside = (await readdir(dirname(gateway.store))).filter((name) =>
      name.startsWith(`${basename(gateway.store)}.damaged-`),
    );
    expect(aside).toHaveLength(1);
    const place = join(dirname(gateway.store), aside[0] ?? '');
    expect(line).toContain(`it is now ${place}, and the gateway ${goesOn}`);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(await readFile(join(place, name), 'utf8')).toBe(garbage);
    }
    await client.sensor.exchange(client.pingReq, damaged.test('000003.ldb') ? '02 18' : '02 17'); // known, where it could be read
    await client.connect();
    await client.sleep();

    await gateway.end('SIGKILL');
    await gateway.start(); // the new store is a good one
    await client.sensor.exchange('03 01 00', '03 02 01');
    expect(gateway.program.output).toContain('1 stored sessions');
  });
});

describe('a second gateway at the same session store', () => {
  it('ends with one clear line and an exit code; the first one goes on', async () => {
    const broker = await bench.broker();
    const gateway = await bench.gateway(broker.url);
    const client = await gateway.client('first');
    await client.connect();
    const second = await gateway.second();
    expect(await second.exitCode()).not.toBe(0);
    expect(second.errors.trim().split('\n')).toHaveLength(1);
    expect(second.errors).toContain(gateway.store);
    expect(second.errors).toMatch(/in use|another/i);
    await client.sensor.exchange('02 16', '02 17');
  });
});
