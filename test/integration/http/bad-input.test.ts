import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { nodeServer } from '../../../src/http/node-server.ts';
import { eventually, within } from '../../support/eventually.ts';
import { closedBy, httpBench } from '../../support/http-bench.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const page = httpBench();
const TOKEN = 'a-token-of-the-test';
const OPERATOR = { authorization: `Bearer ${TOKEN}` };
const typeOf = (name: string) => `urn:mqtt-sn-gateway:problem:${name}`;

describe('a path that leads elsewhere', () => {
  it.each([
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/library/../../../../package.json',
    '/library/..%5c..%5cpackage.json',
    '/index.html',
    '/main.js%00.css',
    '//etc/passwd',
    '/style/',
    '/library',
    '/__proto__',
    '/constructor',
  ])('%s is not found', async (path) => {
    const answer = await (await page()).get(path);
    expect([answer.status, answer.json().type]).toEqual([404, typeOf('not-found')]);
  });

  it.each(['/%', '/%zz', '/api/v1/clients/%ff%'])('%s is no path', async (path) => {
    const answer = await (await page()).get(path);
    expect([answer.status, answer.json().type]).toEqual([400, typeOf('bad-request')]);
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('is long, and shown short', async () => {
    const answer = await (await page()).get(`/${'a'.repeat(8_000)}`);
    expect([answer.status, answer.text.length < 400]).toEqual([404, true]);
  });
});

describe('a method that a path does not have', () => {
  it.each([
    ['POST', '/api/v1/overview', 'GET'],
    ['GET', '/api/v1/reload', 'POST'],
    ['PUT', '/api/v1/clients/a?x=1', 'GET, DELETE'],
    ['DELETE', '/api/v1/log-level', 'GET, PUT'],
    ['TRACE', '/healthz', 'GET'],
  ])('%s %s is refused with those that it has', async (method, path, allowed) => {
    const answer = await (await page()).ask(method, path);
    expect([answer.status, answer.json().type, answer.headers.allow]).toEqual([405, typeOf('method'), allowed]);
  });

  it.each([
    ['POST', '/'],
    ['DELETE', '/api/v1/nothing'],
    ['PUT', '/api/v1/clients/a/b/c'],
  ])('%s %s finds nothing', async (method, path) => {
    expect((await (await page()).ask(method, path)).status).toBe(404);
  });
});

describe('a request that is too large', () => {
  it.each([
    ['headers', { headers: { 'x-long': 'a'.repeat(20_000) } }],
    ['a path', {}],
  ])('%s of more than 16 KiB is refused, and the connection closed', async (what, asking) => {
    const path = what === 'a path' ? `/${'a'.repeat(20_000)}` : '/';
    const answer = await (await page()).get(path, asking);
    expect([answer.status, answer.headers.connection]).toEqual([431, 'close']);
    expect(answer.json()).toMatchObject({ status: 431 });
  });

  it.each([
    ['PUT', '/api/v1/log-level', 20_000],
    ['POST', '/api/v1/clients/a/trace', 20_000],
    ['POST', '/api/v1/publish', 1_100_000],
  ])('a body of %s %s is refused as soon as it is known to be', async (method, path, octets) => {
    const served = await page({ token: TOKEN });
    const socket = await served.connect();
    // Only the length is told: nothing has to come for that.
    socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${OPERATOR.authorization}\r\ncontent-type: application/json\r\ncontent-length: ${octets}\r\nconnection: close\r\n\r\n`,
    );
    const said = await closedBy(socket);
    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    expect(said).toContain(typeOf('too-large'));
  });

  it('a body in parts is refused where it becomes too large', async () => {
    const served = await page({ token: TOKEN });
    const socket = await served.connect();
    socket.write(
      `PUT /api/v1/log-level HTTP/1.1\r\nhost: localhost\r\nauthorization: ${OPERATOR.authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`,
    );
    const part = `${(1_024).toString(16)}\r\n${' '.repeat(1_024)}\r\n`;
    for (let sent = 0; sent <= 17; sent++) {
      socket.write(part);
    }
    expect(await closedBy(socket)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a payload may have 65,535 octets, however it is written', async () => {
    const served = await page({ token: TOKEN });
    const status = async (body: object) =>
      (await served.ask('POST', '/api/v1/publish', { headers: OPERATOR, body: { topic: 'a', ...body } })).status;
    expect(await status({ payloadBase64: Buffer.alloc(65_535).toString('base64') })).toBe(204);
    expect(await status({ payloadBase64: Buffer.alloc(65_536).toString('base64') })).toBe(413);
    expect(await status({ payload: '\u0001'.repeat(65_535) })).toBe(204);
    expect(await status({ payload: 'ä'.repeat(32_768) })).toBe(413);
    expect(served.gateway.published.map(({ payload }) => payload.length)).toEqual([65_535, 65_535]);
  });
});

describe('a body that is none', () => {
  it.each([
    ['no JSON', '{', 400],
    ['another type', '"debug"', 400],
    ['too much in it', { level: 'debug', more: 1 }, 400],
    ['too little in it', {}, 400],
    ['a level that there is not', { level: 'loud' }, 400],
    ['nothing', undefined, 400],
    ['a prototype', '{"__proto__":{"level":"debug"}}', 400],
  ])('is refused: %s', async (_what, body, status) => {
    const served = await page({ token: TOKEN });
    const answer = await served.ask('PUT', '/api/v1/log-level', { headers: OPERATOR, body });
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(served.gateway.logLevel).toBe('info');
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'is refused where it is what forms of web sites send: %s',
    async (type) => {
      const served = await page({ token: TOKEN });
      const headers = { ...OPERATOR, 'content-type': type };
      const answer = await served.ask('PUT', '/api/v1/log-level', { headers, body: '{"level":"debug"}' });
      expect([answer.status, answer.json().type]).toEqual([415, typeOf('media-type')]);
      expect(answer.json().detail).toBe('Send JSON, with the header Content-Type: application/json.');
    },
  );

  it('is missing: what was expected is said', async () => {
    const served = await page({ token: TOKEN });
    const answer = await served.ask('PUT', '/api/v1/log-level', { headers: OPERATOR });
    expect([answer.status, answer.json().detail]).toEqual([
      400,
      'The body must be an object in JSON, as api/openapi.json describes it.',
    ]);
  });

  it.each(['garbage\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'])(
    'is no request at all, and is told so: %j',
    async (octets) => {
      const socket = await (await page()).connect();
      socket.write(octets);
      expect(await closedBy(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*"status":400/s);
    },
  );
});

describe('whoever sends what is no request', () => {
  it('is closed, also where he does not go and goes on sending', async () => {
    const served = await page();
    const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
    const said: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => said.push(text));
    socket.on('error', () => undefined);
    socket.write('garbage\r\n\r\n');
    await eventually('the answer', () => said.join('').includes('"status":400'));
    const drip = setInterval(() => socket.write('x'), 20);
    try {
      await eventually('the end of the connection', () => socket.closed);
    } finally {
      clearInterval(drip);
      socket.destroy();
    }
  });
});

describe('a web site that leads here', () => {
  it.each([
    'evil.example',
    'evil.example:8884',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a b',
    '[::1',
    '@localhost',
  ])('under the name %j gets nothing (DNS rebinding)', async (host) => {
    const answer = await (await page()).get('/api/v1/overview', { headers: { host } });
    expect([answer.status, answer.json().type]).toEqual([421, typeOf('unknown-host')]);
    expect(answer.json().detail).toContain('http.allowedHosts');
  });

  it.each([
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.0\r\n\r\n', 421],
  ])('gets nothing without a name: %j', async (octets, status) => {
    const socket = await (await page()).connect();
    socket.write(octets);
    expect(await closedBy(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('gets nothing with two names, of which one is right', async () => {
    const socket = await (await page()).connect();
    socket.write('GET /api/v1/overview HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n');
    expect(await closedBy(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    'localhost',
    'LOCALHOST:8884',
    'localhost.',
    '127.0.0.1:80',
    '[::1]:8884',
    '192.0.2.7',
    'my.gateway.localhost',
  ])('%j is this machine', async (host) => {
    expect((await (await page()).get('/healthz', { headers: { host } })).status).toBe(200);
  });

  it('names that the operator gives are right, in place of that of the machine', async () => {
    const served = await page({ allowedHosts: ['gateway.example'] });
    const status = async (host: string) => (await served.get('/healthz', { headers: { host } })).status;
    expect(await status('gateway.example:8443')).toBe(200);
    expect(await status('localhost')).toBe(200);
    expect(await status('other.example')).toBe(421);
  });

  const PUT = ['PUT', '/api/v1/log-level', { level: 'debug' }] as const;

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://localhost:1' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://localhost', 'sec-fetch-mode': 'navigate' }],
  ])('has nothing done, though the browser has the password: %j', async (headers) => {
    const served = await page({ token: TOKEN });
    const [method, path, body] = PUT;
    const asking = { headers: { ...OPERATOR, host: 'localhost', ...headers }, body };
    const answer = await served.ask(method, path, asking);
    expect([answer.status, answer.json().type]).toEqual([403, typeOf('cross-site')]);
    expect(served.gateway.logLevel).toBe('info');
  });

  it.each([
    [{ origin: 'http://localhost' }],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://proxy.example' }],
    [{ origin: 'https://gateway.example' }],
    [{}],
  ])('is not the page itself, nor a script: %j', async (headers) => {
    const served = await page({ token: TOKEN, allowedHosts: ['gateway.example'] });
    const [method, path, body] = PUT;
    const answer = await served.ask(method, path, { headers: { ...OPERATOR, host: 'localhost', ...headers }, body });
    expect(answer.status).toBe(200);
  });

  it('can link to the page, but neither read nor embed it', async () => {
    const served = await page();
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const answer = await served.get('/', { headers: link });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const fetched = await served.get('/api/v1/events', { headers: { ...link, 'sec-fetch-mode': 'cors' } });
    expect(fetched.status).toBe(403);
  });
});

describe('texts of strangers', () => {
  it('are JSON, never a page, and no browser takes them for one', async () => {
    const served = await page();
    const evil = '<script>alert(1)</script>';
    served.gateway.add(evil, { lastTopic: evil });
    for (const path of [
      '/api/v1/clients',
      `/api/v1/clients/${encodeURIComponent(evil)}`,
      `/${encodeURIComponent(evil)}`,
    ]) {
      const { headers } = await served.get(path);
      expect(headers['content-type']).toMatch(/^application\/(problem\+)?json; charset=utf-8$/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
    }
  });
});

describe('whoever is slow', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) {
      end();
    }
  });

  /** A server whose patience is short, with an answer that nobody could take at once; how to connect, and how many it has let go. */
  async function impatient(): Promise<{ open: () => Promise<Socket>; gone: () => number }> {
    let gone = 0;
    const answer = Buffer.alloc(32 * 1_048_576);
    const times = { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 200, connectionsCheckingInterval: 50 };
    const server = nodeServer((_request, response) => response.end(answer), undefined, { ...times, idle: 300 });
    server.on('connection', (socket) => socket.once('close', () => gone++));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const open = async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      ends.push(() => socket.destroy());
      socket.on('error', () => undefined);
      await within('a connection', new Promise((resolve) => socket.once('connect', resolve)));
      return socket;
    };
    return { open, gone: () => gone };
  }

  it('with the headers is let go', async () => {
    const socket = await (await impatient()).open();
    const drip = setInterval(() => socket.write('x'), 20);
    ends.push(() => clearInterval(drip));
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
    expect(await closedBy(socket)).toMatch(/^(HTTP\/1\.1 408 .*)?/);
  });

  it('with the body is let go', async () => {
    const { open, gone } = await impatient();
    const socket = await open();
    const drip = setInterval(() => socket.write(' '), 20);
    ends.push(() => clearInterval(drip));
    socket.resume().write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n');
    await eventually('the end', gone);
  });

  it('is the gateway itself where the broker takes as long as it may, and that is waited for', () => {
    const server = nodeServer(() => undefined, undefined);
    expect(server.timeout).toBeGreaterThan(35_000);
  });

  it('and says nothing at all is let go', async () => {
    const { open, gone } = await impatient();
    await open();
    await eventually('the end', gone);
  });

  it('and takes no answer is let go', async () => {
    const { open, gone } = await impatient();
    const socket = await open();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await eventually('the end', gone);
  });
});

describe('many connections', () => {
  it('from one address are closed, those of others are not', async () => {
    const served = await page({ clock: new ManualClock() });
    const sockets = await Promise.all(Array.from({ length: 150 }, () => served.connect()));
    await eventually(
      'fifty that are closed',
      () => sockets.filter((socket) => socket.closed || socket.destroyed).length >= 50,
    );
    expect((await served.get('/healthz', { from: '127.0.0.2' })).status).toBe(200);
    expect(sockets.filter((socket) => !(socket.closed || socket.destroyed))).toHaveLength(100);
    for (const socket of sockets) {
      socket.destroy();
    }
    await eventually('room again', async () => (await served.get('/healthz')).status === 200);
  });

  it('from a few addresses take the place of nobody else', async () => {
    const served = await page({ clock: new ManualClock() });
    const from = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const sockets = await Promise.all(
      from.flatMap((address) => Array.from({ length: 100 }, () => served.connect(address))),
    );
    for (const address of ['127.0.0.5', '127.0.0.6', '127.0.0.1']) {
      expect((await served.get('/healthz', { from: address })).status).toBe(200);
    }
    await eventually('those that went for them', () => sockets.some((socket) => socket.closed || socket.destroyed));
  });
});
