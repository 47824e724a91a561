import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashPassword } from '../../../src/http/access/password-hash.ts';
import { browserBench, DESKTOP, type PageUnderTest, PHONE } from '../../support/browser.ts';
import { freePort } from '../../support/free-port.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { REPOSITORY, type StartedProgram, startedProgram } from '../program/program-under-test.ts';
import { CROWD, type SimulatedClient, simulatedClients } from './simulated-clients.ts';

const CREDENTIALS = { username: 'anna', password: 'a password' };
const COUNT = Object.values(CROWD).reduce((sum, count) => sum + count, 0);

const run = promisify(execFile);
const open = browserBench();

let broker: Mosquitto;
let gateway: StartedProgram;
let clients: readonly SimulatedClient[];
let url: string;

beforeAll(async () => {
  broker = await Mosquitto.start({ persistence: true });
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const settings = {
    transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }],
    upstream: { url: broker.url, reconnectMin: '100ms', reconnectMax: '200ms' },
    sessions: { path: 'memory' },
    http: { port, users: [{ name: CREDENTIALS.username, passwordHash: await hashPassword(CREDENTIALS.password) }] },
  };
  gateway = await startedProgram(['--config', 'gateway.yaml'], {
    environment: { MQTTSN_HTTP_ENABLED: 'true' },
    files: { 'gateway.yaml': JSON.stringify(settings) },
  });
  const udp = await gateway.program.ready();
  await gateway.program.line(/status page: /);
  clients = await simulatedClients(udp);
});

afterAll(async () => {
  await Promise.all((clients ?? []).map((client) => client.close()));
  await gateway?.dispose();
  await broker?.dispose();
});

function simulated(number: number): SimulatedClient {
  const client = clients[number - 1];
  if (client === undefined) {
    throw new Error(`there is no client ${number}`);
  }
  return client;
}

/** Opens a view; at the end of a test `complaints` has to be empty. */
async function view(fragment: string, options: Parameters<typeof open>[0] = {}): Promise<PageUnderTest> {
  const shown = await open({ credentials: CREDENTIALS, ...options });
  await shown.page.goto(`${url}${fragment}`);
  return shown;
}

/** Client ids of the first rows that are shown. */
async function firstRows({ page }: PageUnderTest, count: number): Promise<string[]> {
  const rows = page.locator('[role=row][aria-rowindex]:not([aria-rowindex="1"]) [role=gridcell]:first-child');
  return (await rows.allTextContents()).slice(0, count);
}

describe('the status page of a gateway with two hundred clients', () => {
  it('shows at a glance how it is', async () => {
    const shown = await view('');
    const { page } = shown;
    // The usual mistake: an id that nobody has defined.
    await expect(simulated(1).publishPredefined(300)).rejects.toThrow('invalid topic id');
    await page.getByText('Reachable', { exact: true }).waitFor();
    await page.getByText(broker.url).waitFor();
    await page.getByRole('link', { name: `Lost ${CROWD.lost}` }).waitFor();
    await page.getByRole('link', { name: `Active ${CROWD.active}` }).waitFor();
    await page.getByRole('link', { name: `Asleep ${CROWD.asleep}` }).waitFor();
    await page.getByText(`of ${COUNT}`).waitFor();
    await page.getByText(/pre-defined topic id is not configured.* \(topic id 300\)/).waitFor();
    await page.getByRole('link', { name: `Disconnected ${CROWD.disconnected}` }).click();
    await page.getByText(`${CROWD.disconnected} of ${COUNT}`).waitFor();
    expect(shown.complaints).toEqual([]);
  });

  it('finds, sorts and filters clients, and shows the same after a reload', async () => {
    const shown = await view('#/clients');
    const { page } = shown;
    await page.getByText(`${COUNT} in all`).waitFor();
    expect(await firstRows(shown, 2)).toEqual(['sensor-001', 'sensor-002']);
    await page.getByRole('button', { name: 'Client', exact: true }).click();
    await page.getByRole('columnheader', { name: 'Client' }).and(page.locator('[aria-sort=descending]')).waitFor();
    expect(await firstRows(shown, 2)).toEqual(['sensor-200', 'sensor-199']);
    await page.getByRole('button', { name: /^Asleep/ }).click();
    await page.getByText(`${CROWD.asleep} of ${COUNT}`).waitFor();
    await page.getByLabel(/^Search/).fill('site/sensor-15');
    await page.getByText(`10 of ${COUNT}`).waitFor();
    await page.reload();
    await page.getByText(`10 of ${COUNT}`).waitFor();
    expect(await firstRows(shown, 2)).toEqual(['sensor-159', 'sensor-158']);
    expect(shown.complaints).toEqual([]);
  });

  it('follows a client while one looks: its messages, its frames', async () => {
    const client = simulated(7);
    const shown = await view(`#/clients/${client.clientId}`);
    const { page } = shown;
    await page.getByText('cmd/sensor-007').first().waitFor();
    await page.getByText('site/sensor-007/gone').waitFor();
    await page.getByRole('button', { name: 'Show frames' }).click();
    await page.getByText('Waiting for the next frame').waitFor();
    await client.publish('a secret of 21 octets');
    await page.getByText(/PUBLISH qos=1 .* 21 octets/).waitFor();
    await page.getByText(/PUBACK topicId=\d+ msgId=\d+ accepted/).waitFor();
    await page.getByLabel('Octets').check();
    await page.locator('.frame-octets').first().waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/a secret|61 20 73 65/);
    await page.getByText('21 B').waitFor();
    await shown.picture('trace-desktop-light', true);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The trace is over.').waitFor();
    expect(shown.complaints).toEqual([]);
  });

  it('publishes to a client, sends it away and forgets it, each after a question', async () => {
    const client = simulated(8);
    const shown = await view(`#/clients/${client.clientId}`);
    const { page } = shown;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Publish …' }).click();
    await dialog.getByLabel('Payload, as text').fill('open');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Published 4 B to cmd/sensor-008.').waitFor();
    expect(await client.received.nth(1)).toBe('open');

    await page.getByRole('button', { name: 'Disconnect …' }).click();
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('DISCONNECT was sent to sensor-008.').waitFor();
    expect(await client.ended.nth(1)).toBe('gateway');
    await page.locator('.view-head').getByText('Disconnected').waitFor();

    await page.getByRole('button', { name: 'Forget session …' }).click();
    await dialog.getByRole('button', { name: 'Forget session' }).click();
    await page.getByText('The gateway knows no such client').waitFor();
    await page.getByRole('link', { name: 'All clients' }).click();
    await page.getByText(`${COUNT - 1} in all`).waitFor();
    // Asking for what is not there is an error to a browser; here it is the answer.
    expect(shown.complaints.filter((complaint) => !/404/.test(complaint))).toEqual([]);
  });

  it('has the ids that nobody has defined on top of the topics', async () => {
    const shown = await view('#/topics');
    const { page } = shown;
    const unknown = page.locator('.card-warn');
    await unknown.getByText('Unknown ids').first().waitFor();
    await unknown.getByText('300', { exact: true }).waitFor();
    await page.getByLabel(/^Search/).fill('site/sensor-120/temperature');
    await page.getByRole('link', { name: 'sensor-120' }).waitFor();
    expect(shown.complaints).toEqual([]);
  });

  it('tells of a broker that goes and comes back, with the reason', async () => {
    const shown = await view('');
    const { page } = shown;
    await page.getByText('Reachable', { exact: true }).waitFor();
    await broker.stop();
    await page.getByText('Unreachable', { exact: true }).waitFor();
    await page.locator('.card-bad .reason').waitFor();
    await shown.picture('broker-away-desktop-light');
    await broker.start();
    await page.getByText('Reachable', { exact: true }).waitFor();
    await page.locator('.card-bad').waitFor({ state: 'detached' });
    expect(shown.complaints).toEqual([]);
  });

  it.each([
    ['phone', 'light', PHONE],
    ['desktop', 'dark', DESKTOP],
  ] as const)(
    'has no fault that axe-core finds on a %s, %s, and nothing stands over its edge',
    async (name, scheme, size) => {
      const shown = await view('', { size, scheme });
      const { page } = shown;
      const look = async (picture: string, whole: boolean): Promise<void> => {
        await shown.picture(`${picture}-${name}-${scheme}`, whole);
        expect([picture, await shown.overhang(), await shown.accessibilityFindings()]).toEqual([picture, 0, []]);
      };
      await page.locator('.plot canvas').nth(3).waitFor();
      await look('overview', true);
      await page.getByRole('link', { name: /^Clients/ }).click();
      await page.getByText(/\d+ in all/).waitFor();
      await look('clients', false);
      await page.getByRole('link', { name: 'sensor-001' }).click();
      await page.getByText('Subscriptions', { exact: true }).waitFor();
      await look('client', true);
      await page.getByRole('link', { name: 'Topics' }).click();
      await page.getByText('Unknown ids').first().waitFor();
      await look('topics', true);
      expect(shown.complaints).toEqual([]);
    },
  );

  it('asks who one is', async () => {
    const { page } = await open();
    expect((await page.request.get(url)).status()).toBe(401);
  });
});

describe('somebody who starts a gateway for the first time', () => {
  it('reads on the page how to send a message, does so, and sees the client appear', async () => {
    const port = await freePort();
    const first = await startedProgram([], {
      environment: {
        ...{ MQTTSN_HTTP_ENABLED: 'true', MQTTSN_HTTP_PORT: `${port}`, MQTTSN_BROKER_PORT: `${await freePort()}` },
        ...{ MQTTSN_TRANSPORTS_0_HOST: '127.0.0.1', MQTTSN_TRANSPORTS_0_PORT: `${await freePort()}` },
      },
    });
    try {
      await first.program.line(/status page: /);
      const shown = await open();
      const { page } = shown;
      await page.goto(`http://127.0.0.1:${port}/`);
      const command = await page.getByLabel('Command line').textContent();
      await shown.picture('first-desktop-light', true);
      await run('sh', ['-c', command ?? ''], { cwd: REPOSITORY });
      await page.getByRole('link', { name: 'Disconnected 1' }).click();
      const row = page.locator('[role=row][aria-rowindex="2"]');
      await row.getByText('sensors/boiler/temperature').waitFor();
      await row.getByRole('link', { name: 'sensor-1' }).click();
      await page.getByText('said DISCONNECT').waitFor();
      await page.getByText(/Without http\.users or http\.token/).waitFor();
      expect(shown.complaints).toEqual([]);
    } finally {
      await first.dispose();
    }
  });
});
