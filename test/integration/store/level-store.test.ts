import { stat } from 'node:fs/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { LevelStore } from '../../../src/store/level-store.ts';
import {
  asStored,
  bareSession,
  clientIdsOf,
  delivery,
  deliveryWrite,
  exchange,
  fullSession,
  noise,
  parts,
  sorted,
} from '../../unit/store/records.ts';
import { places } from './place.ts';
import { StoreChild } from './store-child.ts';

const here = places();

/** What of a batch of the database is looked at. */
interface Batch {
  write(options: { readonly sync: boolean }): Promise<void>;
}

describe('store on disk', () => {
  it('is empty at first, in a folder of its own that only the owner can read', async () => {
    expect(await here().records()).toEqual([]);
    expect((await stat(here().path)).mode & 0o777).toBe(0o700);
  });

  it('gives back every kind of record after it was opened again', async () => {
    const records = [
      delivery('a/b', 1),
      exchange('a', 1, new Uint8Array()),
      exchange('a', 2, noise(65_536)),
      bareSession(''),
      fullSession('Fühler-🌡/../a'),
      fullSession('\ud800'),
      ...parts('a'),
      { kind: 'runtime', millis: 86_400_000.5 } as const,
    ];
    const { store } = await here().open();
    await store.write(
      records.map((record, index) => ({ key: `key/${index}`, record })),
      true,
    );
    await store.close();
    expect(sorted(await here().records())).toStrictEqual(sorted(asStored(records)));
  });

  it('gives back the record of a key, and nothing for a key that has none', async () => {
    const { store } = await here().open();
    await store.write([deliveryWrite(1), deliveryWrite(2)], false);
    expect(await store.read(['delivery/sensor/2', 'delivery/sensor/3'])).toEqual([deliveryWrite(2).record, undefined]);
    await store.close();
    await expect(store.read(['delivery/sensor/2'])).rejects.toThrow('not open');
  });

  it('withholds the payloads of messages beyond a limit at the start, and gives each back when it is asked for', async () => {
    const message = (number: number): StoredRecord => ({
      ...{ kind: 'message', number, topic: 'a', payload: noise(1_000, number), qos: 1, retain: false, at: 0 },
    });
    const place = here();
    const { store } = await place.open();
    const numbers = [1, 2, 3];
    await store.write(
      numbers.map((number) => ({ key: `message/${number}`, record: message(number) })),
      true,
    );
    await store.close();
    const again = new LevelStore({ path: place.path, payloadOctets: 2_500 });
    const withheld = { kind: 'withheld', number: 3, topic: 'a', octets: 1_000, qos: 1, retain: false, at: 0 };
    expect(await again.open()).toMatchObject([message(1), message(2), withheld]);
    expect(await again.read(['message/3'])).toMatchObject([message(3)]);
    await again.close();
  });

  it('keeps keys apart that look alike, or like those of the store itself', async () => {
    const keys = [
      '',
      '/',
      'format',
      'record/',
      'record',
      'left-out/a',
      'a',
      'a/',
      'a/1',
      'A',
      'a%2F1',
      'ä',
      '\u0000',
      '\u{10ffff}',
    ];
    const { store } = await here().open();
    await store.write(
      keys.map((key, index) => ({ key, record: delivery(key, index) })),
      true,
    );
    await store.write([{ key: 'a', record: undefined }], true);
    await store.close();
    const records = await here().records();
    expect(new Set(clientIdsOf(records))).toEqual(new Set(keys.filter((key) => key !== 'a')));
    expect(here().reported).toEqual([]);
  });

  it('lets the last write of a key win, within a call and between calls, and forgets what was deleted', async () => {
    const { store } = await here().open();
    const write = (key: string, number: number | undefined) => ({
      key,
      record: number === undefined ? undefined : delivery(key, number),
    });
    await Promise.all([
      store.write([write('a', 1), write('a', 2), write('b', 1), write('c', 1)], false),
      store.write([write('b', undefined), write('c', undefined)], true),
      store.write([write('c', 3), write('never', undefined)], false),
    ]);
    await store.close();
    expect(sorted(await here().records())).toEqual([delivery('a', 2), delivery('c', 3)]);
  });

  it('resolves calls in their order', async () => {
    const { store } = await here().open();
    const order: number[] = [];
    const calls = Array.from({ length: 50 }, (_, number) =>
      store.write([deliveryWrite(number)], number % 3 === 0).then(() => order.push(number)),
    );
    await Promise.all(calls);
    expect(order).toEqual(Array.from({ length: 50 }, (_, number) => number));
  });

  it('takes a record as it is at the call', async () => {
    const { store } = await here().open();
    const payload = Uint8Array.of(1, 2, 3);
    const written = store.write([{ key: 'exchange/a/1', record: exchange('a', 1, payload) }], true);
    payload.fill(9);
    await written;
    await store.close();
    expect(await here().records()).toEqual([exchange('a', 1, Uint8Array.of(1, 2, 3))]);
  });

  it('rejects a call whose record breaks its type, writes nothing of it, and serves the others', async () => {
    const { store } = await here().open();
    const broken = { ...delivery('a', 1), msgId: '1' } as unknown as StoredRecord;
    const bad = store.write([deliveryWrite(1), { key: 'delivery/a/1', record: broken }], true);
    const good = store.write([deliveryWrite(2)], true);
    await expect(bad).rejects.toThrow(/msgId/);
    await good;
    await store.close();
    expect(await here().records()).toEqual([delivery('sensor', 2)]);
  });

  it('has everything on disk when it has been closed, also what nobody waited for', async () => {
    const { store } = await here().open();
    const calls = Array.from({ length: 300 }, (_, number) => store.write([deliveryWrite(number)], false));
    await Promise.all([store.close(), store.close(), ...calls]);
    expect(await here().records()).toHaveLength(300);
  });

  it('waits for the disk where a write is durable, and at the end where something has not been waited for', async () => {
    const { store } = await here().open();
    const synced: boolean[] = [];
    const make = ClassicLevel.prototype.batch as unknown as (this: ClassicLevel) => Batch;
    const batch = jest.spyOn(ClassicLevel.prototype, 'batch').mockImplementation(function (this: ClassicLevel) {
      const made = make.call(this);
      const write = made.write.bind(made);
      made.write = (options) => {
        synced.push(options.sync);
        return write(options);
      };
      return made as never;
    });
    try {
      await store.write([deliveryWrite(1)], true);
      await store.write([], true);
      expect(synced).toEqual([true]);
      await store.write([deliveryWrite(2)], false);
      await store.write([], false);
      expect(synced).toEqual([true, false]);
      await store.write([], true);
      await store.write([deliveryWrite(3)], false);
      await store.close();
      expect(synced).toEqual([true, false, true, false, true]);
    } finally {
      batch.mockRestore();
    }
  });

  it('rejects writes before it is opened and after it is closed, and can be opened again', async () => {
    const store = new LevelStore({ path: here().path });
    await expect(store.write([deliveryWrite(1)], true)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await store.open();
    await store.write([deliveryWrite(1)], false);
    await store.close();
    await expect(store.write([deliveryWrite(2)], true)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(await store.open()).toEqual([delivery('sensor', 1)]);
    await store.write([deliveryWrite(3)], true);
    await store.close();
    expect(await here().records()).toHaveLength(2);
  });

  it('goes on after writes that the system refused, and loses nothing that was acknowledged', async () => {
    const child = new StoreChild('fill', [here().path], 128);
    await child.end();
    const outcomes = child.said.items;
    const failed = outcomes.indexOf('STORE_IO');
    expect(outcomes).toHaveLength(100);
    expect(failed).toBeGreaterThan(10);
    expect(outcomes.slice(failed)).toContain(true);
    const stored = new Set(clientIdsOf(await here().records()));
    const acknowledged = outcomes.flatMap((outcome, number) => (outcome === true ? [String(number)] : []));
    expect(acknowledged.filter((clientId) => !stored.has(clientId))).toEqual([]);
  });
});

describe('store whose process is killed', () => {
  it('has every acknowledged write, and no write by half', async () => {
    for (let round = 0; round < 10; round++) {
      const place = here().path + round;
      const child = new StoreChild('write', [place]);
      await child.said.nth(1 + ((round * 37) % 200));
      await child.kill();
      const acknowledged = child.said.items as number[];
      const records = (await here().records(place)) as ReturnType<typeof delivery>[];
      const numbers = (clientId: string) =>
        records.filter((record) => record.clientId === clientId).map(({ packetId }) => packetId);
      const left = new Set(numbers('left'));
      expect(acknowledged.filter((number) => !left.has(number))).toEqual([]);
      expect(new Set(numbers('right'))).toEqual(left);
      expect(numbers('last')).toEqual([Math.max(...left)]);
    }
    expect(here().reported).toEqual([]);
  });
});
