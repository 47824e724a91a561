import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

/** Paths of PEM files. Without `ca` the certificate authorities of Node.js count. */
export interface CertificateFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const NAMES = ['ca', 'cert', 'key'] as const;

/**
 * The certificates for secured connections, as the files have them when a connection is made: a renewed one needs no restart. A file is read only
 * when it has changed. Files that cannot be used, or that do not fit each other yet, leave the former ones in use.
 */
export class Certificates {
  readonly #files: CertificateFiles;
  readonly #report: (reason: string) => void;
  #context: SecureContext;
  /** What the files looked like when the context was made of them. */
  #state: string;
  /** The problem that has been reported last and still is one. */
  #reported: string | undefined;

  /** Error where a file cannot be used. `report` is told of problems later on, each once. */
  constructor(files: CertificateFiles, report: (reason: string) => void) {
    this.#files = files;
    this.#report = report;
    this.#state = stateOf(files);
    this.#context = contextOf(files);
  }

  /** For a connection that is made now; the same object as long as the files are the same. */
  current(): SecureContext {
    try {
      const state = stateOf(this.#files);
      if (state !== this.#state) {
        this.#context = contextOf(this.#files);
        this.#state = state;
      }
      this.#reported = undefined;
    } catch (error) {
      const reason = `${error instanceof Error ? error.message : error}; the former certificates stay in use`;
      if (reason !== this.#reported) {
        this.#reported = reason;
        this.#report(reason);
      }
    }
    return this.#context;
  }
}

function stateOf(files: CertificateFiles): string {
  return NAMES.map((name) => {
    const path = files[name];
    if (path === undefined) {
      return '';
    }
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  }).join('|');
}

function contextOf(files: CertificateFiles): SecureContext {
  const { ca, cert, key } = Object.fromEntries(
    NAMES.map((name) => [name, files[name] === undefined ? undefined : readFileSync(files[name])]),
  );
  try {
    if (ca) {
      new X509Certificate(ca); // OpenSSL passes over what is no certificate
    }
    return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  } catch (cause) {
    const paths = NAMES.flatMap((name) => files[name] ?? []);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificates cannot be used (${paths.join(', ')}): ${message}`, { cause });
  }
}
