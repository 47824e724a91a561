import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DtlsClientTransport } from '../../../src/client/dtls-client-transport.ts';
import { MqttSnClient } from '../../../src/client/mqtt-sn-client.ts';
import { Collected } from '../../support/eventually.ts';
import { type GatewayUnderTest, gatewayBench } from '../../support/gateway-under-test.ts';

const bench = gatewayBench();

const KEY = '00112233445566778899aabbccddeeff';

describe('a gateway that is started anew, with DTLS clients that have connection ids', () => {
  it('goes on with their associations: a sleeper gets what waits for it, and shakes no hands', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dtls-restart-'));
    bench.cleanUp(() => rm(folder, { recursive: true }));
    const broker = await bench.broker();
    const start = (port: number): Promise<GatewayUnderTest> =>
      bench.gateway(broker.url, {
        settings: {
          transports: [{ type: 'dtls', host: '127.0.0.1', port }],
          sessions: { path: join(folder, 'store') },
        },
        psk: `sensor-1: ${KEY}\n`,
      });
    const first = await start(0);
    const port = first.port('dtls');
    const transport = new DtlsClientTransport({
      ...{ host: '127.0.0.1', port, identity: 'sensor-1', key: Buffer.from(KEY, 'hex') },
    });
    const heard = new Collected<string>('messages');
    const client = new MqttSnClient({
      ...{ transport, clientId: 'sleeper', cleanSession: false, keepAlive: 0, retryInterval: 60_000 },
      onMessage: ({ data }) => heard.add(Buffer.from(data).toString()),
    });
    bench.cleanUp(() => client.close());
    await client.connect();
    await client.subscribe({ name: 'cmd' }, 1);
    await client.sleep(3_600);
    await first.stop();
    expect(first.notesOf('association-closed')).toEqual([]);

    const second = await start(port);
    expect(second.notesOf('associations-resumed')).toEqual([
      { type: 'associations-resumed', transport: 'dtls', count: 1, dropped: 0 },
    ]);
    const peer = await bench.peer(broker);
    await peer.publish('cmd', 'on', 1);
    await client.wake();
    expect(heard.items).toEqual(['on']);
    expect(second.notesOf('association-opened')).toEqual([]);
    expect(second.notesOf('client-awake')).toMatchObject([{ clientId: 'sleeper' }]);
  });
});
