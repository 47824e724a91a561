import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { browserBench, DESKTOP, type PageUnderTest, PHONE } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeApi, itemOf } from '../../support/fake-api.ts';
import { madeUpClient, madeUpGateway } from '../../support/made-up-gateway.ts';

const open = browserBench();
let api: FakeApi;

beforeAll(async () => {
  api = await FakeApi.start(madeUpGateway(0));
});

afterAll(() => api.close());

/** From now on it is another gateway, with so many clients. */
function gatewayWith(count: number): void {
  api.gateway = madeUpGateway(count);
  api.done.length = 0;
}

async function rowsInDocument({ page }: PageUnderTest): Promise<number> {
  return page.locator('[role=row][aria-rowindex]').count();
}

describe('ten thousand clients', () => {
  it('are a list of which only what is in sight is in the document, from the first to the last', async () => {
    gatewayWith(10_000);
    const shown = await open();
    const { page } = shown;
    await page.goto(`${api.url}#/clients`);
    await page.getByText('10,000 in all').waitFor();
    await page.getByRole('link', { name: 'sensor-1', exact: true }).waitFor();
    expect(await rowsInDocument(shown)).toBeLessThan(60);
    const grid = page.getByRole('grid', { name: 'Clients' });
    expect(await grid.getAttribute('aria-rowcount')).toBe('10001');

    await grid.focus();
    await grid.press('End');
    await page.getByRole('link', { name: 'sensor-10000', exact: true }).waitFor();
    expect(await rowsInDocument(shown)).toBeLessThan(60);
    await grid.press('Home');
    await page.getByRole('link', { name: 'sensor-1', exact: true }).waitFor();
    expect(shown.complaints).toEqual([]);
  });

  it('are searched as one types, and opened by keyboard alone', async () => {
    gatewayWith(10_000);
    const { page } = await open();
    await page.goto(`${api.url}#/clients`);
    await page.getByText('10,000 in all').waitFor();
    await page.getByLabel(/^Search/).pressSequentially('sensor-999');
    await page.getByText('11 of 10,000').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'sensor-9990', level: 1 }).waitFor();
    await page.goBack();
    await page.getByText('11 of 10,000').waitFor();
    expect(await page.getByLabel(/^Search/).inputValue()).toBe('sensor-999');
  });

  it('change in their rows as the gateway tells, and go', async () => {
    gatewayWith(10_000);
    const { page } = await open();
    await page.goto(`${api.url}#/clients?sort=waiting&order=desc`);
    await page.getByText('10,000 in all').waitFor();
    const first = page.locator('[role=row][aria-rowindex="2"]');
    api.say('clients', { changed: [{ ...itemOf(madeUpClient(77)), waiting: 4_321 }], removed: [], reset: false });
    await first.getByText('4,321').waitFor();
    expect(await first.getByRole('link').textContent()).toBe('sensor-77');
    api.say('clients', { changed: [], removed: ['sensor-77'], reset: false });
    await page.getByText('9,999 in all').waitFor();
    await first.getByText('4,321').waitFor({ state: 'detached' });
  });
});

describe('more clients than are told at once', () => {
  it('are gone through a page at a time, and found wherever they are', async () => {
    gatewayWith(20_001);
    const shown = await open();
    const { page } = shown;
    await page.goto(`${api.url}#/clients`);
    await page.getByText('1 to 10,000 of 20,001').waitFor();
    const pages = page.getByRole('navigation', { name: 'Pages of clients' });
    expect(await pages.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    await pages.getByRole('button', { name: 'Next' }).click();
    await page.getByText('10,001 to 20,000 of 20,001').waitFor();
    await page.getByRole('link', { name: 'sensor-10001', exact: true }).waitFor();
    expect(await page.locator('[role=row][aria-rowindex="10002"]').getByRole('link').textContent()).toBe(
      'sensor-10001',
    );
    await shown.picture('pages-of-clients');
    await pages.getByRole('button', { name: 'Next' }).click();
    await page.getByText('20,001 to 20,001 of 20,001').waitFor();
    expect(await pages.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.reload();
    await page.getByText('20,001 to 20,001 of 20,001').waitFor();
    await page.getByLabel(/^Search/).fill('sensor-19999');
    await page.getByText('1 of 20,001').waitFor();
    await page.getByRole('link', { name: 'sensor-19999', exact: true }).waitFor();
    expect(shown.complaints).toEqual([]);
  });
});

describe('texts of strangers', () => {
  const EVIL = `"'><img src=x onerror=alert(1)>`;
  const SCRIPT = '<script>alert(2)</script>{{7*7}}&lt;';

  it('are shown as the texts that they are', async () => {
    gatewayWith(3);
    const client = madeUpClient(1, {
      clientId: EVIL,
      lastTopic: SCRIPT,
      willTopic: SCRIPT,
      subscriptions: [{ filter: `${SCRIPT}/#`, qos: 1 }],
      topicIds: [{ topicId: 1, topicName: SCRIPT, known: true }],
      history: [{ time: new Date().toISOString(), state: '<b>odd</b>', reason: SCRIPT }],
    });
    api.gateway.clients.set(EVIL, client);
    api.gateway.incidents = [
      { time: new Date().toISOString(), level: 'error', event: 'x', text: SCRIPT, clientId: EVIL, link: '<i>link</i>' },
    ];
    api.gateway.topics = {
      ...api.gateway.topics,
      unknown: [{ clientId: EVIL, link: SCRIPT, topicId: 7, count: 1, lastSeen: new Date().toISOString() }],
    };
    const shown = await open();
    const { page } = shown;
    await page.goto(api.url);
    await page.getByText(SCRIPT).waitFor();
    await page.getByRole('link', { name: EVIL }).click();
    await page.getByRole('heading', { name: EVIL, level: 1 }).waitFor();
    await page.getByText('<b>odd</b>').waitFor();
    await page.getByRole('button', { name: 'Show frames' }).click();
    await eventually('the stream of frames', () => api.traced(EVIL) === 1);
    api.frame(EVIL, {
      time: new Date().toISOString(),
      direction: 'received',
      link: 'l',
      text: `PUBLISH ${SCRIPT}`,
      hex: '',
    });
    await page.getByText(`PUBLISH ${SCRIPT}`).waitFor();
    await page.goto(`${api.url}#/topics`);
    await page.getByText(JSON.stringify(EVIL)).waitFor();
    await page.goto(`${api.url}#/clients`);
    await page.getByRole('link', { name: EVIL }).waitFor();
    expect(await page.locator('main img, main script, main b, main i').count()).toBe(0);
    expect([shown.alerts, shown.complaints]).toEqual([[], []]);
  });
});

describe('a client id that looks like another one', () => {
  it('does not: what is not seen of it is written out', async () => {
    gatewayWith(1);
    const id = 'sensor-1\u200b\u202e';
    api.gateway.clients.set(id, madeUpClient(2, { clientId: id }));
    const { page } = await open();
    await page.goto(`${api.url}#/clients`);
    await page.getByRole('link', { name: 'sensor-1', exact: true }).waitFor();
    await page.getByRole('link', { name: 'sensor-1\\u{200b}\\u{202e}', exact: true }).click();
    await page.getByRole('heading', { name: 'sensor-1\\u{200b}\\u{202e}', level: 1 }).waitFor();
  });
});

describe('what can be done to a client', () => {
  it('is done after a question, and not where the answer is no', async () => {
    gatewayWith(3);
    const { page } = await open();
    await page.goto(`${api.url}#/clients/sensor-1`);
    await page.getByRole('button', { name: 'Disconnect …' }).click();
    const question = page.getByRole('dialog', { name: 'Disconnect sensor-1?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Disconnect …');
    await page.getByRole('button', { name: 'Forget session …' }).click();
    await page.getByRole('dialog', { name: 'Forget the session of sensor-1?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(api.done).toEqual([]);

    await page.getByRole('button', { name: 'Disconnect …' }).click();
    await question.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('DISCONNECT was sent to sensor-1.').waitFor();
    await page.getByRole('button', { name: 'Forget session …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget session' }).click();
    await page.getByText('The gateway knows no such client').waitFor();
    expect(api.done).toEqual(['POST clients/sensor-1/disconnect {}', 'DELETE clients/sensor-1']);
  });

  it('publishes on a topic of it, and says whom a topic does not reach', async () => {
    gatewayWith(3);
    const { page } = await open();
    await page.goto(`${api.url}#/clients/sensor-1`);
    await page.getByRole('button', { name: 'Publish …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Publish' });
    await dialog.getByText('sensor-1 has subscribed to it.').waitFor();
    expect(await dialog.getByLabel('Topic').inputValue()).toBe('cmd/sensor-1/valve');
    await dialog.getByLabel('Topic').fill('elsewhere/#');
    await dialog.getByText('No subscription of sensor-1 fits.').waitFor();
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.getByText('A topic to publish to has no + and no #.').waitFor();
    await dialog.getByLabel('Topic').fill('site/hall-1/alarm');
    await dialog.getByLabel('Payload, as text').fill('öpen');
    await dialog.getByLabel('QoS').selectOption('2');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Published 5 B to site/hall-1/alarm.').waitFor();
    expect(api.done).toEqual([
      'POST publish {"topic":"site/hall-1/alarm","clientId":"sensor-1","payload":"öpen","qos":2,"retain":false}',
    ]);
  });

  it('is switched off, with the setting to make, for those who may only look', async () => {
    gatewayWith(3);
    const hint = 'Set http.users or http.token to act from here.';
    api.gateway.overview = { ...api.gateway.overview, access: 'read', accessHint: hint };
    const { page } = await open();
    await page.goto(`${api.url}#/clients/sensor-1`);
    await page.getByText(hint).waitFor();
    for (const name of ['Publish …', 'Disconnect …', 'Forget session …', 'Show frames']) {
      expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
    }
  });

  it('shows its frames until the gateway says that it is over, also over a reload', async () => {
    gatewayWith(3);
    const { page } = await open();
    const frame = { time: new Date().toISOString(), link: 'udp:x', hex: '02 16' };
    await page.goto(`${api.url}#/clients/sensor-1`);
    await page.getByRole('button', { name: 'Show frames' }).click();
    await page.getByText('Waiting for the next frame').waitFor();
    await eventually('the stream of frames', () => api.traced('sensor-1') === 1);
    api.frame('sensor-1', { ...frame, direction: 'received', text: 'PINGREQ' });
    await page.getByText('PINGREQ', { exact: true }).waitFor();
    await page.getByLabel('Octets').check();
    await page.getByText('02 16').waitFor();
    await page.reload();
    await page.getByText('Waiting for the next frame').waitFor();
    await eventually('the stream of frames', () => api.traced('sensor-1') === 1);
    api.frame('sensor-1', { ...frame, direction: 'sent', text: 'PINGRESP' });
    await page.getByText('PINGRESP', { exact: true }).waitFor();
    api.endTrace('sensor-1');
    await page.getByText('The trace is over.').waitFor();
    await page.getByRole('button', { name: 'Show frames' }).waitFor();
    expect(await page.getByText('PINGRESP', { exact: true }).isVisible()).toBe(true);
  });
});

describe('why a client is refused', () => {
  it('is on its page, with its identity and the rule that decides', async () => {
    gatewayWith(200);
    const shown = await open();
    const { page } = shown;
    await page.goto(`${api.url}#/clients`);
    await page.getByLabel(/^Search/).fill('METER-14');
    await page.getByRole('link', { name: 'sensor-14', exact: true }).click();
    await page.getByText('meter-14', { exact: true }).waitFor();
    await page.getByText('access rule "meters"', { exact: true }).waitFor();
    const refused = page.locator('.card', { has: page.getByRole('heading', { name: 'Refused' }) });
    await refused.getByText('publishing to this topic is not granted (access rule "meters")').waitFor();
    await refused.getByText('site/hall-5/set').waitFor();
    await refused.getByText('12 times').waitFor();
    const waiting = page.locator('.card', { has: page.getByRole('heading', { name: 'Waiting' }) });
    await waiting.getByText('cmd/sensor-14/valve').first().waitFor();
    await shown.picture('made-up-refused', true);
    expect(shown.complaints).toEqual([]);
  });

  it('is said also where it has no session for that', async () => {
    gatewayWith(3);
    const text = 'client refused: connecting is not granted (no access rule fits) (not supported)';
    const incident = { level: 'warn', event: 'client-refused', text, clientId: 'stranger', link: 'udp:x' } as const;
    api.gateway.incidents = [1, 2].map(() => ({ ...incident, time: new Date().toISOString() }));
    const { page } = await open();
    await page.goto(api.url);
    await page.getByRole('link', { name: 'stranger' }).click();
    await page.getByText('The gateway knows no such client').waitFor();
    await page.getByText(text).waitFor();
    await page.getByText('2 times').waitFor();
  });
});

describe('a connection that breaks', () => {
  it('is said, with the reason where the gateway has one, and made again', async () => {
    gatewayWith(3);
    const { page } = await open();
    await page.goto(api.url);
    await page.getByText('Version 0.1.0').waitFor();
    api.refuse({ status: 429, detail: 'Too many failures: try again in a minute.' });
    await page.getByText('Connection lost, trying again.').waitFor();
    await page.getByText('Too many failures: try again in a minute.').waitFor();
    const tryNow = await page.getByRole('button', { name: 'Try now' }).elementHandle();
    api.refuse(undefined);
    api.gateway.overview = { ...api.gateway.overview, version: '9.9.9' };
    await tryNow?.dispatchEvent('click'); // a slow mouse may meet the button that takes its place: the page tries by itself as well
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Version 9.9.9').waitFor();
    await page.getByText('Connection lost, trying again.').waitFor({ state: 'detached' });
    await page.getByText('The gateway is of another version now than this page.').waitFor();
    await page.getByRole('button', { name: 'Load it again' }).click();
    await page.getByText('Version 9.9.9').waitFor();
    expect(await page.getByText('another version').count()).toBe(0);
  });
});

describe('a gateway without clients', () => {
  it('shows how to be the first one', async () => {
    gatewayWith(0);
    const shown = await open();
    const { page } = shown;
    await page.goto(api.url);
    await page
      .getByText('node bin/mqtt-sn-gateway.js pub -i sensor-1 -c -t sensors/boiler/temperature -m 21.5 -q 1')
      .waitFor();
    await page.goto(`${api.url}#/clients`);
    await page.getByText('No client has come yet').waitFor();
    await shown.picture('no-client');
    expect(shown.complaints).toEqual([]);
  });
});

describe('the page', () => {
  it.each([
    ['phone', 'dark', PHONE],
    ['desktop', 'light', DESKTOP],
  ] as const)(
    'on a %s, %s, has no fault that axe-core finds, and nothing stands over its edge',
    async (name, scheme, size) => {
      gatewayWith(200);
      const shown = await open({ size, scheme });
      const { page } = shown;
      const look = async (picture: string, whole: boolean): Promise<void> => {
        await shown.picture(`made-up-${picture}-${name}-${scheme}`, whole);
        expect([picture, await shown.overhang(), await shown.accessibilityFindings()]).toEqual([picture, 0, []]);
      };
      await page.goto(api.url);
      await page.locator('.plot canvas').nth(3).waitFor();
      await look('overview', true);
      await page.goto(`${api.url}#/clients`);
      await page.getByText('200 in all').waitFor();
      await look('clients', false);
      await page.goto(`${api.url}#/clients/sensor-3`);
      await page.getByText('Subscriptions', { exact: true }).waitFor();
      await look('client', true);
      await page.getByRole('button', { name: 'Publish …' }).click();
      await page.getByRole('dialog').waitFor();
      await look('publish', false);
      await page.keyboard.press('Escape');
      await page.goto(`${api.url}#/topics`);
      await page.getByText('Unknown ids').waitFor();
      await look('topics', true);
      expect(shown.complaints).toEqual([]);
    },
  );
});
