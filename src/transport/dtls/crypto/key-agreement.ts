import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { joined } from '../wire-octets.ts';

/** Named groups (RFC 8422 5.1.1): numbers in `supported_groups` and ServerKeyExchange. */
export type GroupId = 23 | 29;

/** secp256r1 */
export const P256: GroupId = 23;
export const X25519: GroupId = 29;

/** Groups in the order in which our own client offers them. */
export const GROUPS: readonly GroupId[] = [X25519, P256];

/** What stands before the 32 octets of a key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410 7). */
const X25519_PRIVATE = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
const X25519_PUBLIC = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0);

/** One side of an ephemeral Diffie-Hellman exchange. */
export interface KeyShare {
  readonly group: GroupId;
  /** As it is sent: 32 octets (RFC 8422 5.4), or an uncompressed point. */
  readonly publicKey: Uint8Array;
  /** The premaster secret's part with the other side's public key; undefined: that is no key of the group. */
  secretWith(publicKey: Uint8Array): Uint8Array | undefined;
}

/** `random`: octets nobody can guess, a private key of them. */
export function keyShare(group: GroupId, random: (length: number) => Uint8Array): KeyShare {
  return group === X25519 ? x25519Share(random(32)) : p256Share(random);
}

/** RFC 7748 5 clamps the octets; whatever they are, they are a key. */
function x25519Share(octets: Uint8Array): KeyShare {
  const key = joined(X25519_PRIVATE, octets) as NodeJS.ArrayBufferView & Uint8Array;
  const privateKey = createPrivateKey({ key: key as never, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(X25519_PUBLIC.length);
  return {
    group: X25519,
    publicKey,
    secretWith(other) {
      if (other.length !== 32) {
        return undefined;
      }
      try {
        const key = joined(X25519_PUBLIC, other) as never;
        // RFC 8422 5.11: OpenSSL refuses a secret of zeros, which a point of small order would give.
        return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) });
      } catch {
        return undefined;
      }
    },
  };
}

function p256Share(random: (length: number) => Uint8Array): KeyShare {
  const ecdh = createECDH('prime256v1');
  for (;;) {
    try {
      ecdh.setPrivateKey(random(32));
      break;
    } catch {
      // Zero, or not below the order of the group: one in 2^32.
    }
  }
  return {
    group: P256,
    publicKey: ecdh.getPublicKey(),
    secretWith(other) {
      // RFC 8422 5.4.1: uncompressed points only.
      if (other.length !== 65 || other[0] !== 4) {
        return undefined;
      }
      try {
        return ecdh.computeSecret(other); // the x coordinate (RFC 8422 5.10); a point off the curve is an error
      } catch {
        return undefined;
      }
    },
  };
}
