/** Certificates and keys that settings name: they have to be there, to be what they should be, and to fit each other. */
import { createHash } from 'node:crypto';
import { keyFits, pemProblem } from './pem-file.ts';
import { pathText, SETTINGS, type SettingPath } from './setting-list.ts';
import type { readOctets } from './text-file.ts';

export interface CertificateCheck {
  /** What is written at a path. */
  readonly valueAt: (path: SettingPath) => unknown;
  /** The file that the setting at a path names. */
  readonly read: (path: SettingPath, written: string) => ReturnType<typeof readOctets>;
  /** `others`: settings that may be the cause instead. */
  readonly complain: (path: SettingPath, message: string, others?: readonly SettingPath[]) => void;
  /** Gets what the files have, by the setting that names them: a digest. */
  readonly contents: Map<string, string>;
}

/** Looks at all of them. */
export function checkCertificates({ valueAt, read, complain, contents }: CertificateCheck): void {
  const usable = new Map<string, Uint8Array>();
  for (const { path, kind } of SETTINGS) {
    const written = valueAt(path);
    if (kind.pem === undefined || typeof written !== 'string' || written === '') {
      continue;
    }
    const found = read(path, written);
    const problem =
      'reason' in found ? `cannot read ${written}: ${found.reason}` : pemProblem(written, kind.pem, found.octets);
    if (problem !== undefined) {
      complain(path, problem);
    } else if ('octets' in found) {
      usable.set(pathText(path), found.octets);
      contents.set(pathText(path), createHash('sha256').update(found.octets).digest('hex'));
    }
  }
  for (const section of ['upstream', 'http']) {
    const [cert, key] = [usable.get(`${section}.cert`), usable.get(`${section}.key`)];
    if (cert && key && !keyFits(cert, key)) {
      complain([section, 'key'], `is not the private key of the certificate in ${section}.cert`, [[section, 'cert']]);
    }
  }
}
