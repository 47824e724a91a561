/** Checks of certificates and keys in PEM files, in words for whoever wrote the setting. */
import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What a PEM file has to hold. */
export type PemContent = 'certificates' | 'private key';

const BLOCK: Readonly<Record<PemContent, RegExp>> = {
  certificates: /-----BEGIN (?<label>(?:X509 |TRUSTED )?CERTIFICATE)-----[^-]+-----END \k<label>-----/g,
  'private key': /-----BEGIN (?<label>(?:[A-Z]+ )*PRIVATE KEY)-----[\s\S]+?-----END \k<label>-----/g,
};

const NAME: Readonly<Record<PemContent, string>> = { certificates: 'certificate', 'private key': 'private key' };

const FIRST_LINE: Readonly<Record<PemContent, string>> = {
  certificates: '-----BEGIN CERTIFICATE-----',
  'private key': '-----BEGIN PRIVATE KEY-----',
};

/** The first octet of the binary form (DER): a sequence. */
const DER = 0x30;

/** What is wrong with the content of the file `name`, and what to do about it; undefined where nothing is. */
export function pemProblem(name: string, content: PemContent, octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets).toString('latin1');
  const blocks = text.match(BLOCK[content]);
  if (blocks === null) {
    return `${name} holds no ${NAME[content]} in PEM form (${FIRST_LINE[content]} …)${hint(content, text, octets)}`;
  }
  const problem = content === 'certificates' ? certificateProblem(blocks) : keyProblem(text);
  return problem && `${name} ${problem}`;
}

function hint(content: PemContent, text: string, octets: Uint8Array): string {
  if (octets[0] === DER) {
    const command = content === 'certificates' ? 'openssl x509 -inform der' : 'openssl pkey -inform der';
    return `: it is binary (DER), convert it with "${command} -in FILE -out FILE.pem"`;
  }
  const other = content === 'certificates' ? 'private key' : 'certificates';
  return text.match(BLOCK[other]) ? `, but a ${NAME[other]}` : '';
}

function certificateProblem(blocks: readonly string[]): string | undefined {
  const bad = blocks.findIndex((block) => {
    try {
      new X509Certificate(block);
      return false;
    } catch {
      return true;
    }
  });
  return bad === -1 ? undefined : `is damaged: certificate ${bad + 1} of ${blocks.length} in it cannot be read`;
}

function keyProblem(text: string): string | undefined {
  if (text.includes('ENCRYPTED')) {
    return 'is encrypted, and nobody can be asked for its passphrase: decrypt it with "openssl pkey -in FILE -out FILE.pem"';
  }
  try {
    createPrivateKey(text);
    return undefined;
  } catch {
    return 'is damaged: the private key in it cannot be read';
  }
}

/** Whether a private key belongs to the first of these certificates; both have no problem of their own. */
export function keyFits(certificates: Uint8Array, key: Uint8Array): boolean {
  return new X509Certificate(certificates).checkPrivateKey(createPrivateKey(Buffer.from(key)));
}
