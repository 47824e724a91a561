import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { asStored, delivery, deliveryWrite, exchange, noise } from '../../unit/store/records.ts';
import { type Place, places } from './place.ts';

const here = places();

const RECORDS = 500;

/** The only file of a store with this ending. */
function fileOf(path: string, ending: string): string {
  const names = readdirSync(path).filter((name) => name.endsWith(ending));
  expect(names).toHaveLength(1);
  return join(path, names[0] ?? '');
}

function change(file: string, how: (octets: Buffer) => Uint8Array): void {
  writeFileSync(file, how(readFileSync(file)));
}

function flip(octets: Buffer, at: number): Buffer {
  octets.writeUInt8(octets.readUInt8(at) ^ 1, at);
  return octets;
}

/** A store with records 0 … RECORDS - 1, each in a write of its own, all still in the log. */
async function fill(place: Place): Promise<void> {
  const { store } = await place.open();
  for (let number = 0; number < RECORDS; number++) {
    await store.write([deliveryWrite(number)], number === RECORDS - 1);
  }
  await store.close();
}

/** The numbers of the records that are there; every record has to be one that was written. */
async function numbersIn(place: Place): Promise<number[]> {
  const records = (await place.records()) as ReturnType<typeof delivery>[];
  expect(records).toStrictEqual(asStored(records.map(({ packetId }) => delivery('sensor', packetId))));
  return records.map(({ packetId }) => packetId).sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe('store whose log was not written to its end', () => {
  it.each<[string, (octets: Buffer) => Uint8Array, number, number]>([
    ['cut within the last record', (octets) => octets.subarray(0, -20), RECORDS - 1, 0],
    ['cut at its last octet', (octets) => octets.subarray(0, -1), RECORDS - 1, 0],
    ['followed by zeros', (octets) => Buffer.concat([octets, Buffer.alloc(4_096)]), RECORDS, 0],
    ['followed by more zeros than a block has', (octets) => Buffer.concat([octets, Buffer.alloc(40_960)]), RECORDS, 0],
    ['followed by garbage', (octets) => Buffer.concat([octets, noise(400)]), RECORDS, 0],
    ['with zeros for its last octets', (octets) => octets.fill(0, octets.length - 30), RECORDS - 1, 1],
  ])('has everything before: %s', async (_, how, count, reports) => {
    await fill(here());
    change(fileOf(here().path, '.log'), how);
    expect(await numbersIn(here())).toEqual(upTo(count));
    expect(here().reported).toHaveLength(reports);
  });

  it('takes new writes after that', async () => {
    await fill(here());
    change(fileOf(here().path, '.log'), (octets) => octets.subarray(0, -20));
    const { store } = await here().open();
    await store.write([deliveryWrite(RECORDS)], true);
    await store.close();
    expect(await numbersIn(here())).toEqual([...upTo(RECORDS - 1), RECORDS]);
  });
});

describe('store with a changed octet', () => {
  it('in the log: what can be read is used, and the loss is reported once', async () => {
    await fill(here());
    change(fileOf(here().path, '.log'), (octets) => flip(octets, octets.length >> 1));
    const numbers = await numbersIn(here());
    expect(numbers.length).toBeGreaterThan(RECORDS / 4);
    expect(numbers.length).toBeLessThan(RECORDS);
    expect(here().reported).toEqual([expect.stringMatching(/octets could not be read/)]);
    expect(await numbersIn(here())).toEqual(numbers);
    expect(here().reported).toHaveLength(1);
  });

  it('in a table: the record is left out, reported and counted, and the rest is used', async () => {
    const first = await here().open();
    // Octets that LevelDB does not compress, so that only the checksum of the record can tell.
    const records = Array.from({ length: 8 }, (_, number) => exchange('a', number, noise(6_000, number)));
    await first.store.write(
      records.map((record, number) => ({ key: `exchange/a/${number}`, record })),
      true,
    );
    await first.store.close();
    await here().records();
    const payload = Buffer.from(noise(6_000, 3)).toString('base64').slice(1_000, 1_016);
    change(fileOf(here().path, '.ldb'), (octets) => flip(octets, octets.indexOf(payload)));

    const rest = records.filter(({ msgId }) => msgId !== 3);
    const { store, records: found } = await here().open();
    expect(found).toStrictEqual(asStored(rest));
    expect(here().reported).toEqual([expect.stringMatching(/cannot be read and are left out: 1 \(exchange\/a\/3\)$/)]);
    await store.write([{ key: 'exchange/a/3', record: exchange('a', 3) }], true);
    await store.close();
    expect(await here().records()).toHaveLength(8);
    expect(here().reported).toHaveLength(1);
  });

  it.each(['.log', '.ldb', 'CURRENT', 'MANIFEST'])(
    'anywhere in %s: opens, with no record in it that was never written',
    async (name) => {
      const record: StoredRecord = exchange('a', 1, noise(100));
      const { store } = await here().open();
      for (const number of [1, 2, 3]) {
        await store.write([{ key: `exchange/a/${number}`, record }], true);
      }
      await store.close();
      if (name === '.ldb') {
        await here().records();
      }
      const files = new Map(
        readdirSync(here().path)
          .filter((file) => !/^(LOG|LOCK)/.test(file))
          .map((file) => [file, readFileSync(join(here().path, file))]),
      );
      const [target = '', octets = Buffer.alloc(0)] = [...files].find(([file]) => file.includes(name)) ?? [];
      expect(octets.length).toBeGreaterThan(10);
      const step = Math.ceil(octets.length / 40);
      let damaged = 0;
      let silent = 0;
      for (let at = 0; at < octets.length; at += step) {
        const path = join(here().folder, `flipped-${at}`);
        await mkdir(path);
        for (const [file, content] of files) {
          await writeFile(join(path, file), file === target ? flip(Buffer.from(content), at) : content);
        }
        const records = await here().records(path);
        expect(records).toStrictEqual(asStored(records.map(() => record)));
        const told = here().reported.some((message) => message.includes(path));
        damaged += records.length < 3 || told ? 1 : 0;
        silent += records.length < 3 && !told ? 1 : 0;
      }
      expect(damaged).toBeGreaterThan(0);
      // A length that was changed looks like a write that never came to its end, a sequence number like an older write.
      expect(silent).toBeLessThanOrEqual(damaged / 10);
    },
  );
});
