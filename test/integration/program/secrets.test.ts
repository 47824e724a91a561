import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { SECRET, SECRET_KEY, writeSecrets } from '../../support/secret-settings.ts';
import { programBench } from './program-under-test.ts';

const TOKEN = 'geheim-0123456789abcdef';

const program = programBench();
const ends: (() => unknown)[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
  await rm(folder, { recursive: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });

describe('a program with every secret that there is', () => {
  it('shows none in its log, on its page, in its API, at the broker, nor where its settings change or have problems', async () => {
    const broker = await Mosquitto.start({ psk: { gw: SECRET_KEY, i: `${SECRET_KEY}00` } });
    ends.push(() => broker.dispose());
    const observer = await MqttPeer.connect(broker.url);
    ends.push(() => observer.close());
    await observer.subscribe('#');
    const port = await freePort();
    const more = {
      upstream: { url: broker.pskUrl },
      transports: [
        { type: 'udp', host: '127.0.0.1', port: 0 },
        { type: 'dtls', host: '127.0.0.1', port: await freePort() },
      ],
      http: { enabled: true, port },
      homeAssistant: { enabled: true },
      status: { requests: true },
      sessions: { path: 'memory' },
      logging: { level: 'trace', payloads: true },
    };
    writeSecrets(folder, more);
    const running = await program(['-c', join(folder, 'gateway.yaml')], {
      environment: { MQTTSN_HTTP_ENABLED: 'true' },
    });
    const sensor = await RawSensor.open({ port: await running.ready() });
    ends.push(() => sensor.close());
    await running.line(/status page: /);
    await write('credentials.yaml', `rules: [{ clientId: a, psk: { identity: i, key: "${SECRET_KEY}" } }]\n`);
    running.kill('SIGHUP');
    await running.line(/upstream\.credentials has changed/);
    await sensor.exchange(connectFrame('a'), '03 05 03'); // the broker has another key for it
    await sensor.exchange(connectFrame('b'), '03 05 00');

    const get = async (path: string): Promise<string> => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      return response.ok ? response.text() : `${response.status} at ${path}`;
    };
    const api = await get('/api/openapi.json');
    const { paths } = JSON.parse(api) as { readonly paths: Record<string, Record<string, unknown>> };
    const stream = /\/events$/;
    const asked = Object.keys(paths).filter((path) => paths[path]?.get !== undefined && !stream.test(path));
    const shown = [api, ...(await Promise.all(asked.map((path) => get(path.replaceAll(/\{\w+\}/g, 'b')))))];
    expect(shown.filter((text) => /^[45]\d\d at /.test(text))).toEqual([]);
    expect(shown.length).toBeGreaterThan(5);
    await observer.messageOn('mqtt-sn-gateway/1/info');
    await eventually('devices', () => observer.messages.some(({ topic }) => topic.startsWith('homeassistant/')));

    await write('gateway.yaml', JSON.stringify({ ...more, upstream: { ...more.upstream, psk: SECRET_KEY } }));
    running.kill('SIGHUP');
    await running.line(/upstream\.psk: expected a map of settings/);
    await write('gateway.yaml', JSON.stringify(more));
    running.kill('SIGHUP');
    await running.line(/upstream\.psk\.key has changed, which needs a restart/);
    running.kill('SIGTERM');
    expect(await running.exitCode()).toBe(0);

    const check = await program(['check-config', join(folder, 'gateway.yaml')]);
    await check.exitCode();
    const said = observer.messages.map(({ topic, payload }) => `${topic} ${payload}`);
    const all = [running.output, running.errors, check.output, ...shown, ...said];
    expect(all.filter((text) => SECRET.test(text))).toEqual([]);
  });
});
