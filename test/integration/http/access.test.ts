import { beforeAll, describe, expect, it } from '@jest/globals';
import { hashPassword } from '../../../src/http/access/password-hash.ts';
import { eventually } from '../../support/eventually.ts';
import { httpBench, type ServedPage } from '../../support/http-bench.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const page = httpBench();
const TOKEN = 'a-token-of-the-test';
const PASSWORD = 'Gräfin:Löwe';

let users: { name: string; passwordHash: string }[];

beforeAll(async () => {
  users = [{ name: 'anna', passwordHash: await hashPassword(PASSWORD) }];
});

const basic = (name: string, password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
});
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Method, path, body. */
const ACTIONS: readonly (readonly [string, string, unknown])[] = [
  ['POST', '/api/v1/clients/a/disconnect', undefined],
  ['DELETE', '/api/v1/clients/a', undefined],
  ['POST', '/api/v1/publish', { topic: 'a' }],
  ['POST', '/api/v1/reload', undefined],
  ['PUT', '/api/v1/log-level', { level: 'trace' }],
  ['POST', '/api/v1/clients/a/trace', { seconds: 1 }],
  ['GET', '/api/v1/clients/a/trace', undefined],
  ['DELETE', '/api/v1/clients/a/trace', undefined],
];

const SHOWN = [
  '/',
  '/api/v1/overview',
  '/api/v1/clients',
  '/api/v1/topics',
  '/api/openapi.json',
  '/metrics',
  '/nowhere',
];

describe('without users and token', () => {
  it.each(ACTIONS)('%s %s is refused with the setting to make, and does nothing', async (method, path, body) => {
    const served = await page();
    served.gateway.add('a');
    const answer = await served.ask(method, path, { body });
    expect(answer.status).toBe(403);
    expect(answer.json().detail).toMatch(/Set http\.users .*or http\.token/);
    expect([served.gateway.done, served.gateway.published, served.gateway.logLevel]).toEqual([[], [], 'info']);
    expect(served.gateway.notes.map(({ type }) => type)).toEqual(['http-up']);
  });

  it('everything else is shown', async () => {
    const served = await page();
    for (const path of SHOWN.filter((one) => one !== '/nowhere')) {
      expect([path, (await served.get(path)).status]).toEqual([path, 200]);
    }
  });
});

describe('with users or a token', () => {
  it.each([
    ...SHOWN.map((path) => ['GET', path] as const),
    ...ACTIONS.map(([method, path]) => [method, path] as const),
  ])('%s %s needs one of them', async (method, path) => {
    const served = await page({ users, token: TOKEN });
    const answer = await served.ask(method, path);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(
      'Basic realm="MQTT-SN gateway", charset="UTF-8", Bearer realm="MQTT-SN gateway"',
    );
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('health is for everybody: what watches over a gateway has no password', async () => {
    const served = await page({ users, token: TOKEN });
    expect((await served.get('/healthz')).json()).toMatchObject({ status: 'ok' });
    expect((await served.get('/readyz')).json()).toMatchObject({ status: 'ok' });
  });

  it('the right ones are let in, and act', async () => {
    const served = await page({ users, token: TOKEN });
    served.gateway.add('a');
    expect((await served.get('/api/v1/overview', basic('anna', PASSWORD))).status).toBe(200);
    expect((await served.get('/api/v1/overview', bearer(TOKEN))).status).toBe(200);
    expect((await served.ask('POST', '/api/v1/clients/a/disconnect', basic('anna', PASSWORD))).status).toBe(204);
    expect(served.gateway.notes.at(-1)).toEqual({
      ...{ type: 'operator-acted', action: 'disconnect', clientId: 'a', by: 'anna' },
    });
  });

  it.each([
    ['a wrong password', basic('anna', 'guess')],
    ['a user that there is not', basic('bert', PASSWORD)],
    ['no password', basic('anna', '')],
    ['a wrong token', bearer('b-token-of-the-test')],
    ['a token that is longer', bearer(`${TOKEN}x`)],
    ['the token as a password', basic('token', TOKEN)],
    ['another scheme', { headers: { authorization: 'Digest username="anna"' } }],
    ['what is no base64', { headers: { authorization: 'Basic %%%' } }],
  ])('%s is refused', async (_what, asking) => {
    const served = await page({ users, token: TOKEN });
    expect((await served.get('/api/v1/overview', asking)).status).toBe(401);
  });

  it('a user is known by his password alone where there is no token, and a script by the token alone where there are no users', async () => {
    const forUsers = await page({ users });
    expect((await forUsers.get('/', bearer(TOKEN))).status).toBe(401);
    expect((await forUsers.get('/')).headers['www-authenticate']).toBe(
      'Basic realm="MQTT-SN gateway", charset="UTF-8"',
    );
    const forScripts = await page({ token: TOKEN });
    expect((await forScripts.get('/', basic('anna', PASSWORD))).status).toBe(401);
  });

  it('a browser gets in with the token as its password where there are no users, and acts; five wrong ones and it is not listened to', async () => {
    const served = await page({ token: TOKEN, clock: new ManualClock() });
    served.gateway.add('a');
    expect((await served.get('/')).json().detail).toMatch(
      /any user name, and the token \(http\.token\) as the password/,
    );
    expect((await served.get('/', basic('whoever', TOKEN))).headers['content-type']).toMatch(/^text\/html/);
    expect((await served.get('/api/v1/overview', basic('', TOKEN))).json()).toMatchObject({ access: 'all' });
    expect((await served.ask('DELETE', '/api/v1/clients/a', basic('anna', TOKEN))).status).toBe(204);
    expect(served.gateway.notes.at(-1)).toMatchObject({ type: 'operator-acted', action: 'forget', by: 'token' });
    const guesses = [];
    for (let number = 0; number < 6; number++) {
      guesses.push((await served.get('/', basic('anna', `${TOKEN}${number}`))).status);
    }
    expect(guesses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await served.get('/', basic('anna', TOKEN))).status).toBe(429);
  });

  it('many requests with a password that is new cost one hash', async () => {
    const served = await page({ users });
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => served.get('/api/v1/overview', basic('anna', PASSWORD))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('users and token that change while it is served', () => {
  it('count at once; whoever was let in by the former ones hears nothing more', async () => {
    const clock = new ManualClock();
    const served = await page({ token: TOKEN, clock });
    served.gateway.add('a');
    await served.ask('POST', '/api/v1/clients/a/trace', { ...bearer(TOKEN), body: { seconds: 600 } });
    const streams = await Promise.all(
      ['/api/v1/events', '/api/v1/clients/a/trace'].map((path) => served.stream(path, bearer(TOKEN))),
    );
    served.access = { ...served.access, allowedHosts: ['other.example'] };
    clock.advance(5_000);
    expect(streams.map(({ status, ended }) => [status, ended])).toEqual([
      [200, false],
      [200, false],
    ]);
    served.access = { ...served.access, token: 'another-token-of-the-test' };
    expect((await served.get('/api/v1/overview', bearer(TOKEN))).status).toBe(401);
    expect((await served.get('/api/v1/overview', bearer('another-token-of-the-test'))).status).toBe(200);
    clock.advance(5_000);
    await eventually('the end of both', () => streams.every(({ ended }) => ended));
  });

  it('are asked for from then on where there were none', async () => {
    const served = await page();
    expect((await served.get('/api/v1/overview')).json()).toMatchObject({ access: 'read' });
    served.access = { ...served.access, token: TOKEN };
    expect((await served.get('/api/v1/overview')).status).toBe(401);
    expect((await served.get('/api/v1/overview', bearer(TOKEN))).json()).toMatchObject({ access: 'all' });
  });
});

describe('whoever guesses', () => {
  const guess = async (served: ServedPage, count: number, from = '127.0.0.1') => {
    const answers = [];
    for (let number = 0; number < count; number++) {
      answers.push(await served.get('/', { ...bearer(`guess-number-${number}-of-many`), from }));
    }
    return answers.map(({ status }) => status);
  };

  it('is not listened to after five failures in a minute, not even when he is right; others are', async () => {
    const clock = new ManualClock();
    const served = await page({ users, token: TOKEN, clock });
    expect(await guess(served, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    const blocked = await served.get('/', bearer(TOKEN));
    expect([blocked.status, blocked.headers['retry-after']]).toEqual([429, '60']);
    expect((await served.get('/', basic('anna', PASSWORD))).status).toBe(429);
    expect((await served.get('/', { ...bearer(TOKEN), from: '127.0.0.2' })).status).toBe(200);
    expect(served.gateway.notes.filter(({ type }) => type === 'http-login-blocked')).toEqual([
      { type: 'http-login-blocked', address: '127.0.0.1', seconds: 60 },
    ]);
    clock.advance(59_000);
    expect((await served.get('/', bearer(TOKEN))).status).toBe(429);
    clock.advance(1_000);
    expect((await served.get('/', bearer(TOKEN))).status).toBe(200);
  });

  it('is listened to again where failures are few, and a browser that asks without a password has not failed', async () => {
    const clock = new ManualClock();
    const served = await page({ token: TOKEN, clock });
    for (let minute = 0; minute < 3; minute++) {
      expect(await guess(served, 4)).toEqual([401, 401, 401, 401]);
      clock.advance(60_000);
    }
    for (let number = 0; number < 10; number++) {
      expect((await served.get('/')).status).toBe(401);
    }
    expect((await served.get('/', bearer(TOKEN))).status).toBe(200);
  });

  it('learns no more by many guesses at a time', async () => {
    const served = await page({ users, clock: new ManualClock() });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, number) => served.get('/', basic('anna', `guess number ${number}`))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
  });

  it('is asked to be slower where he asks too often, whatever he asks', async () => {
    const clock = new ManualClock();
    const served = await page({ clock });
    const statuses = [];
    for (let number = 0; number < 410; number++) {
      statuses.push((await served.get('/healthz')).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(400);
    expect(statuses.slice(400)).toEqual(Array.from({ length: 10 }, () => 429));
    expect((await served.get('/healthz', { from: '127.0.0.2' })).status).toBe(200);
    clock.advance(1_000);
    expect((await served.get('/healthz')).status).toBe(200);
  });
});

describe('a secret', () => {
  it('is in no answer', async () => {
    const served = await page({ users, token: TOKEN });
    served.gateway.add('a');
    const description = (await served.get('/api/openapi.json', bearer(TOKEN))).json<{
      paths: Record<string, object>;
    }>();
    const paths = Object.entries(description.paths)
      .filter(([path, methods]) => 'get' in methods && !path.endsWith('/events') && !path.endsWith('/trace'))
      .map(([path]) => path.replace('{clientId}', 'a'));
    expect(paths.length).toBeGreaterThan(8);
    for (const path of [...paths, '/', '/api/openapi.json', '/nowhere']) {
      const answer = await served.get(path, bearer(TOKEN));
      for (const secret of [TOKEN, PASSWORD, users[0]?.passwordHash ?? '?', '$scrypt']) {
        expect([path, answer.text.includes(secret), JSON.stringify(answer.headers).includes(secret)]).toEqual([
          path,
          false,
          false,
        ]);
      }
    }
  });
});
