import { chmod, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { LevelStore } from '../../../src/store/level-store.ts';
import { seal, unseal } from '../../../src/store/record-codec.ts';
import { setAside } from '../../../src/store/store-folder.ts';
import { STORE_FORMAT, type StoreFormat } from '../../../src/store/store-format.ts';
import { delivery, deliveryWrite } from '../../unit/store/records.ts';
import { places } from './place.ts';
import { StoreChild } from './store-child.ts';

const here = places();
const DAMAGED = /^sessions\.damaged-\d{4}-\d\d-\d\d$/;

/** A store with one record, which is in a table and not only in the log. */
async function written(path: string): Promise<void> {
  const { store } = await here().open(path);
  await store.write([deliveryWrite(1)], true);
  await store.close();
  expect(await here().records(path)).toEqual([delivery('sensor', 1)]);
}

async function fileOf(path: string, part: string): Promise<string> {
  const name = (await readdir(path)).find((file) => file.includes(part));
  if (name === undefined) {
    throw new Error(`no ${part} in ${path}`);
  }
  return join(path, name);
}

/** Works on the database itself. */
async function inDatabase(path: string, act: (database: ClassicLevel) => Promise<void>): Promise<void> {
  const database = new ClassicLevel(path);
  await act(database);
  await database.close();
}

/** The version that this gateway writes. */
const NOW = STORE_FORMAT.version;

/** A gateway of version `version`; `step` tells what its migrations do to a text. */
function version(number: number, ...migrations: readonly number[]): StoreFormat {
  const step = (from: number) => (texts: ReadonlyMap<string, string>) =>
    new Map(
      Array.from(texts, ([key, text]) => {
        const newKey = `${key}-${from + 1}`;
        return [newKey, seal(newKey, unseal(key, text).replace('"clientId":"', `"clientId":"${from + 1}-`))];
      }),
    );
  return { version: number, migrations: new Map(migrations.map((from) => [from, step(from)])) };
}

describe('damaged store', () => {
  it.each<[string, (path: string) => Promise<unknown>]>([
    ['CURRENT is empty', (path) => writeFile(join(path, 'CURRENT'), '')],
    ['CURRENT is garbage', (path) => writeFile(join(path, 'CURRENT'), 'garbage\n')],
    ['CURRENT is missing', (path) => rm(join(path, 'CURRENT'))],
    ['the manifest is missing', async (path) => rm(await fileOf(path, 'MANIFEST'))],
    ['the manifest is empty', async (path) => truncate(await fileOf(path, 'MANIFEST'))],
    ['the manifest is zeros', async (path) => writeFile(await fileOf(path, 'MANIFEST'), Buffer.alloc(300))],
    ['its version is missing', (path) => inDatabase(path, (database) => database.del('format'))],
    ['its version is garbage', (path) => inDatabase(path, (database) => database.put('format', '1'))],
  ])('is set aside and reported, and what can be read of it goes on: %s', async (_, damage) => {
    const { path, folder, reported } = here();
    await written(path);
    await damage(path);

    const { store, records } = await here().open();
    expect(records).toEqual([delivery('sensor', 1)]);
    const [, aside = ''] = (await readdir(folder)).sort();
    expect(aside).toMatch(DAMAGED);
    expect(await readdir(join(folder, aside))).toEqual(expect.arrayContaining([expect.stringMatching(/\.ldb$/)]));
    expect(reported).toEqual([
      expect.stringMatching(
        /^session store .* is damaged \(.+\); it is now .* goes on with the records that could be read \(1\): /,
      ),
    ]);
    expect(reported[0]).toContain(join(folder, aside));

    await store.write([deliveryWrite(2)], true);
    await store.close();
    expect(await here().records()).toEqual([delivery('sensor', 1), delivery('sensor', 2)]);
    expect(reported).toHaveLength(1);
  });

  it('costs what stands in the block of a table that is damaged, and not the rest', async () => {
    const { path, reported } = here();
    const { store } = await here().open();
    const ids = Array.from({ length: 3_000 }, (_, index) => index + 1);
    await store.write(ids.map(deliveryWrite), true);
    await store.close();
    await here().records(); // to a table
    const table = await fileOf(path, '.ldb');
    const octets = await readFile(table);
    octets.fill(0xa5, octets.length >> 1, (octets.length >> 1) + 1_000);
    await writeFile(table, octets);

    const records = await here().records();
    const left = new Set(records.map((record) => (record.kind === 'delivery' ? record.packetId : 0)));
    expect(left.size).toBe(records.length);
    expect(records.every((record) => record.kind === 'delivery' && record.clientId === 'sensor')).toBe(true);
    expect(records.length).toBeGreaterThan(2_000);
    expect(records.length).toBeLessThan(3_000);
    expect(reported).toEqual([
      expect.stringContaining(`goes on with the records that could be read (${records.length})`),
    ]);
    expect(await here().records()).toHaveLength(records.length);
    expect(reported).toHaveLength(1);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['a table is missing', async (path) => rm(await fileOf(path, '.ldb'))],
    ['a table has been cut', async (path) => truncate(await fileOf(path, '.ldb'), 60)],
    ['a table is empty', async (path) => truncate(await fileOf(path, '.ldb'))],
    ['a table is zeros', async (path) => writeFile(await fileOf(path, '.ldb'), Buffer.alloc(300))],
    ['nothing is left in it', (path) => inDatabase(path, (database) => database.clear())],
    [
      'none of its records can be decoded',
      (path) => inDatabase(path, (database) => database.put('record/delivery/sensor/1', 'x')),
    ],
  ])('is set aside and reported, and an empty one takes its place: %s', async (_, damage) => {
    const { path, folder, reported } = here();
    await written(path);
    await damage(path);
    const before = (await readdir(path)).filter((name) => !name.startsWith('LOG'));

    const { store, records } = await here().open();
    expect(records).toEqual([]);
    const [, aside = ''] = (await readdir(folder)).sort();
    expect(aside).toMatch(DAMAGED);
    const place = join(folder, aside);
    expect(await readdir(place)).toEqual(expect.arrayContaining(before.filter((name) => /^CURRENT|\.ldb$/.test(name))));
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatch(
      /^session store .* is damaged \(.+\); it is now .*, and the gateway starts without stored sessions: nothing in it can be read any more$/,
    );
    expect(reported[0]).toContain(place);

    await store.write([deliveryWrite(2)], true);
    await store.close();
    expect(await here().records()).toEqual([delivery('sensor', 2)]);
    expect(reported).toHaveLength(1);
  });

  it('of which nothing can be made, says why in the log', async () => {
    const { path, folder, reported } = here();
    await written(path);
    await truncate(await fileOf(path, '.ldb'), 60);
    await mkdir(join(path, '000099.ldb')); // no file that could be copied

    const { store, records } = await here().open();
    expect(records).toEqual([]);
    expect(reported).toEqual([
      expect.stringMatching(
        /, and the gateway starts without stored sessions: what can be read of it could not be taken over \(.*000099\.ldb.*\)$/,
      ),
    ]);
    expect(await readdir(folder)).toHaveLength(2);
    await store.close();
  });

  it('of which nothing can be read, says so in the log', async () => {
    const { path, reported } = here();
    await written(path);
    await writeFile(await fileOf(path, '.ldb'), Buffer.alloc(300));
    const { store } = await here().open();
    expect(reported).toEqual([
      expect.stringMatching(/, and the gateway starts without stored sessions: nothing in it can be read any more$/),
    ]);
    await store.close();
  });

  it('gets a number when its name is taken, and never covers another', async () => {
    const { path, folder } = here();
    const today = new Date('2026-11-03T23:59:59Z');
    for (const content of ['first', 'second', 'third']) {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'file'), content);
      await setAside(path, today);
    }
    const places = ['sessions.damaged-2026-11-03', 'sessions.damaged-2026-11-03-2', 'sessions.damaged-2026-11-03-3'];
    expect((await readdir(folder)).sort()).toEqual(['sessions', ...places]);
    expect(await Promise.all(places.map((name) => readFile(join(folder, name, 'file'), 'utf8')))).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  it('is set aside beside the real folder where the path is a link, and the link stays', async () => {
    const { path, folder } = here();
    const real = join(folder, 'disk', 'store');
    await written(real);
    await symlink(real, path);
    await writeFile(join(real, 'CURRENT'), '');
    expect(await here().records()).toEqual([delivery('sensor', 1)]);
    expect(await readdir(join(folder, 'disk'))).toEqual(['store', expect.stringMatching(/^store\.damaged-/)]);
    expect((await readdir(path)).length).toBeGreaterThan(0);
  });

  it('is set aside inside its folder where that cannot be renamed', async () => {
    const { path, folder } = here();
    await written(path);
    await writeFile(join(path, 'CURRENT'), '');
    await chmod(folder, 0o555);
    const child = new StoreChild('nobody', [path, 'own']);
    await child.end();
    await chmod(folder, 0o755);
    expect(child.said.items).toEqual([
      { problem: expect.stringMatching(/sessions\/damaged-\d{4}-\d\d-\d\d, and/) },
      { records: 1 },
    ]);
    expect(await readdir(folder)).toEqual(['sessions']);
    expect(await readdir(await fileOf(path, 'damaged-'))).toEqual(expect.arrayContaining(['CURRENT']));
  });
});

describe('store of another version', () => {
  it('that is newer is refused with both versions and what to do, and stays as it is', async () => {
    const { path, folder } = here();
    const newer = new LevelStore({ path, format: version(NOW + 1) });
    await newer.open();
    await newer.write([deliveryWrite(1)], true);
    await newer.close();
    await expect(here().open()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      message: expect.stringMatching(
        new RegExp(
          `is of version ${NOW + 1}, this gateway knows version 1, .*${NOW}: run the gateway that wrote it, or name`,
        ),
      ),
    });
    expect(await readdir(folder)).toEqual(['sessions']);
    expect(await newer.open()).toEqual([delivery('sensor', 1)]);
    await newer.close();
  });

  it('that is older is brought to the current one, step by step, and then refused by the old gateway', async () => {
    const { path } = here();
    await written(path);
    const newer = new LevelStore({ path, format: version(NOW + 2, NOW, NOW + 1) });
    expect(await newer.open()).toEqual([delivery(`${NOW + 2}-${NOW + 1}-sensor`, 1)]);
    await newer.close();
    expect(await newer.open()).toEqual([delivery(`${NOW + 2}-${NOW + 1}-sensor`, 1)]);
    await newer.close();
    await expect(here().open()).rejects.toMatchObject({ code: 'STORE_VERSION' });
    await inDatabase(path, async (database) => {
      expect(await database.keys().all()).toEqual(['format', `record/delivery/sensor/1-${NOW + 1}-${NOW + 2}`]);
    });
  });

  it('that is older than the gateway remembers is refused', async () => {
    const { path } = here();
    await written(path);
    const newer = new LevelStore({ path, format: version(NOW + 2, NOW + 1) });
    await expect(newer.open()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      message: expect.stringMatching(new RegExp(`version ${NOW}, .* knows version ${NOW + 1}, ${NOW + 2}:`)),
    });
    expect(await here().records()).toHaveLength(1);
  });

  it('or rather of another program is refused, and stays as it is', async () => {
    const { path, folder } = here();
    await inDatabase(path, (database) => database.put('somebody', 'else'));
    await expect(here().open()).rejects.toMatchObject({
      code: 'STORE_VERSION',
      message: expect.stringMatching(/another program/),
    });
    expect(await readdir(folder)).toEqual(['sessions']);
    await inDatabase(path, async (database) => {
      expect(await database.iterator().all()).toEqual([['somebody', 'else']]);
    });
  });
});

describe('store that cannot be had', () => {
  it('because another process has it: refused, not set aside, and to be had when that process is gone', async () => {
    const { path, folder } = here();
    await written(path);
    const child = new StoreChild('hold', [path]);
    await child.said.nth(1);
    await expect(here().open()).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringMatching(/in use by another process: stop/),
    });
    expect(await readdir(folder)).toEqual(['sessions']);
    await child.kill();
    expect(await here().records()).toHaveLength(1);
  });

  it.each([
    ['the path is a file', 'file'],
    ['a part of the path is a file', 'file/sessions'],
  ])('because %s', async (_, name) => {
    await writeFile(join(here().folder, 'file'), 'precious');
    await expect(here().open(join(here().folder, name))).rejects.toMatchObject({ code: 'STORE_NOT_A_FOLDER' });
    expect(await readFile(join(here().folder, 'file'), 'utf8')).toBe('precious');
  });

  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['the folder may not be written', (folder) => chmod(join(folder, 'sessions'), 0o555)],
    [
      'a file in it may not be written',
      async (folder) => {
        await chmod(join(folder, 'sessions'), 0o777);
        await chmod(join(folder, 'sessions', 'LOCK'), 0);
      },
    ],
    [
      'the folder may not be made',
      async (folder) => {
        await rename(join(folder, 'sessions'), join(folder, 'other'));
        await chmod(folder, 0o555);
      },
    ],
  ])('because %s', async (_, forbid) => {
    const { path, folder } = here();
    await written(path);
    await chmod(folder, 0o755);
    await forbid(folder);
    const child = new StoreChild('nobody', [path]);
    await child.end();
    await chmod(folder, 0o755);
    expect(child.said.items).toEqual([
      { code: 'STORE_NOT_WRITABLE', message: expect.stringMatching(/needs to own the folder/) },
    ]);
    expect(await readdir(folder)).toHaveLength(1);
  });
});

describe('folder of a store', () => {
  it('may have other files in it, which stay', async () => {
    const { path } = here();
    await written(path);
    const garbage = ['README.txt', '999999.ldb.bak', 'MANIFEST', 'x.log', '.hidden'];
    await Promise.all(garbage.map((name) => writeFile(join(path, name), 'garbage')));
    await mkdir(join(path, 'damaged-2026-11-03'));
    await writeFile(join(path, '000999.log'), 'garbage with the name of a log');
    expect(await here().records()).toEqual([delivery('sensor', 1)]);
    expect(await readdir(path)).toEqual(expect.arrayContaining([...garbage, 'damaged-2026-11-03']));
  });

  it('is made with those above it', async () => {
    expect(await here().records(join(here().folder, 'a', 'b', 'c'))).toEqual([]);
  });

  it('may be a new one whose making was broken off', async () => {
    await mkdir(here().path);
    await writeFile(join(here().path, 'MANIFEST-000001'), 'cut');
    await written(here().path);
    expect(here().reported).toEqual([]);
  });
});
