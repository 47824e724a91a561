/** Alerts (RFC 5246 7.2). */

/** Numbers of descriptions that are sent or understood. */
export const CLOSE_NOTIFY = 0;
export const BAD_RECORD_MAC = 20;
export const HANDSHAKE_FAILURE = 40;
export const PROTOCOL_VERSION = 70;
export const NO_RENEGOTIATION = 100;
/** RFC 4279 2 */
export const UNKNOWN_PSK_IDENTITY = 115;

const WARNING = 1;
const FATAL = 2;

/** The content of an alert that ends nothing. CLOSE_NOTIFY is sent as one (RFC 5246 7.2.1). */
export function warning(description: number): Uint8Array {
  return Uint8Array.of(WARNING, description);
}

/** The content of an alert that ends the association. */
export function fatal(description: number): Uint8Array {
  return Uint8Array.of(FATAL, description);
}

/** Whether an alert says that a handshake has failed. */
export function isFatal(content: Uint8Array): boolean {
  return content.length === 2 && content[0] === FATAL;
}

/** Whether an alert ends the association of whoever receives it: all that is fatal, and `close_notify`. */
export function isEnd(content: Uint8Array): boolean {
  return isFatal(content) || (content.length === 2 && content[1] === CLOSE_NOTIFY);
}
