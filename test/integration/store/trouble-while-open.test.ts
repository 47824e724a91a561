import { closeSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { deliveryWrite, noise } from '../../unit/store/records.ts';
import { places } from './place.ts';

const here = places();

/** More than a block of a table has. */
const MESSAGES = 200;

const keyOf = (number: number): string => `message/${number}`;
const message = (number: number): StoredRecord => ({
  ...{ kind: 'message', number, topic: 'a/b', payload: noise(400, number), qos: 1, retain: false, at: 1 },
});

/** The next batch of the database is refused by the system. */
function refuseOnce(): void {
  jest.spyOn(ClassicLevel.prototype, 'batch').mockImplementationOnce(() => {
    throw new Error('IO error: Input/output error');
  });
}

describe('a store that is open', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('can be written and read at the same time after a write that was refused', async () => {
    const { store } = await here().open();
    await store.write([deliveryWrite(1)], true);
    for (let round = 0; round < 20; round++) {
      refuseOnce();
      await expect(store.write([deliveryWrite(2)], true)).rejects.toThrow('Input/output error');
      const reads = [store.read(['delivery/sensor/1']), store.read(['delivery/sensor/1'])];
      await Promise.all([store.write([deliveryWrite(3)], true), ...reads]);
      expect(await store.read(['delivery/sensor/1', 'delivery/sensor/3'])).toEqual([
        deliveryWrite(1).record,
        deliveryWrite(3).record,
      ]);
    }
  });

  it('can be closed while it is opened again to be read', async () => {
    const { store } = await here().open();
    await store.write([deliveryWrite(1)], true);
    for (let round = 0; round < 5; round++) {
      refuseOnce();
      await expect(store.write([deliveryWrite(2)], false)).rejects.toThrow('Input/output error');
      const read = store.read(['delivery/sensor/1']).catch(() => undefined);
      await store.close();
      await read;
      await store.open(); // nobody has it
    }
  });

  it('gives back what can be read where a part of a table is damaged meanwhile: the rest is gone', async () => {
    const first = await here().open();
    const numbers = Array.from({ length: MESSAGES }, (_, number) => number);
    await first.store.write(
      numbers.map((number) => ({ key: keyOf(number), record: message(number) })),
      true,
    );
    await first.store.close();
    await here().records(); // now it is in a table
    const { store } = await here().open();
    const [table = ''] = readdirSync(here().path).filter((name) => name.endsWith('.ldb'));
    const file = openSync(join(here().path, table), 'r+');
    writeSync(file, Buffer.alloc(3_000, 0xff), 0, 3_000, fstatSync(file).size >> 1);
    closeSync(file);
    const found = await store.read(numbers.map(keyOf));
    const lost = numbers.filter((number) => found[number] === undefined);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(MESSAGES / 4);
    expect(found).toEqual(numbers.map((number) => (lost.includes(number) ? undefined : message(number))));
  });
});
