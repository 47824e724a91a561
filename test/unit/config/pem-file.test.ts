import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { CertificateFolder } from '../../support/certificate-folder.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';

describe('files of certificates and keys', () => {
  let folder: CertificateFolder;
  let certificates: Certificates;
  let others: Certificates;

  beforeAll(async () => {
    folder = await CertificateFolder.make();
    [certificates, others] = await Promise.all([makeCertificates(), makeCertificates()]);
    await folder.write('ca.pem', certificates.ca);
    await folder.write('bundle.pem', `# two of them\n${certificates.ca}\nand\n${others.ca}`);
    await folder.write('cert.pem', certificates.cert);
    await folder.write('key.pem', certificates.key);
    await folder.write('other-key.pem', others.key);
    await folder.write('text.pem', 'no PEM');
    await folder.write('empty.pem', '');
    await folder.write('damaged.pem', `${certificates.ca}\n${others.ca.replace(/\n[^-]/, '\nX')}`);
    await folder.write('damaged-key.pem', certificates.key.replace(/\n[^-]/, '\nX'));
    openssl('x509', '-in', 'ca.pem', '-outform', 'der', '-out', 'ca.der');
    openssl('pkey', '-in', 'key.pem', '-aes128', '-passout', 'pass:x', '-out', 'encrypted.pem');
    openssl('pkcs8', '-topk8', '-in', 'key.pem', '-nocrypt', '-out', 'pkcs8.pem');
    openssl('ec', '-in', 'key.pem', '-out', 'traditional.pem');
  });

  afterAll(() => folder.dispose());

  function openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: folder.path, stdio: 'ignore' });
  }

  /** The lines of the problem that the settings of the file have; none: no problem. */
  async function problems(...lines: readonly string[]): Promise<readonly string[]> {
    await folder.write('gateway.yaml', ['upstream:', ...lines.map((line) => `  ${line}`)].join('\n'));
    try {
      loadSettings({ file: 'gateway.yaml', environment: {}, workingFolder: folder.path });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) {
        return error.message.split('\n');
      }
      throw error;
    }
  }

  it.each([
    [['ca: ca.pem']],
    [['ca: bundle.pem']],
    [['cert: cert.pem', 'key: key.pem']],
    [['cert: cert.pem', 'key: pkcs8.pem']],
    [['cert: cert.pem', 'key: traditional.pem']],
  ])('are taken: %j', async (lines) => {
    expect(await problems(...lines)).toEqual([]);
  });

  const noCertificate = 'holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)';
  const noKey = 'holds no private key in PEM form (-----BEGIN PRIVATE KEY----- …)';

  it.each([
    [['ca: text.pem'], `2:7: upstream.ca: text.pem ${noCertificate}`],
    [['ca: empty.pem'], `2:7: upstream.ca: empty.pem ${noCertificate}`],
    [['ca: key.pem'], `2:7: upstream.ca: key.pem ${noCertificate}, but a private key`],
    [
      ['ca: ca.der'],
      `2:7: upstream.ca: ca.der ${noCertificate}: it is binary (DER), convert it with "openssl x509 -inform der -in FILE -out FILE.pem"`,
    ],
    [['ca: damaged.pem'], '2:7: upstream.ca: damaged.pem is damaged: certificate 2 of 2 in it cannot be read'],
    [['ca: missing.pem'], '2:7: upstream.ca: cannot read missing.pem: no such file'],
    [['cert: cert.pem', 'key: cert.pem'], `3:8: upstream.key: cert.pem ${noKey}, but a certificate`],
    [
      ['cert: cert.pem', 'key: damaged-key.pem'],
      '3:8: upstream.key: damaged-key.pem is damaged: the private key in it cannot be read',
    ],
    [
      ['cert: cert.pem', 'key: encrypted.pem'],
      '3:8: upstream.key: encrypted.pem is encrypted, and nobody can be asked for its passphrase: decrypt it with "openssl pkey -in FILE -out FILE.pem"',
    ],
    [
      ['cert: cert.pem', 'key: other-key.pem'],
      '3:8: upstream.key: is not the private key of the certificate in upstream.cert',
    ],
  ])('are refused with line and column: %j', async (lines, problem) => {
    expect(await problems(...lines)).toEqual([`gateway.yaml:${problem}`]);
  });

  it('are refused all at once', async () => {
    expect(await problems('ca: text.pem', 'cert: text.pem', 'key: text.pem')).toHaveLength(3);
  });

  it('never show what is in them', async () => {
    const secret = readFileSync(join(folder.path, 'key.pem'), 'utf8').split('\n')[1] as string;
    const told = await problems('ca: key.pem', 'cert: key.pem', 'key: damaged-key.pem');
    expect(told).toHaveLength(3);
    expect(told.join()).not.toContain(secret.slice(1));
  });
});

describe('the protocols of ALPN', () => {
  const load = (alpn: string) =>
    loadSettings({ environment: { MQTTSN_UPSTREAM_ALPN: alpn }, workingFolder: '/' }).settings.upstream.alpn;

  it('are a list of names, with commas in one text', () => {
    expect(load('mqtt, x-amzn-mqtt-ca')).toEqual(['mqtt', 'x-amzn-mqtt-ca']);
  });

  it('have no blanks in them', () => {
    expect(() => load('mqtt 5')).toThrow(/MQTTSN_UPSTREAM_ALPN: upstream\.alpn.*names of protocols/);
  });
});
