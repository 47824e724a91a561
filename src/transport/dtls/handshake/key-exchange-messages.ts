/** ServerKeyExchange and ClientKeyExchange (RFC 4279 2, RFC 5489 2, RFC 8422 5.4). */
import type { GroupId } from '../crypto/key-agreement.ts';
import type { Suite } from '../crypto/suites.ts';
import { OctetReader } from '../octet-reader.ts';
import { joined, numberOctets, vector } from '../wire-octets.ts';

/** `named_curve` (RFC 8422 5.4) */
const NAMED_CURVE = 3;

/** An ephemeral public key of the server, and its group. */
export interface ServerShare {
  readonly group: number;
  readonly publicKey: Uint8Array;
}

/** What a client says: who it is, and with ECDHE its public key. */
export interface ClientKeyExchange {
  readonly identity: Uint8Array;
  /** Undefined where the suite has none. */
  readonly publicKey: Uint8Array | undefined;
}

/** The body of a ServerKeyExchange with an empty hint (RFC 5489 2). */
export function serverKeyExchangeBody(group: GroupId, publicKey: Uint8Array): Uint8Array {
  const hint = vector(new Uint8Array(0), 2);
  return joined(hint, numberOctets(NAMED_CURVE, 1), numberOctets(group, 2), vector(publicKey, 1));
}

/** The server's share; undefined: the suite has none, and there is only a hint, which says nothing to us. Throws `MalformedError`. */
export function readServerKeyExchange(body: Uint8Array, { keyExchange }: Suite): ServerShare | undefined {
  const reader = new OctetReader(body);
  reader.vector(2); // hint
  if (keyExchange === 'psk') {
    reader.end();
    return undefined;
  }
  const curveType = reader.number(1);
  const group = reader.number(2);
  const publicKey = reader.vector(1);
  reader.end();
  return curveType === NAMED_CURVE ? { group, publicKey } : undefined;
}

/** The body of a ClientKeyExchange. */
export function clientKeyExchangeBody({ identity, publicKey }: ClientKeyExchange): Uint8Array {
  const share = publicKey === undefined ? new Uint8Array(0) : vector(publicKey, 1);
  return joined(vector(identity, 2), share);
}

/** Throws `MalformedError`. */
export function readClientKeyExchange(body: Uint8Array, { keyExchange }: Suite): ClientKeyExchange {
  const reader = new OctetReader(body);
  const identity = reader.vector(2);
  const publicKey = keyExchange === 'ecdhe-psk' ? reader.vector(1) : undefined;
  reader.end();
  return { identity, publicKey };
}
