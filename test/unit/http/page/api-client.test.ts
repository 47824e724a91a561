import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from '../../../../src/http/page/model/api-client.ts';
import { GatewayClock } from '../../../../src/http/page/model/gateway-clock.ts';
import { ALL_CLIENTS } from '../../../../src/http/page/model/route.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly date?: string;
}

let server: Server;
let asked: string[];
let answer: Answer;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: '{}' };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += String(part);
    }
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    if (answer.date !== undefined) {
      response.setHeader('date', answer.date);
    }
    response.writeHead(answer.status).end(answer.status === 204 ? undefined : answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  jest.useRealTimers();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function address(): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(path = '/', clock = new GatewayClock()): ApiClient {
  return new ApiClient(new URL(`http://${address()}${path}`), clock);
}

describe('requests of the page', () => {
  it('go below the path of the page, as behind a proxy, and leave the credentials of its address to the browser', async () => {
    const api = new ApiClient(new URL(`http://me:secret@${address()}/some/prefix/?x=1#/clients`), new GatewayClock());
    await api.overview();
    expect(asked).toEqual(['GET /some/prefix/api/v1/overview']);
    expect(api.url('events')).toBe(`http://${address()}/some/prefix/api/v1/events`);
  });

  it('name a client in the path, or in the query where a path has no room for it', async () => {
    const api = client();
    await api.client('sensor-1_A');
    await api.disconnect('..');
    await api.forget('a/b c');
    await api.startTrace('ü', 60);
    expect(asked).toEqual([
      'GET /api/v1/clients/sensor-1_A',
      'POST /api/v1/clients/-/disconnect?clientId=.. {}',
      'DELETE /api/v1/clients/-?clientId=a%2Fb%20c',
      'POST /api/v1/clients/-/trace?clientId=%C3%BC {"seconds":60}',
    ]);
    expect(api.traceUrl('sensor-1')).toBe(`http://${address()}/api/v1/clients/sensor-1/trace`);
  });

  it('ask for as many clients as there may be, and name only what is chosen', async () => {
    await client().clients({ ...ALL_CLIENTS, search: 'a&b' });
    expect(asked).toEqual(['GET /api/v1/clients?search=a%26b&sort=clientId&order=asc&limit=10000']);
    await client().clients({ ...ALL_CLIENTS, page: 3 });
    expect(asked[1]).toBe('GET /api/v1/clients?sort=clientId&order=asc&limit=10000&offset=20000');
  });

  it('wait for what is done longer than for what is told: broker and disk may take their time', async () => {
    const limits = jest.spyOn(AbortSignal, 'timeout');
    await client().client('a');
    await client().publish({ topic: 't', payload: 'x' });
    await client().forget('a');
    expect(limits.mock.calls).toEqual([[15_000], [40_000], [40_000]]);
    limits.mockRestore();
  });

  it('take an answer without content', async () => {
    answer = { status: 204, body: '' };
    await expect(client().publish({ topic: 't', payload: 'x' })).resolves.toBeUndefined();
  });

  it('fail with what the problem says, or at least with its status', async () => {
    answer = {
      status: 403,
      body: JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, detail: 'Set http.users.' }),
    };
    await expect(client().forget('a')).rejects.toMatchObject({ status: 403, message: 'Set http.users.' });
    answer = { status: 502, body: '<h1>Bad gateway</h1>' };
    await expect(client().overview()).rejects.toMatchObject({
      status: 502,
      message: 'The gateway answers with status 502.',
    });
  });

  it('say so where what answers is no gateway, or nothing answers', async () => {
    answer = { status: 200, body: '<h1>Hello</h1>' };
    await expect(client().overview()).rejects.toThrow('is no gateway');
    const api = client();
    await new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await expect(api.overview()).rejects.toMatchObject({ status: 0, message: 'The gateway does not answer.' });
  });
});

describe('the time of the gateway', () => {
  it('is told by its answers where its clock is another', async () => {
    const clock = new GatewayClock();
    answer = { ...answer, date: new Date(Date.now() - 3_600_000).toUTCString() };
    await client('/', clock).overview();
    const behind = Date.now() - clock.now();
    expect(Math.abs(behind - 3_600_000)).toBeLessThan(60_000);
    expect(behind).toBeGreaterThan(3_500_000);
  });

  it('is ours where the clocks agree within what whole seconds tell', () => {
    jest.useFakeTimers({ now: 1e12 + 700 });
    const clock = new GatewayClock();
    clock.heard(new Date(1e12 - 1_000).toUTCString());
    expect(clock.now()).toBe(Date.now());
    clock.heard(new Date(1e12 - 60_000).toUTCString());
    expect(clock.now()).toBe(1e12 - 60_000 + 500);
    clock.heard(null);
    clock.heard('tomorrow');
    expect(clock.now()).toBe(1e12 - 60_000 + 500);
  });
});
