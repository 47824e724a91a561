import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('ways to the broker', () => {
  let certificates: Certificates;
  let others: Certificates;
  let broker: Mosquitto;
  let strict: Mosquitto;
  let folder: CertificateFolder;
  let files: { readonly ca: string; readonly cert: string; readonly key: string; readonly otherCa: string };
  let elsewhere: Mosquitto;

  beforeAll(async () => {
    [certificates, others] = await Promise.all([makeCertificates(), makeCertificates('DNS:elsewhere.example')]);
    folder = await CertificateFolder.make();
    files = {
      ca: await folder.write('ca.pem', certificates.ca),
      cert: await folder.write('cert.pem', certificates.cert),
      key: await folder.write('key.pem', certificates.key),
      otherCa: await folder.write('other-ca.pem', others.ca),
    };
    [broker, strict, elsewhere] = await Promise.all([
      Mosquitto.start({ tls: certificates, websockets: true }),
      Mosquitto.start({ tls: { ...certificates, requireCertificate: true } }),
      Mosquitto.start({ tls: others }),
    ]);
  });

  afterAll(() => Promise.all([folder.dispose(), broker.dispose(), strict.dispose(), elsewhere.dispose()]));

  async function lossReason(url: string, more: Parameters<typeof upstreamSettings>[1]): Promise<string> {
    const upstream = new UpstreamUnderTest(upstreamSettings(url, more));
    const { reason } = await upstream.of(upstream.connect('c'), 'upstream-lost');
    await upstream.close();
    expect(upstream.inputs.items).toHaveLength(1);
    return reason;
  }

  it.each(['mqtts', 'mqtts by address', 'mqtts with client certificate', 'mqtts without verification', 'ws'])(
    '%s',
    async (way) => {
      const { ca, cert, key } = files;
      const settings = {
        mqtts: upstreamSettings(broker.tlsUrl, { ca }),
        'mqtts by address': upstreamSettings(`mqtts://127.0.0.1:${broker.tlsPort}`, { ca }),
        'mqtts with client certificate': upstreamSettings(strict.tlsUrl, {
          ca,
          cert,
          key,
        }),
        'mqtts without verification': upstreamSettings(broker.tlsUrl, { rejectUnauthorized: false }),
        ws: upstreamSettings(broker.websocketUrl),
      }[way];
      const upstream = new UpstreamUnderTest(settings as NonNullable<typeof settings>);
      const connection = await upstream.connected('c');
      await upstream.subscribe(connection, 'echo', 2);
      upstream.publish(connection, 'echo', 'hello', { qos: 1 });
      const { payload, packetId } = await upstream.message(connection, 1);
      expect(text(payload)).toBe('hello');
      upstream.acknowledge(connection, 'PUBACK', packetId);
      await upstream.roundTrip(connection);
      upstream.end(connection);
      await upstream.close();
      expect(upstream.synchronous).toEqual([]);
    },
  );

  it('does not trust an authority that it was not told of', async () => {
    const reason = await lossReason(broker.tlsUrl, { ca: files.otherCa });
    expect(reason).toMatch(/^certificate: /);
    expect(reason).toMatch(/: upstream\.ca is not the authority that has signed it$/);
    expect(await lossReason(broker.tlsUrl, {})).toMatch(
      /^certificate: .*: set upstream\.ca to the certificate of the authority that has signed it$/,
    );
  });

  it('does not trust a certificate that is made out to somebody else', async () => {
    expect(await lossReason(elsewhere.tlsUrl, { ca: files.otherCa })).toMatch(
      /^certificate: Hostname\/IP does not match.*: upstream\.url has to name the broker as its certificate does$/,
    );
  });

  it('says what the broker says when the client certificate is missing', async () => {
    expect(await lossReason(strict.tlsUrl, { ca: files.ca })).toMatch(
      /^TLS: tlsv13 alert certificate required: the broker wants a client certificate: set upstream\.cert and upstream\.key$|^closed by the broker/,
    );
  });

  it('says so when the broker speaks no TLS, or no WebSockets', async () => {
    expect(await lossReason(`mqtts://localhost:${broker.port}`, { ca: files.ca })).toMatch(
      /^(?:TLS: wrong version number|read ECONNRESET|.*closed by the broker|Client network socket disconnected).*: .*TLS on this port/,
    );
    expect(await lossReason(`ws://127.0.0.1:${broker.port}`, {})).toMatch(
      /^(?:read ECONNRESET|socket hang up|Parse Error.*): does the broker speak WebSockets on this port\?/,
    );
  });
});
