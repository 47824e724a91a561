/** Codes with which OpenSSL and Node.js say that a certificate does not hold good. */
export const CERTIFICATE =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|ERR_TLS_CERT_)/;

/** The words of OpenSSL amid what it says of its own source text: `…:SSL routines:ssl3_get_record:wrong version number:../deps/…`. */
const SSL_WORDS = /:SSL routines:[^:]*:([^:]+):/;

interface Failure {
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of OpenSSL. */
  readonly reason?: unknown;
  /** Of an AggregateError. */
  readonly errors?: unknown;
}

/** The code of whatever was thrown; empty where it has none. */
export function failureCode(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Why a connection failed, for people: what the system says, without its wrapping. Never holds credentials. */
export function failureReason(error: unknown): string {
  const { message, code, reason, errors }: Failure =
    typeof error === 'object' && error !== null ? error : { message: error };
  if (Array.isArray(errors) && errors.length > 0) {
    // One attempt for each address of a name, e.g. ::1 and 127.0.0.1 for localhost.
    return errors.map(failureReason).join(', ');
  }
  if (typeof code === 'string') {
    if (CERTIFICATE.test(code)) {
      return `certificate: ${message}`;
    }
    const [, words = reason] = SSL_WORDS.exec(String(message)) ?? [];
    if (typeof words === 'string' && (code.startsWith('ERR_SSL_') || code === 'EPROTO')) {
      return `TLS: ${words}`;
    }
  }
  return String(message || code || 'unknown error');
}
