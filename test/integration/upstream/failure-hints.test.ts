import { createServer as createWebServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { UpstreamSettings } from '../../../src/upstream/transparent-upstream.ts';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';
import { UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('a connection that cannot be made says what an operator can do', () => {
  let certificates: Certificates;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) {
      await end();
    }
  });

  async function portOf(server: Server): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
    ends.push(async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async function lossReason(url: string, more: Partial<UpstreamSettings> = {}): Promise<string> {
    const upstream = new UpstreamUnderTest(upstreamSettings(url, more));
    ends.push(() => upstream.close(0));
    return (await upstream.of(upstream.connect('c'), 'upstream-lost')).reason;
  }

  const silent = (): Server => createServer((socket) => socket.resume());
  const secured = (more: Parameters<typeof createTlsServer>[0] = {}): Server =>
    createTlsServer({ cert: certificates.cert, key: certificates.key, ...more }, (socket) =>
      socket.on('error', () => undefined),
    );
  const web = (): Server => createWebServer((_request, response) => response.writeHead(404).end());
  /** Says these octets, and hangs up. */
  const saying = (hex: string): Server =>
    createServer((socket) => socket.once('data', () => socket.end(Buffer.from(hex.replaceAll(' ', ''), 'hex'))));

  it('of a name that is not known', async () => {
    expect(await lossReason('mqtt://no-such-host.invalid')).toMatch(
      /(ENOTFOUND|EAI_AGAIN).*: (this name is not known|the name server does not answer)/,
    );
  });

  it('of a port on which nothing listens', async () => {
    expect(await lossReason(`mqtt://127.0.0.1:${await freePort()}`)).toMatch(
      /ECONNREFUSED.*: nothing listens there: is the broker running/,
    );
  });

  it('of a server that says nothing', async () => {
    const reason = await lossReason(`mqtt://127.0.0.1:${await portOf(silent())}`, { connectTimeout: 100 });
    expect(reason).toBe('no CONNACK within 0.1 s: is it an MQTT broker, and without TLS on this port (mqtts://)?');
  });

  it('of a broker that hangs up on MQTT 5', async () => {
    expect(await lossReason(`mqtt://127.0.0.1:${await portOf(saying(''))}`, { protocolVersion: 5 })).toMatch(
      /: is it an MQTT broker, one for MQTT 5 \(upstream\.protocolVersion\)/,
    );
  });

  it('of a port for TLS that is reached without', async () => {
    const hint =
      /: (?:the broker speaks TLS on this port: use mqtts:|is it an MQTT broker, and without TLS on this port \(mqtts:)/;
    expect(await lossReason(`mqtt://127.0.0.1:${await portOf(secured())}`)).toMatch(hint);
    // many servers say so with an alert: fatal, "unexpected message"
    expect(await lossReason(`mqtt://127.0.0.1:${await portOf(saying('15 03 03 00 02 02 0a'))}`)).toMatch(
      /: the broker speaks TLS on this port: use mqtts:\/\/ \(or wss:\/\/\) in upstream\.url$/,
    );
  });

  it('of a port without TLS that is reached with it', async () => {
    expect(await lossReason(`mqtts://127.0.0.1:${await portOf(web())}`)).toBe(
      'TLS: wrong version number: the broker does not speak TLS on this port: use mqtt:// (or ws://) in upstream.url, or the port for TLS',
    );
    expect(await lossReason(`mqtts://127.0.0.1:${await portOf(saying(''))}`)).toMatch(
      /: does the broker speak TLS on this port\? Without it the URL begins with mqtt:/,
    );
  });

  it('of a web server that is reached as a broker', async () => {
    expect(await lossReason(`mqtt://127.0.0.1:${await portOf(web())}`)).toMatch(
      /: a web server answers there: use ws:\/\/ \(or wss:\/\/\) in upstream\.url, or the port for MQTT$/,
    );
  });

  it('of a broker, or nobody, where WebSockets are expected', async () => {
    const hint = /: does the broker speak WebSockets on this port\? Without them the URL begins with mqtt:/;
    expect(await lossReason(`ws://127.0.0.1:${await portOf(saying(''))}`)).toMatch(hint);
    expect(await lossReason(`ws://127.0.0.1:${await portOf(saying('20 02 00 00'))}`)).toMatch(hint);
    expect(await lossReason(`ws://127.0.0.1:${await portOf(silent())}`, { connectTimeout: 100 })).toMatch(hint);
  });

  it('of a path that the web server does not know', async () => {
    expect(await lossReason(`ws://127.0.0.1:${await portOf(web())}/wrong`)).toBe(
      'Unexpected server response: 404: is the path in upstream.url right? It is often /mqtt',
    );
  });

  it('of a certificate that nobody vouches for', async () => {
    expect(await lossReason(`mqtts://127.0.0.1:${await portOf(secured())}`)).toMatch(
      /^certificate: .*: set upstream\.ca to the certificate of the authority that has signed it$/,
    );
  });

  it('of a broker that wants a client certificate, or another protocol', async () => {
    const folder = await CertificateFolder.make();
    ends.push(() => folder.dispose());
    const ca = await folder.write('ca.pem', certificates.ca);
    const strict = secured({ requestCert: true, ca: certificates.ca });
    expect(await lossReason(`mqtts://127.0.0.1:${await portOf(strict)}`, { ca })).toBe(
      'TLS: tlsv13 alert certificate required: the broker wants a client certificate: set upstream.cert and upstream.key',
    );
    const choosy = secured({ ALPNProtocols: ['other'] });
    expect(await lossReason(`mqtts://127.0.0.1:${await portOf(choosy)}`, { ca, alpn: ['mqtt'] })).toMatch(
      /^TLS: .*no application protocol: the broker wants another protocol: check upstream\.alpn$/,
    );
  });

  it('and nothing of the kind once it has stood', async () => {
    const upstream = new UpstreamUnderTest(upstreamSettings(`mqtt://127.0.0.1:${await portOf(saying('20 02 00 00'))}`));
    ends.push(() => upstream.close(0));
    expect((await upstream.of(upstream.connect('c'), 'upstream-lost')).reason).toBe('closed by the broker');
  });
});
