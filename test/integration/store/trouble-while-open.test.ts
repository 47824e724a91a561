import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ClassicLevel } from 'classic-level';
import { deliveryWrite } from '../../unit/store/records.ts';
import { places } from './place.ts';

const here = places();

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
});
