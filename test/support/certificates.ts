import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PEM texts: a certificate authority and a server certificate that it has signed. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes new ones with openssl; `names`: to whom the certificate is made out. */
export async function makeCertificates(names = 'DNS:localhost,IP:127.0.0.1'): Promise<Certificates> {
  const [made] = await makeSigned([{ commonName: 'localhost', names }]);
  return made as Certificates;
}

/** A server certificate, and one for each of these clients, by one authority. */
export async function makeClientCertificates(...commonNames: readonly string[]): Promise<readonly Certificates[]> {
  const server = { commonName: 'localhost', names: 'DNS:localhost,IP:127.0.0.1' };
  return makeSigned([server, ...commonNames.map((commonName) => ({ commonName, names: `DNS:${commonName}` }))]);
}

interface Wanted {
  readonly commonName: string;
  readonly names: string;
}

async function makeSigned(wanted: readonly Wanted[]): Promise<readonly Certificates[]> {
  const directory = await mkdtemp(join(tmpdir(), 'certificates-'));
  const file = (name: string): string => join(directory, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    await run('openssl', [
      'req',
      '-x509',
      ...key,
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.pem'),
      '-days',
      '2',
      '-subj',
      '/CN=test authority',
    ]);
    const made: Certificates[] = [];
    for (const { commonName, names } of wanted) {
      const request = ['-keyout', file('key.pem'), '-out', file('request.pem'), '-subj', `/CN=${commonName}`];
      await run('openssl', ['req', ...key, ...request]);
      await writeFile(file('extensions'), `subjectAltName=${names}\n`);
      const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
      const sign = [...authority, '-days', '2', '-extfile', file('extensions')];
      await run('openssl', ['x509', '-req', '-in', file('request.pem'), '-out', file('cert.pem'), ...sign]);
      const [ca = '', cert = '', keyText = ''] = await Promise.all(
        ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(file(name), 'utf8')),
      );
      made.push({ ca, cert, key: keyText });
    }
    return made;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
