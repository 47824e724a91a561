import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import * as schemas from '../../../src/http/schemas.ts';
import { eventually } from '../../support/eventually.ts';
import { httpBench } from '../../support/http-bench.ts';

const page = httpBench();
const TOKEN = 'a-token-of-the-test';
const AS_OPERATOR = { headers: { authorization: `Bearer ${TOKEN}` } };

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>>
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: Readonly<Record<string, unknown>> }>>;
  };
}

describe('GET /api/v1/overview', () => {
  it('says how the gateway is, and nothing that is not described', async () => {
    const served = await page();
    served.gateway.add('a');
    served.gateway.add('b', { state: 'asleep' });
    const answer = await served.get('/api/v1/overview');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(schemas.overviewSchema.parse(answer.json())).toMatchObject({
      version: '9.8.7',
      broker: { url: 'mqtt://broker.example:1883', state: 'reachable', reason: null },
      transports: [{ name: 'udp', octetsSent: 60, reason: null }],
      clients: { active: 1, asleep: 1, awake: 0, lost: 0, disconnected: 0, total: 2 },
      queue: { messages: 3, octets: 30 },
      eventLoopDelay: 1.5,
      access: 'read',
      accessHint: expect.stringContaining('http.token'),
    });
  });

  it('has no hint for whoever may act', async () => {
    const served = await page({ token: TOKEN });
    const answer = await served.get('/api/v1/overview', AS_OPERATOR);
    expect(answer.json()).toMatchObject({ access: 'all', accessHint: null });
  });
});

describe('GET /api/v1/clients/{clientId}', () => {
  it('says all of one client', async () => {
    const served = await page();
    served.gateway.add('sensor/1', {
      topicIds: [{ topicId: 1, topicName: 'a/b', known: true }],
      subscriptions: [{ filter: 'cmd/#', qos: 1 }],
      willTopic: 'will',
      lastTopic: 'a/b',
      lastOctets: 7,
    });
    served.gateway.note({
      ...{ type: 'client-connected', clientId: 'sensor/1', link: 'udp:192.0.2.7:4000' },
      ...{ cleanSession: false, keepAlive: 60, will: true },
    });
    const answer = await served.get('/api/v1/clients/sensor%2F1');
    expect(schemas.clientDetailSchema.parse(answer.json())).toMatchObject({
      clientId: 'sensor/1',
      keepAlive: 60,
      willTopic: 'will',
      lastOctets: 7,
      history: [{ state: 'active', reason: null }],
      ...{ identity: null, accessRule: null, refusals: [] },
      traceUntil: null,
    });
  });

  it('says who it has proven to be, what it may do, and what was refused to it', async () => {
    const served = await page();
    const accessRule = 'access rule "meters"';
    const waitingMessages = [{ topic: 'cmd/m', qos: 1, octets: 5, since: undefined }] as const;
    served.gateway.add('m', { identity: 'Meter-7', accessRule, waiting: 1, waitingMessages });
    served.gateway.note({
      ...{ type: 'request-rejected', clientId: 'm', link: 'udp:1', message: 'SUBSCRIBE', returnCode: 3, topic: 'a/#' },
      reason: `subscribing to this filter is not granted (${accessRule})`,
    });
    const answer = await served.get('/api/v1/clients/m');
    expect(schemas.clientDetailSchema.parse(answer.json())).toMatchObject({
      ...{ identity: 'Meter-7', accessRule },
      waitingMessages: [{ topic: 'cmd/m', qos: 1, octets: 5, since: null }],
      refusals: [{ text: expect.stringContaining('is not granted (access rule "meters")'), topic: 'a/#', count: 1 }],
    });
    const found = await served.get('/api/v1/clients?search=meter-7');
    expect(schemas.clientPageSchema.parse(found.json())).toMatchObject({ total: 1, items: [{ identity: 'Meter-7' }] });
  });

  it('has those whose id no path can have by the query', async () => {
    const served = await page();
    served.gateway.add('..');
    expect((await served.get('/api/v1/clients/-?clientId=..')).json()).toMatchObject({ clientId: '..' });
  });

  it('is a problem for a client that is not there', async () => {
    const answer = await (await page()).get('/api/v1/clients/%3Cscript%3E');
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toEqual({
      type: 'urn:mqtt-sn-gateway:problem:no-such-client',
      title: 'There is no such client',
      status: 404,
      detail: 'No session has the client id "<script>".',
    });
  });
});

describe('GET /api/v1/clients', () => {
  it('finds, sorts and cuts', async () => {
    const served = await page();
    served.gateway.add('sensor-10', { state: 'asleep', lastTopic: 'Kitchen/temp' });
    served.gateway.add('sensor-9', { waiting: 3 });
    served.gateway.add('other', { transport: 'xbee', link: 'xbee:0013a20040014011' });
    const ids = async (query: string) => {
      const { total, items } = schemas.clientPageSchema.parse((await served.get(`/api/v1/clients?${query}`)).json());
      return [total, ...items.map(({ clientId }) => clientId)];
    };
    expect(await ids('')).toEqual([3, 'other', 'sensor-9', 'sensor-10']);
    expect(await ids('order=desc&limit=1')).toEqual([3, 'sensor-10']);
    expect(await ids('offset=1&limit=1')).toEqual([3, 'sensor-9']);
    expect(await ids('search=SENSOR%20kitchen')).toEqual([1, 'sensor-10']);
    expect(await ids('state=asleep')).toEqual([1, 'sensor-10']);
    expect(await ids('state=&transport=xbee')).toEqual([1, 'other']);
    expect(await ids('sort=waiting&order=desc')).toEqual([3, 'sensor-9', 'other', 'sensor-10']);
    expect(await ids('search=nobody')).toEqual([0]);
  });

  it.each(['limit=0', 'limit=10001', 'limit=1e3', 'sort=password', 'order=up', 'offset=-1', 'unknown=1', 'state=dead'])(
    'refuses %s',
    async (query) => {
      const answer = await (await page()).get(`/api/v1/clients?${query}`);
      expect([answer.status, answer.json().type]).toEqual([400, 'urn:mqtt-sn-gateway:problem:bad-request']);
      expect(answer.json().detail).toContain(query.split('=')[0]);
    },
  );
});

describe('what an operator does', () => {
  it('is done and noted, with who did it', async () => {
    const served = await page({ token: TOKEN });
    served.gateway.add('a');
    expect((await served.ask('POST', '/api/v1/clients/a/disconnect', AS_OPERATOR)).status).toBe(204);
    expect((await served.ask('DELETE', '/api/v1/clients/a', AS_OPERATOR)).status).toBe(204);
    const message = { topic: 'cmd/a', payload: 'on', qos: 1, retain: true };
    expect((await served.ask('POST', '/api/v1/publish', { ...AS_OPERATOR, body: message })).status).toBe(204);
    expect((await served.ask('POST', '/api/v1/reload', AS_OPERATOR)).json()).toEqual({
      ...{ changed: [], needsRestart: [], problems: [] },
    });
    const level = await served.ask('PUT', '/api/v1/log-level', { ...AS_OPERATOR, body: { level: 'debug' } });
    expect(level.json()).toEqual({ level: 'debug' });
    expect(served.gateway.logLevel).toBe('debug');
    expect(served.gateway.done).toEqual(['disconnect a', 'forget a', 'reload']);
    expect(served.gateway.published).toEqual([{ topic: 'cmd/a', payload: Buffer.from('on'), qos: 1, retain: true }]);
    expect(served.gateway.notes.filter(({ type }) => type === 'operator-acted')).toEqual(
      [
        ['disconnect', 'a'],
        ['forget', 'a'],
        ['publish', undefined],
        ['reload', undefined],
        ['log-level', undefined],
      ].map(([action, clientId]) => ({ type: 'operator-acted', action, clientId, by: 'token' })),
    );
  });

  it('is a problem where it cannot be done', async () => {
    const served = await page({ token: TOKEN });
    served.gateway.add('away', { state: 'lost' });
    const status = async (method: string, path: string) => (await served.ask(method, path, AS_OPERATOR)).status;
    expect(await status('POST', '/api/v1/clients/away/disconnect')).toBe(409);
    expect(await status('POST', '/api/v1/clients/nobody/disconnect')).toBe(404);
    expect(await status('DELETE', '/api/v1/clients/nobody')).toBe(404);
    served.gateway.publishProblem = 'the broker cannot be reached';
    const answer = await served.ask('POST', '/api/v1/publish', { ...AS_OPERATOR, body: { topic: 'a' } });
    expect([answer.status, answer.json().detail]).toEqual([502, 'the broker cannot be reached']);
  });

  it.each([
    ['DELETE', '/api/v1/clients/a', 'forget'],
    ['POST', '/api/v1/clients/a/disconnect', 'disconnect'],
  ])(
    '%s %s is answered when it is done for good, and with a problem where the disk does not take it',
    async (method, path, action) => {
      const served = await page({ token: TOKEN });
      served.gateway.add('a');
      let fail: (error: Error) => void = () => undefined;
      served.gateway.doing = () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        });
      let answered = false;
      const asked = served.ask(method, path, AS_OPERATOR).finally(() => {
        answered = true;
      });
      await eventually('it to be done', () => served.gateway.done.length === 1);
      await served.get('/healthz');
      expect(answered).toBe(false);
      fail(new Error('the disk has not taken it'));
      const answer = await asked;
      expect([answer.status, answer.json().detail]).toEqual([502, 'the disk has not taken it']);
      expect(served.gateway.notes.at(-1)).toMatchObject({ type: 'operator-acted', action, clientId: 'a' });
    },
  );

  it('may be octets, in the terms of a client', async () => {
    const served = await page({ token: TOKEN });
    const body = { topic: 'a', clientId: 's1', payloadBase64: '/wA=' };
    expect((await served.ask('POST', '/api/v1/publish', { ...AS_OPERATOR, body })).status).toBe(204);
    expect(served.gateway.published).toEqual([
      { topic: 'a', clientId: 's1', payload: Buffer.from([0xff, 0]), qos: 0, retain: false },
    ]);
    const both = await served.ask('POST', '/api/v1/publish', { ...AS_OPERATOR, body: { ...body, payload: 'x' } });
    expect(both.status).toBe(400);
  });
});

describe('the description of the API', () => {
  it('is OpenAPI, with every route, relative to where it is', async () => {
    const served = await page();
    const description = (await served.get('/api/openapi.json')).json<OpenApi>();
    expect(description).toMatchObject({ openapi: '3.1.0', servers: [{ url: '..' }] });
    expect(Object.keys(description.paths).sort()).toEqual([
      '/api/v1/clients',
      '/api/v1/clients/{clientId}',
      '/api/v1/clients/{clientId}/disconnect',
      '/api/v1/clients/{clientId}/trace',
      '/api/v1/events',
      '/api/v1/events/recent',
      '/api/v1/history',
      '/api/v1/log-level',
      '/api/v1/overview',
      '/api/v1/publish',
      '/api/v1/reload',
      '/api/v1/topics',
      '/healthz',
      '/metrics',
      '/readyz',
    ]);
    const overview = description.paths['/api/v1/overview']?.get;
    expect(overview?.responses['200']).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Overview' } } },
    });
    expect(description.components.schemas.Overview?.properties.uptime).toMatchObject({ type: 'integer' });
  });
});

describe('what the description says of answers', () => {
  it('is that each has some, and a problem where not; that nothing is named that is not there', async () => {
    const served = await page();
    const description = (await served.get('/api/openapi.json')).json<OpenApi>();
    const answers = new Map<string, string>();
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const { default: problem, ...right } = responses;
        expect(JSON.stringify(problem)).toContain('application/problem+json');
        answers.set(`${method} ${path}`, Object.keys(right).join());
      }
    }
    expect(answers.get('get /api/v1/overview')).toBe('200');
    expect(answers.get('post /api/v1/publish')).toBe('204');
    expect([...answers].filter(([, statuses]) => statuses !== '200' && statuses !== '204')).toEqual([]);
    expect(JSON.stringify(description.paths['/api/v1/events'])).toContain('text/event-stream');
    const named = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(new Set(named).size).toBeGreaterThan(8);
    expect(named.filter((name) => !Object.hasOwn(description.components.schemas, name))).toEqual([]);
  });
});

describe('HEAD', () => {
  it('is GET without a body, for all but streams', async () => {
    const served = await page();
    for (const path of ['/api/v1/overview', '/api/v1/clients', '/healthz', '/metrics']) {
      const answer = await served.ask('HEAD', path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, '']);
    }
    expect((await served.ask('HEAD', '/api/v1/events')).status).toBe(404);
  });
});

describe('GET /api/v1/topics', () => {
  it('has what is defined, used, given out, and missing', async () => {
    const served = await page();
    served.gateway.predefined = [
      { clientId: '*', topicId: 1, topicName: 'a', usedBy: 's1', usedAt: 5_000 },
      { clientId: 's1', topicId: 2, topicName: 'b', usedBy: undefined, usedAt: undefined },
    ];
    served.gateway.short = [{ topicName: 'xy', usedBy: 's1', usedAt: 5_000 }];
    served.gateway.add('s1', { topicIds: [{ topicId: 7, topicName: 'c', known: true }] });
    for (let count = 0; count < 3; count++) {
      served.gateway.note({
        ...{ type: 'client-publish-dropped', clientId: 's1', link: 'udp:192.0.2.7:4000', qos: 0 },
        ...{ reason: 'no such id', predefinedId: 9 },
      });
    }
    const topics = schemas.topicsSchema.parse((await served.get('/api/v1/topics')).json());
    expect(topics).toMatchObject({
      predefined: [
        { clientId: '*', usedBy: 's1', usedAt: expect.any(String) },
        { clientId: 's1', usedBy: null, usedAt: null },
      ],
      predefinedMore: 0,
      unknown: [{ clientId: 's1', topicId: 9, count: 3 }],
      short: [{ topicName: 'xy' }],
      registered: [{ clientId: 's1', topicId: 7, topicName: 'c' }],
      registeredMore: 0,
    });
  });
});

describe('GET /api/v1/events/recent', () => {
  it('has refusals and errors in the words of the log, newest first', async () => {
    const served = await page();
    const link = 'udp:192.0.2.7:4000';
    served.gateway.note({ type: 'client-refused', clientId: 's1', link, returnCode: 3, reason: 'ProtocolId 2' });
    served.gateway.note({ type: 'client-published', clientId: 's1', link, qos: 1 });
    served.gateway.note({ type: 'store-problem', reason: 'the disk is full' });
    const incidents = z.array(schemas.incidentSchema).parse((await served.get('/api/v1/events/recent')).json());
    expect(incidents).toMatchObject([
      { level: 'error', event: 'store-problem', text: 'session store: the disk is full', clientId: null, link: null },
      {
        level: 'warn',
        event: 'client-refused',
        text: 'client refused: ProtocolId 2 (rejected: not supported)',
        clientId: 's1',
        link,
      },
    ]);
  });
});
