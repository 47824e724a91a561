import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TransparentUpstream } from '../../../src/upstream/transparent-upstream.ts';
import { Mosquitto } from '../../support/mosquitto.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { text, UpstreamUnderTest, upstreamSettings } from './upstream-under-test.ts';

describe('ways to the broker', () => {
  let certificates: Certificates;
  let others: Certificates;
  let broker: Mosquitto;
  let strict: Mosquitto;
  let elsewhere: Mosquitto;

  beforeAll(async () => {
    [certificates, others] = await Promise.all([makeCertificates(), makeCertificates('DNS:elsewhere.example')]);
    [broker, strict, elsewhere] = await Promise.all([
      Mosquitto.start({ tls: certificates, websockets: true }),
      Mosquitto.start({ tls: { ...certificates, requireCertificate: true } }),
      Mosquitto.start({ tls: others }),
    ]);
  });

  afterAll(() => Promise.all([broker.dispose(), strict.dispose(), elsewhere.dispose()]));

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
      const ca = Buffer.from(certificates.ca);
      const settings = {
        mqtts: upstreamSettings(broker.tlsUrl, { ca }),
        'mqtts by address': upstreamSettings(`mqtts://127.0.0.1:${broker.tlsPort}`, { ca }),
        'mqtts with client certificate': upstreamSettings(strict.tlsUrl, {
          ca,
          cert: Buffer.from(certificates.cert),
          key: Buffer.from(certificates.key),
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
    const reason = await lossReason(broker.tlsUrl, { ca: Buffer.from(others.ca) });
    expect(reason).toMatch(/^certificate: /);
    expect(await lossReason(broker.tlsUrl, {})).toMatch(/^certificate: /);
  });

  it('does not trust a certificate that is made out to somebody else', async () => {
    expect(await lossReason(elsewhere.tlsUrl, { ca: Buffer.from(others.ca) })).toMatch(
      /^certificate: Hostname\/IP does not match/,
    );
  });

  it('says what the broker says when the client certificate is missing', async () => {
    expect(await lossReason(strict.tlsUrl, { ca: Buffer.from(certificates.ca) })).toMatch(
      /^TLS: tlsv13 alert certificate required$|^closed by the broker/,
    );
  });

  it('says so when the broker speaks no TLS, or no WebSockets', async () => {
    expect(await lossReason(`mqtts://localhost:${broker.port}`, { ca: Buffer.from(certificates.ca) })).toMatch(
      /^TLS: wrong version number$|^read ECONNRESET$|^closed by the broker before CONNACK$/,
    );
    expect(await lossReason(`ws://127.0.0.1:${broker.port}`, {})).toMatch(
      /^read ECONNRESET$|^socket hang up$|^Parse Error/,
    );
  });

  it('says at once that a certificate cannot be read', () => {
    const settings = upstreamSettings('mqtts://localhost', {
      ca: certificates && Buffer.from('no PEM'),
      cert: Buffer.from('no PEM'),
    });
    expect(() => new TransparentUpstream({ settings, listener: () => undefined })).toThrow();
  });
});
