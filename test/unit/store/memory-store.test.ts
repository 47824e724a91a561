import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { asStored, bareSession, delivery, deliveryWrite, exchange, fullSession, sorted } from './records.ts';

describe('store in memory', () => {
  it('gives back what was written when it is opened again, without what was deleted', async () => {
    const store = new MemoryStore();
    expect(await store.open()).toEqual([]);
    await store.write([{ key: 'session/a', record: fullSession('a') }, deliveryWrite(1), deliveryWrite(2)]);
    await store.write([
      { key: 'session/a', record: bareSession('a') },
      { key: 'delivery/sensor/1', record: undefined },
      { key: 'delivery/nobody', record: undefined },
    ]);
    await store.close();
    expect(sorted(await store.open())).toStrictEqual(asStored([delivery('sensor', 2), bareSession('a')]));
  });

  it('takes a record as it is at the call', async () => {
    const store = new MemoryStore();
    await store.open();
    const payload = Uint8Array.of(1, 2, 3);
    await store.write([{ key: 'exchange/a/1', record: exchange('a', 1, payload) }]);
    payload.fill(9);
    expect(await store.open()).toStrictEqual(asStored([exchange('a', 1, Uint8Array.of(1, 2, 3))]));
  });

  it('writes nothing of a call in which one record breaks its type', async () => {
    const store = new MemoryStore();
    await store.open();
    const broken = { ...delivery('a', 1), msgId: '1' } as unknown as StoredRecord;
    await expect(store.write([deliveryWrite(1), { key: 'delivery/a/1', record: broken }])).rejects.toThrow(/msgId/);
    expect(await store.open()).toEqual([]);
  });

  it('rejects writes while it is not open', async () => {
    const store = new MemoryStore();
    await expect(store.write([deliveryWrite(1)])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await store.open();
    await store.close();
    await expect(store.write([deliveryWrite(1)])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('is what the path "memory" opens', async () => {
    const { store, records } = await openStore({ path: 'memory', report: () => {} });
    expect(store).toBeInstanceOf(MemoryStore);
    expect(records).toEqual([]);
    await expect(store.write([deliveryWrite(1)], true)).resolves.toBeUndefined();
  });
});
