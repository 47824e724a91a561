/** Each message of the world is one of its kind: its payload begins with its name, and a blank where more follows. */

const POISON = 'POISON';

/** The octets of a payload of `size` octets, or as many as its name needs. `poison`: the broker closes the connection as answer. */
export function payloadOf(name: string, size: number, poison = false): Uint8Array {
  const start = poison ? `${name} ${POISON}` : name;
  const text = start.length >= size ? start : `${start} `.padEnd(size, '.');
  return Buffer.from(text, 'latin1');
}

/** The name of the message that these octets belong to. */
export function nameOf(payload: Uint8Array): string {
  const text = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 24)).toString('latin1');
  const end = text.indexOf(' ');
  return end < 0 ? text : text.slice(0, end);
}

export function isPoison(payload: Uint8Array): boolean {
  return payload.length > 8 && Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(POISON);
}
