import { beforeEach, describe, expect, it } from '@jest/globals';
import { gatewayClientId } from '../../../src/app/gateway-client-id.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Store, StoredRecord } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';

let store: MemoryStore;

beforeEach(async () => {
  store = new MemoryStore();
  await store.open();
});

/** The id with these settings, as environment variables, and what the log is told. */
async function idWith(environment: Record<string, string>, records: readonly StoredRecord[] = [], into: Store = store) {
  const problems: string[] = [];
  const { settings } = loadSettings({ environment, workingFolder: '/' });
  const id = await gatewayClientId({ settings, store: into, records, report: (problem) => problems.push(problem) });
  return { id, problems };
}

describe('the client id of the gateway’s own connection (I-45)', () => {
  it('is that of the settings where they have one, and nothing is stored', async () => {
    expect((await idWith({ MQTTSN_UPSTREAM_GATEWAY_CLIENT_ID: 'mine' })).id).toBe('mine');
    expect(await store.open()).toEqual([]);
  });

  it('is made once and kept in the store', async () => {
    const { id } = await idWith({ MQTTSN_GATEWAY_ID: '255' });
    expect(id).toMatch(/^mqtt-sn-gw-255-[0-9a-f]{6}$/);
    const records = await store.open();
    expect(records).toEqual([{ kind: 'gateway', clientId: id }]);
    expect((await idWith({ MQTTSN_GATEWAY_ID: '255' }, records)).id).toBe(id);
  });

  it('has 23 octets at most, which every broker takes', async () => {
    expect((await idWith({ MQTTSN_GATEWAY_ID: '255' })).id.length).toBeLessThanOrEqual(23);
  });

  it('is another one for another gateway', async () => {
    expect((await idWith({})).id).not.toBe((await idWith({})).id);
  });

  it('is made anew where the gateway has got another id since', async () => {
    const stored: StoredRecord = { kind: 'gateway', clientId: 'mqtt-sn-gw-1-abcdef' };
    expect((await idWith({ MQTTSN_GATEWAY_ID: '2' }, [stored])).id).toMatch(/^mqtt-sn-gw-2-[0-9a-f]{6}$/);
  });

  it('without a store follows from the machine and the UDP port', async () => {
    const memory = { MQTTSN_SESSIONS_PATH: 'memory' };
    const { id } = await idWith(memory);
    expect(id).toMatch(/^mqtt-sn-gw-1-[0-9a-f]{6}$/);
    expect((await idWith(memory)).id).toBe(id);
    expect((await idWith({ ...memory, MQTTSN_TRANSPORTS_0_PORT: '1999' })).id).not.toBe(id);
    expect(await store.open()).toEqual([]);
  });

  it('a store that cannot be written does not stop the gateway: the log is told', async () => {
    const full: Store = {
      open: async () => [],
      write: () => Promise.reject(new Error('no space left')),
      read: async () => [],
      close: async () => undefined,
    };
    const { id, problems } = await idWith({}, [], full);
    expect(id).toMatch(/^mqtt-sn-gw-1-/);
    expect(problems).toEqual(['no space left']);
  });
});
