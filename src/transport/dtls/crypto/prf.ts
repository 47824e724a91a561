import { createHmac } from 'node:crypto';
import { joined } from '../wire-octets.ts';

/** Hash functions of the suites' pseudo-random function. */
export type PrfHash = 'sha256' | 'sha384';

/** `length` octets of PRF(secret, label, seed) with P_hash (RFC 5246 5). */
export function prf(hash: PrfHash, secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const labelled = joined(new TextEncoder().encode(label), seed);
  const output = new Uint8Array(length);
  let a = hmac(hash, secret, labelled); // A(1)
  for (let at = 0; at < length; ) {
    const part = hmac(hash, secret, joined(a, labelled)).subarray(0, length - at);
    output.set(part, at);
    at += part.length;
    if (at < length) {
      a = hmac(hash, secret, a);
    }
  }
  return output;
}

function hmac(hash: PrfHash, key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac(hash, key).update(data).digest();
}
