/** From a pre-shared key to the keys of an association. */

import { createHmac } from 'node:crypto';
import type { TrafficSecrets } from '../../../ports/association-store.ts';
import { joined, vector } from '../wire-octets.ts';
import { prf } from './prf.ts';
import { RecordCipher } from './record-cipher.ts';
import type { Suite } from './suites.ts';

/** The two directions of an association. */
export interface TrafficCiphers {
  readonly client: RecordCipher;
  readonly server: RecordCipher;
}

/**
 * RFC 4279 2: without another exchange as many zeros as the key has octets stand before it; RFC 5489 2: the secret of the
 * Diffie-Hellman exchange does.
 */
export function premasterSecret(psk: Uint8Array, shared: Uint8Array | undefined): Uint8Array {
  return joined(vector(shared ?? new Uint8Array(psk.length), 2), vector(psk, 2));
}

/** RFC 5246 8.1: from the random values of ClientHello and ServerHello. */
export function masterSecret(suite: Suite, premaster: Uint8Array, randoms: Uint8Array): Uint8Array {
  return prf(suite.hash, premaster, 'master secret', randoms, 48);
}

/** RFC 7627 4: from the hash of all messages up to and with ClientKeyExchange. */
export function extendedMasterSecret(suite: Suite, premaster: Uint8Array, sessionHash: Uint8Array): Uint8Array {
  return prf(suite.hash, premaster, 'extended master secret', sessionHash, 48);
}

/** RFC 5246 6.3: the key block has the random value of the server first. */
export function trafficCiphers(
  suite: Suite,
  master: Uint8Array,
  { clientRandom, serverRandom }: { readonly clientRandom: Uint8Array; readonly serverRandom: Uint8Array },
): TrafficCiphers {
  const { aead, hash } = suite;
  const { keyLength, fixedIvLength } = aead;
  const block = prf(hash, master, 'key expansion', joined(serverRandom, clientRandom), 2 * (keyLength + fixedIvLength));
  const ivs = 2 * keyLength;
  return {
    client: new RecordCipher(aead, block.subarray(0, keyLength), block.subarray(ivs, ivs + fixedIvLength)),
    server: new RecordCipher(aead, block.subarray(keyLength, ivs), block.subarray(ivs + fixedIvLength)),
  };
}

/** `verify_data` of a Finished message (RFC 5246 7.4.9). `transcript`: the hash of all handshake messages before it. */
export function verifyData(
  suite: Suite,
  master: Uint8Array,
  sender: 'client' | 'server',
  transcript: Uint8Array,
): Uint8Array {
  return prf(suite.hash, master, `${sender} finished`, transcript, 12);
}

/** The ciphers of an association that was stored. */
export function restoredCiphers({ aead }: Suite, secrets: TrafficSecrets): TrafficCiphers {
  return {
    client: new RecordCipher(aead, secrets.clientKey, secrets.clientIv),
    server: new RecordCipher(aead, secrets.serverKey, secrets.serverIv),
  };
}

/** Tells whether a pre-shared key is the one with which an association was made, to whoever has the association; it says nothing of the key. */
export function keyProof({ clientKey, serverKey }: TrafficSecrets, psk: Uint8Array): Uint8Array {
  return createHmac('sha256', joined(clientKey, serverKey)).update(psk).digest().subarray(0, 16);
}
