import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { restartBench } from './restartable.ts';

const bench = restartBench();

describe('a session store that cannot be read', () => {
  it.each([
    ['every file', /^(CURRENT|MANIFEST|\d+\.)/, 100],
    ['CURRENT', /^CURRENT$/, 1],
    ['the manifest', /^MANIFEST/, 100],
  ])(
    'is set aside with an error in the log, and the gateway starts without it: garbage in %s',
    async (_, damaged, times) => {
      const broker = await bench.broker();
      const gateway = await bench.gateway(broker.url);
      const client = await gateway.client('kept');
      await client.connect();
      await client.sleep();
      await gateway.end('SIGKILL');
      const names = await readdir(gateway.store);
      for (const name of names.filter((name) => damaged.test(name))) {
        await writeFile(join(gateway.store, name), 'garbage\n'.repeat(times));
      }

      await gateway.start();
      const [line] = await gateway.program.line(/error.*session store/);
      const aside = (await readdir(dirname(gateway.store))).filter((name) =>
        name.startsWith(`${basename(gateway.store)}.damaged-`),
      );
      expect(aside).toHaveLength(1);
      expect(line).toBeDefined();
      expect(gateway.program.output).toContain(aside[0]);
      expect((await readdir(join(dirname(gateway.store), aside[0] as string))).length).toBeGreaterThanOrEqual(
        names.length - 1,
      );
      await client.sensor.exchange(client.pingReq, '02 18'); // nobody that it knows
      await client.connect();
      await client.sleep();

      await gateway.end('SIGKILL');
      await gateway.start(); // the new store is a good one
      await client.sensor.exchange('03 01 00', '03 02 01');
      expect(gateway.program.output).toContain('1 stored sessions');
    },
  );
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
