import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { TransparentUpstream } from '../../../src/upstream/transparent-upstream.ts';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { FakeBroker } from './fake-broker.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

const CONNACK = '20 02 00 00';

describe('certificates', () => {
  let certificates: Certificates;
  let others: Certificates;
  let folder: CertificateFolder;
  let broker: FakeBroker;
  let upstream: UpstreamUnderTest;

  beforeAll(async () => {
    [certificates, others] = await Promise.all([makeCertificates(), makeCertificates()]);
    broker = await FakeBroker.start({
      ...{ cert: certificates.cert, key: certificates.key },
      ...{ requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['mqtt', 'x-mqtt'] },
    });
  });

  afterAll(() => broker.close());

  afterEach(async () => {
    await Promise.all([upstream.close(0), folder.dispose()]);
  });

  async function start(more: Partial<UpstreamSettings> = {}): Promise<void> {
    folder = await CertificateFolder.make();
    const ca = await folder.write('ca.pem', certificates.ca);
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { ca, ...more }));
  }

  /** Makes a connection; the broker's end of it. */
  async function connect(): Promise<TLSSocket> {
    const next = broker.connections.items.length + 1;
    const connection = upstream.connect(`c${next}`);
    const { socket } = await broker.accept(next, CONNACK);
    await upstream.of(connection, 'upstream-connected');
    return socket as TLSSocket;
  }

  it('of the authority count as the file has them at each connection', async () => {
    await start();
    await connect();
    await folder.write('ca.pem', others.ca);
    const { reason } = await upstream.of(upstream.connect('distrustful'), 'upstream-lost');
    expect(reason).toMatch(/^certificate: .*: upstream\.ca is not the authority that has signed it$/);
    await folder.write('ca.pem', certificates.ca);
    await connect();
    expect(upstream.problems).toEqual([]);
  });

  it('of the client are shown as the files have them at each connection', async () => {
    await start();
    const files = {
      cert: await folder.write('cert.pem', certificates.cert),
      key: await folder.write('key.pem', certificates.key),
    };
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { ca: `${folder.path}/ca.pem`, ...files }));
    const shown = (socket: TLSSocket): string => socket.getPeerCertificate().fingerprint256;
    expect(shown(await connect())).toBe(new X509Certificate(certificates.cert).fingerprint256);
    await folder.write('cert.pem', others.cert);
    await folder.write('key.pem', others.key);
    expect(shown(await connect())).toBe(new X509Certificate(others.cert).fingerprint256);
  });

  it.each([
    ['cannot be read', (): Promise<void> => folder.remove('ca.pem'), /ENOENT.*ca\.pem/],
    [
      'is no PEM',
      (): Promise<unknown> => folder.write('ca.pem', 'half a file'),
      /certificates cannot be used.*ca\.pem/,
    ],
    ['is empty', (): Promise<unknown> => folder.write('ca.pem', ''), /certificates cannot be used.*ca\.pem/],
  ] as const)('stay in use when their file %s, which is told once', async (_what, spoil, reason) => {
    await start();
    await connect();
    await spoil();
    await connect();
    await connect();
    expect(upstream.problems).toEqual([expect.stringMatching(reason)]);
    expect(upstream.problems[0]).toMatch(/; the former certificates stay in use$/);
    await folder.write('ca.pem', certificates.ca);
    await connect();
    await spoil();
    await connect();
    expect(upstream.problems).toHaveLength(2);
  });

  it('stay in use while a certificate is renewed and its key is not yet', async () => {
    await start();
    const files = {
      cert: await folder.write('cert.pem', certificates.cert),
      key: await folder.write('key.pem', certificates.key),
    };
    upstream = new UpstreamUnderTest(upstreamSettings(broker.url, { ca: `${folder.path}/ca.pem`, ...files }));
    await folder.write('cert.pem', others.cert);
    const socket = await connect();
    expect(socket.getPeerCertificate().fingerprint256).toBe(new X509Certificate(certificates.cert).fingerprint256);
    expect(upstream.problems).toEqual([expect.stringMatching(/key values mismatch/)]);
  });

  it('are an error at once where they cannot be used at the start', async () => {
    await start();
    for (const spoilt of [await folder.write('spoilt.pem', 'no PEM'), `${folder.path}/missing.pem`]) {
      const settings = upstreamSettings(broker.url, { ca: spoilt });
      expect(() => new TransparentUpstream({ settings, listener: () => undefined })).toThrow(spoilt);
    }
  });

  it.each([
    [['x-mqtt'], 'x-mqtt'],
    [['unknown', 'mqtt'], 'mqtt'],
    [undefined, false],
  ] as const)('ALPN offers %j, of which the broker takes %s', async (alpn, taken) => {
    await start({ alpn });
    expect((await connect()).alpnProtocol).toBe(taken);
  });

  it('ALPN is offered over WebSockets as well', async () => {
    await start();
    upstream = new UpstreamUnderTest(
      upstreamSettings(broker.url.replace('mqtts', 'wss'), { ca: `${folder.path}/ca.pem`, alpn: ['x-mqtt'] }),
    );
    const next = broker.connections.items.length + 1;
    upstream.connect('c');
    const { socket } = await broker.connections.nth(next);
    expect((socket as TLSSocket).alpnProtocol).toBe('x-mqtt');
  });
});
