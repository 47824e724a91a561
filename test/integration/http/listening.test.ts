import { createServer, type Server } from 'node:http';
import { connect as connectSecure } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Listener, type ListenerParts } from '../../../src/http/listener.ts';
import { nodeServer } from '../../../src/http/node-server.ts';
import { ServerCertificate } from '../../../src/http/server-certificate.ts';
import type { HttpNote } from '../../../src/ports/observer.ts';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { makeCertificates } from '../../support/certificates.ts';
import { eventually, within } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { httpBench } from '../../support/http-bench.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const page = httpBench();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
});

function listener(some: Partial<ListenerParts>): { listener: Listener; notes: HttpNote[]; clock: ManualClock } {
  const notes: HttpNote[] = [];
  const clock = new ManualClock();
  const server = createServer((_request, response) => response.end('here'));
  const made = new Listener({
    ...{ server, clock, host: '127.0.0.1', port: 0, certificate: undefined, login: false },
    note: (note) => notes.push(note),
    ...some,
  });
  ends.push(() => made.stop());
  return { listener: made, notes, clock };
}

/** Takes a port until the test ends, or until the result is closed. */
async function occupied(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return server;
}

describe('a port that is in use', () => {
  it('is told once, with what to do, and taken when it is free', async () => {
    const port = await freePort();
    const other = await occupied(port);
    const made = listener({ port });
    await made.listener.start();
    expect(made.notes).toEqual([
      {
        ...{ type: 'http-problem', code: 'EADDRINUSE' },
        reason: `port ${port} is in use: set http.port, or stop what has it; the gateway goes on without, and tries again`,
      },
    ]);
    made.clock.advance(5_000);
    await eventually('the second attempt', () => made.clock.waiting === 1);
    expect(made.notes).toHaveLength(1);
    await new Promise((resolve) => other.close(resolve));
    made.clock.advance(10_000);
    await eventually('that it listens', () => made.notes.length === 2);
    expect(made.notes[1]).toEqual({ type: 'http-up', url: `http://127.0.0.1:${port}/`, login: false });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
  });

  it('keeps nothing from stopping', async () => {
    const port = await freePort();
    await occupied(port);
    const made = listener({ port });
    await made.listener.start();
    await made.listener.stop();
    expect(made.clock.waiting).toBe(0);
  });

  it.each([
    ['192.0.2.77', 'EADDRNOTAVAIL', /does not have the address 192\.0\.2\.77/],
    ['no-such-host.invalid', expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/), /no-such-host\.invalid/],
  ])('is no other than an address that is not there: %s', async (host, code, reason) => {
    const made = listener({ host });
    await made.listener.start();
    expect(made.notes).toEqual([{ type: 'http-problem', code, reason: expect.stringMatching(reason) }]);
    expect(made.clock.waiting).toBe(1);
  });
});

describe('where the page is', () => {
  it.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+\/$/],
    ['::1', /^http:\/\/\[::1\]:\d+\/$/],
    ['localhost', /^http:\/\/localhost:\d+\/$/],
    ['0.0.0.0', /^http:\/\/(?!0\.0)[^/:]+:\d+\/$/],
    ['::', /^http:\/\/(?!\[)[^/:]+:\d+\/$/],
  ])('is told as somebody can open it: %s', async (host, url) => {
    const made = listener({ host });
    await made.listener.start();
    expect(made.notes).toEqual([{ type: 'http-up', url: expect.stringMatching(url), login: false }]);
  });
});

describe('HTTPS', () => {
  async function files(): Promise<CertificateFolder> {
    const folder = await CertificateFolder.make();
    ends.push(() => folder.dispose());
    return folder;
  }

  /** The fingerprint that a server shows to a new connection. */
  function shown(port: number): Promise<string> {
    const socket = connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false });
    ends.push(() => socket.destroy());
    socket.on('error', () => undefined);
    return within(
      'a handshake',
      new Promise((resolve) => socket.once('secureConnect', () => resolve(socket.getPeerCertificate().fingerprint256))),
    );
  }

  it('is spoken with a certificate, and nothing else', async () => {
    const folder = await files();
    const { cert, key } = await makeCertificates();
    const settings = { cert: await folder.write('page.crt', cert), key: await folder.write('page.key', key) };
    const served = await page(settings);
    expect((await served.get('/healthz')).status).toBe(200);
    expect(served.gateway.notes[0]).toMatchObject({ url: `https://127.0.0.1:${served.port}/` });
    const plain = await served.connect();
    plain.resume().write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await eventually('the end of what is not secured', () => plain.closed);
  });

  it('has a renewed certificate without a restart; one that is no good leaves the former, and is told once', async () => {
    const folder = await files();
    const [first, second] = await Promise.all([makeCertificates(), makeCertificates()]);
    const certificate = new ServerCertificate({
      cert: await folder.write('page.crt', first.cert),
      key: await folder.write('page.key', first.key),
    });
    const server = nodeServer((_request, response) => response.end(), certificate);
    const made = listener({ server, certificate });
    await made.listener.start();
    const [up] = made.notes;
    const port = up?.type === 'http-up' ? Number(new URL(up.url).port) : 0;
    const before = await shown(port);

    await folder.write('page.crt', second.cert); // its key has not come yet
    made.clock.advance(60_000);
    expect(made.notes.slice(1)).toEqual([
      {
        type: 'http-problem',
        code: 'certificate',
        reason: expect.stringMatching(/the former certificate stays in use$/),
      },
    ]);
    expect(await shown(port)).toBe(before);

    await folder.write('page.key', second.key);
    made.clock.advance(30_000);
    expect(made.notes).toHaveLength(2);
    const after = await shown(port);
    expect(after).not.toBe(before);

    await folder.remove('page.crt');
    made.clock.advance(30_000);
    expect(made.notes).toHaveLength(3);
    expect(await shown(port)).toBe(after);
  });

  it('does not begin with files that cannot be used', async () => {
    const folder = await files();
    const settings = {
      cert: await folder.write('page.crt', 'no certificate'),
      key: await folder.write('page.key', ''),
    };
    await expect(page(settings)).rejects.toThrow(/the certificate cannot be used \(.*page\.crt, .*page\.key\)/);
  });
});

describe('the files of the page', () => {
  it('have a type, and are not sent again to whoever has them', async () => {
    const served = await page();
    const first = await served.get('/');
    expect(first.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      etag: expect.stringMatching(/^"[\w-]{22}"$/),
    });
    const known = await served.get('/', { headers: { 'if-none-match': `"other", ${first.headers.etag}` } });
    expect([known.status, known.text]).toEqual([304, '']);
    expect((await served.get('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const head = await served.ask('HEAD', '/');
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      '',
      first.headers['content-length'],
    ]);
    expect((await served.ask('POST', '/', { body: {} })).status).toBe(404);
  });

  it('name each other by where they are, so that a path before them is none of theirs', async () => {
    const served = await page();
    const { text } = await served.get('/');
    const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => path.startsWith('/') || path.includes(':'))).toEqual([]);
    for (const path of named) {
      expect([path, (await served.get(`/${path}`)).status]).toEqual([path, 200]);
    }
  });
});
