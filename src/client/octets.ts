const ENCODER = new TextEncoder();

/** Text as UTF-8; octets as they are. */
export function octets(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? ENCODER.encode(data) : data;
}
