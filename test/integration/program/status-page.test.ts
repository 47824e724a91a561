import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as getHttp } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectFrame } from '../../support/core-bench.ts';
import { eventually, within } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { type ProgramUnderTest, programBench } from './program-under-test.ts';

const program = programBench();
const TOKEN = 'a-token-of-the-test';
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) {
    await end();
  }
});

/** A gateway with a status page, at ports of its own. */
async function gateway(
  some: Readonly<Record<string, string>> = {},
): Promise<{ run: ProgramUnderTest; url: string; udp: number }> {
  const port = await freePort();
  const run = await program(['-p', '0'], {
    environment: {
      ...{
        MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1',
        MQTTSN_BROKER_PORT: `${await freePort()}`,
        MQTTSN_SESSIONS_PATH: 'memory',
      },
      ...{ MQTTSN_HTTP_ENABLED: 'true', MQTTSN_HTTP_PORT: `${port}`, ...some },
    },
  });
  return { run, url: `http://127.0.0.1:${port}/`, udp: await run.ready() };
}

const json = async (url: string, headers: Readonly<Record<string, string>> = {}) =>
  (await fetch(url, { headers })).json() as Promise<Readonly<Record<string, unknown>>>;

describe('the status page of the program', () => {
  it('is told in the log, and shows a client that connects', async () => {
    const { run, url, udp } = await gateway();
    const [, told] = await run.line(/status page: (\S+) \(shows only/);
    expect(told).toBe(url);
    const sensor = await RawSensor.open({ port: udp });
    ends.push(() => sensor.close());
    await sensor.exchange(connectFrame('sensor-1', true), '03 05 00');
    expect(await json(`${url}api/v1/clients/sensor-1`)).toMatchObject({
      ...{
        clientId: 'sensor-1',
        state: 'active',
        link: `udp:127.0.0.1:${sensor.port}`,
        history: [{ state: 'active' }],
      },
    });
    expect(await json(`${url}api/v1/overview`)).toMatchObject({ clients: { active: 1, total: 1 }, access: 'read' });
    expect(await (await fetch(url)).text()).toContain('<title>MQTT-SN gateway</title>');
    expect(await (await fetch(`${url}metrics`)).text()).toMatch(/^mqttsn_clients\{.*state="active".*\} 1$/m);
    run.kill('SIGTERM');
    expect(await run.exitCode()).toBe(0);
  });

  it('sends a client away, shows its frames, and forgets it', async () => {
    const { run, url, udp } = await gateway({ MQTTSN_HTTP_TOKEN: TOKEN });
    await run.line(/status page: /);
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const ask = async (method: string, path: string, body?: unknown) =>
      (await fetch(`${url}api/v1/${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) }))
        .status;
    const sensor = await RawSensor.open({ port: udp });
    ends.push(() => sensor.close());
    await sensor.exchange(connectFrame('sensor-1', false), '03 05 00');
    expect(await ask('POST', 'clients/sensor-1/trace', { seconds: 60 })).toBe(200);
    const stream = await fetch(`${url}api/v1/clients/sensor-1/trace`, { headers });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await sensor.exchange('02 16', '02 17');
    let text = '';
    await eventually('PINGREQ and PINGRESP', async () => {
      text += (await within('an event', reader?.read() ?? Promise.reject(new Error('no stream')))).value ?? '';
      return text.includes('PINGREQ') && text.includes('PINGRESP');
    });
    await reader?.cancel();
    expect(await ask('POST', 'clients/sensor-1/disconnect')).toBe(204);
    await sensor.expect('02 18');
    expect(await json(`${url}api/v1/clients/sensor-1`, headers)).toMatchObject({ state: 'disconnected' });
    expect(await ask('DELETE', 'clients/sensor-1')).toBe(204);
    expect(await ask('GET', 'clients/sensor-1')).toBe(404);
    await run.line(/operator: sends a client away .*clientId=sensor-1.*by=token/);
    expect(run.output).not.toContain(TOKEN);
  });

  it('is not served where its port is in use: the gateway says so, and runs', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    ends.push(() => other.close());
    const { run, udp } = await gateway({ MQTTSN_HTTP_PORT: `${port}` });
    await run.line(new RegExp(`warn +status page: port ${port} is in use: set http\\.port`));
    const sensor = await RawSensor.open({ port: udp });
    ends.push(() => sensor.close());
    await sensor.exchange(connectFrame('sensor-1', true), '03 05 00');
    run.kill('SIGTERM');
    expect(await run.exitCode()).toBe(0);
  });

  it('does not keep the gateway from stopping, whoever looks at it', async () => {
    const { run, url } = await gateway();
    await run.line(/status page: /);
    for (let number = 0; number < 5; number++) {
      const asked = getHttp(`${url}api/v1/events`);
      asked.on('error', () => undefined);
      ends.push(() => asked.destroy());
      await within('the stream', new Promise((resolve) => asked.once('response', resolve)));
    }
    run.kill('SIGTERM');
    expect(await run.exitCode()).toBe(0);
    expect(run.output).toMatch(/info +stopped/);
  });

  it('has another token when the settings are read again, and needs one as long as it runs', async () => {
    const port = await freePort();
    const settings = (http: string) =>
      `http: { port: ${port}, ${http} }\nsessions: { path: memory }\ntransports: [{ type: udp, host: 127.0.0.1, port: 0 }]\n`;
    const folder = await mkdtemp(join(tmpdir(), 'status-page-'));
    ends.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'gateway.yaml');
    await writeFile(file, settings(`token: ${TOKEN}`));
    const run = await program(['-c', file], {
      environment: { MQTTSN_BROKER_PORT: `${await freePort()}`, MQTTSN_HTTP_ENABLED: '' },
    });
    await run.line(/status page: /);
    const url = `http://127.0.0.1:${port}/api/v1/overview`;
    const status = async (token: string) =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status(TOKEN)).toBe(200);
    await writeFile(file, settings('token: another-token-of-the-test'));
    run.kill('SIGHUP');
    await run.line(/http\.token/);
    expect([await status(TOKEN), await status('another-token-of-the-test')]).toEqual([401, 200]);
    await writeFile(file, settings('host: 127.0.0.1'));
    run.kill('SIGHUP');
    await run.line(/restart.*http\.token|http\.token.*restart/);
    expect(await status('another-token-of-the-test')).toBe(200);
    expect((await fetch(url)).status).toBe(401);
  });
});
