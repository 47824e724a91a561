import { expect, it } from '@jest/globals';
import { startGateway } from '../../../src/app/gateway.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Note } from '../../../src/ports/observer.ts';
import { Collected } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

it('an aggregating gateway with the embedded broker speaks MQTT 3.1.1 to it at once, and says once what that means', async () => {
  const environment = {
    MQTTSN_UPSTREAM_MODE: 'aggregating',
    MQTTSN_BROKER_PORT: String(await freePort()),
    MQTTSN_SESSIONS_PATH: 'memory',
    MQTTSN_TRANSPORTS_0_TYPE: 'udp',
    MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1',
    MQTTSN_TRANSPORTS_0_PORT: String(await freePort()),
  };
  const { settings } = loadSettings({ environment, workingFolder: '/' });
  const notes = new Collected<Note>('notes of the gateway');
  const gateway = await startGateway({ settings, observer: { note: (note) => notes.add(note) } });
  try {
    const up = await notes.find('the shared connection', (note): note is Note => note.type === 'shared-connection-up');
    expect(up).toMatchObject({ protocolVersion: 4 });
    const told = notes.items.map(({ type }) => type);
    expect(told).not.toContain('shared-connection-down');
    expect(told).not.toContain('shared-protocol-changed');
  } finally {
    await gateway.stop();
  }
});
