/** Makes the picture of the status page that README.md shows, of a gateway that was made up: docs/status-page.png. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { chromium } from 'playwright-core';
import type { Incident } from '../../../src/http/api-contract.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { madeUpGateway } from '../../support/made-up-gateway.ts';

const PICTURE = new URL('../../../docs/status-page.png', import.meta.url).pathname;
const CLIENTS = 214;

function incident(minutes: number, fields: Omit<Incident, 'time'>): Incident {
  return { time: new Date(Date.now() - minutes * 60_000).toISOString(), ...fields };
}

const gateway = madeUpGateway(CLIENTS);
const { overview } = gateway;
const since = new Date(Date.now() - 25 * 60_000).toISOString();
gateway.overview = {
  ...overview,
  broker: { ...overview.broker, since },
  transports: overview.transports.map((transport) => ({
    ...transport,
    state: 'up',
    since: overview.startedAt,
    reason: null,
    problems: 0,
  })),
};
gateway.incidents = [
  incident(2, {
    level: 'warn',
    event: 'request-rejected',
    text: 'PUBLISH answered with "rejected: invalid topic id": pre-defined topic id is not configured (topic id 17)',
    clientId: 'sensor-5',
    link: 'udp:192.0.2.5:20005',
  }),
  incident(25, {
    level: 'info',
    event: 'outage-over',
    text: 'the broker was away for 20 s: 205 clients back, 9 lost',
    clientId: null,
    link: null,
  }),
  incident(170, {
    level: 'warn',
    event: 'client-refused',
    text: 'client refused: as many sessions as may be (rejected: congestion)',
    clientId: 'meter-77',
    link: 'udp:192.0.2.77:20077',
  }),
];

const api = await FakeApi.start(gateway);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1_240, height: 800 }, colorScheme: 'light' });
await page.goto(api.url);
await page.locator('.plot canvas').nth(3).waitFor();
mkdirSync(dirname(PICTURE), { recursive: true });
await page.screenshot({ path: PICTURE, fullPage: true });
await browser.close();
await api.close();
