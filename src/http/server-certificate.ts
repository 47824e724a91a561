import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * The certificate of the status page and its key, as their files have them: a renewed one needs no restart. Files that cannot be used, or do not
 * fit each other yet, leave the former ones in use.
 */
export class ServerCertificate {
  readonly #files: CertificateFiles;
  #state: string;
  #pair: KeyPair;
  /** The problem that was told last and still is one. */
  #told: string | undefined;

  /** Error where a file cannot be used. */
  constructor(files: CertificateFiles) {
    this.#files = files;
    this.#state = stateOf(files);
    this.#pair = pairIn(files);
  }

  /** What is in use. */
  current(): KeyPair {
    return this.#pair;
  }

  /** Reads the files again where they have changed. The new pair; a problem, once, in words; or undefined: there is nothing new. */
  look(): KeyPair | string | undefined {
    try {
      const state = stateOf(this.#files);
      if (state === this.#state) {
        this.#told = undefined;
        return undefined;
      }
      this.#pair = pairIn(this.#files);
      this.#state = state;
      this.#told = undefined;
      return this.#pair;
    } catch (error) {
      const problem = `${error instanceof Error ? error.message : error}; the former certificate stays in use`;
      const isNew = problem !== this.#told;
      this.#told = problem;
      return isNew ? problem : undefined;
    }
  }
}

function stateOf({ cert, key }: CertificateFiles): string {
  return [cert, key]
    .map((path) => {
      const { ino, size, mtimeMs, ctimeMs } = statSync(path);
      return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    })
    .join('|');
}

function pairIn(files: CertificateFiles): KeyPair {
  const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  try {
    new X509Certificate(pair.cert); // OpenSSL passes over what is no certificate
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificate cannot be used (${files.cert}, ${files.key}): ${message}`, { cause });
  }
}
