/** Codes with which OpenSSL and Node.js say that a certificate does not hold good. */
const CERTIFICATE =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|ERR_TLS_CERT_)/;

interface Failure {
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of OpenSSL. */
  readonly reason?: unknown;
  /** Of an AggregateError. */
  readonly errors?: unknown;
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
    if (typeof reason === 'string' && (code.startsWith('ERR_SSL_') || code === 'EPROTO')) {
      return `TLS: ${reason}`;
    }
  }
  return String(message || code || 'unknown error');
}
