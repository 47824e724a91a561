import type { PrfHash } from './prf.ts';

/** How a suite protects records. */
export interface Aead {
  /** As OpenSSL calls it. */
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-ccm' | 'chacha20-poly1305';
  /** Octets of the key, of what the key block gives for the nonce, of the part of the nonce that is sent, and of the tag. */
  readonly keyLength: number;
  readonly fixedIvLength: number;
  readonly explicitNonceLength: number;
  readonly tagLength: number;
  /** As `createCipheriv` takes it. */
  readonly options: { readonly authTagLength: number };
  /** Records that may be found to be forged with one key; the one after them ends the association. */
  readonly maxForged: number;
}

/** A cipher suite. */
export interface Suite {
  /** Name in the registry of IANA. */
  readonly name: SuiteName;
  readonly id: number;
  /** `psk`: RFC 4279 2; `ecdhe-psk`: RFC 5489 2, with forward secrecy. */
  readonly keyExchange: 'psk' | 'ecdhe-psk';
  readonly hash: PrfHash;
  readonly aead: Aead;
}

/** RFC 5288 3, RFC 6655 3: a salt out of the key block, and eight octets that each record carries. */
const EXPLICIT = { fixedIvLength: 4, explicitNonceLength: 8 } as const;
/**
 * Forged records with one key, as RFC 9147 4.5.3 counts them for DTLS 1.3. RFC 6347 has no such limits, but drops forged records in silence just as well, so
 * that whoever tries goes on trying, and the ciphers are the same: what is too much there is too much here.
 */
const MAX_FORGED = { gcm: 2 ** 36, chacha20: 2 ** 36, ccm: Math.floor(2 ** 23.5), ccm8: 2 ** 7 } as const;

const FULL_TAG = { authTagLength: 16 };

const AES_128_GCM: Aead = {
  ...{ cipher: 'aes-128-gcm', keyLength: 16, ...EXPLICIT, tagLength: 16, options: FULL_TAG, maxForged: MAX_FORGED.gcm },
};
const AES_256_GCM: Aead = {
  ...{ cipher: 'aes-256-gcm', keyLength: 32, ...EXPLICIT, tagLength: 16, options: FULL_TAG, maxForged: MAX_FORGED.gcm },
};
const AES_128_CCM: Aead = {
  ...{ cipher: 'aes-128-ccm', keyLength: 16, ...EXPLICIT, tagLength: 16, options: FULL_TAG, maxForged: MAX_FORGED.ccm },
};
/** RFC 6655 4: the tag is half as long. */
const AES_128_CCM_8: Aead = {
  ...{
    cipher: 'aes-128-ccm',
    keyLength: 16,
    ...EXPLICIT,
    tagLength: 8,
    options: { authTagLength: 8 },
    maxForged: MAX_FORGED.ccm8,
  },
};
/** RFC 7905 2: the whole nonce follows from the number of the record. */
const CHACHA20_POLY1305: Aead = {
  cipher: 'chacha20-poly1305',
  keyLength: 32,
  fixedIvLength: 12,
  explicitNonceLength: 0,
  tagLength: 16,
  options: FULL_TAG,
  maxForged: MAX_FORGED.chacha20,
};

/** All suites that are spoken, in the order in which our own client offers them. */
export const SUITES = [
  // RFC 7905 2
  suite('TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256', 0xccac, 'ecdhe-psk', 'sha256', CHACHA20_POLY1305),
  // RFC 5487 2
  suite('TLS_PSK_WITH_AES_128_GCM_SHA256', 0x00a8, 'psk', 'sha256', AES_128_GCM),
  suite('TLS_PSK_WITH_AES_256_GCM_SHA384', 0x00a9, 'psk', 'sha384', AES_256_GCM),
  // RFC 7905 2
  suite('TLS_PSK_WITH_CHACHA20_POLY1305_SHA256', 0xccab, 'psk', 'sha256', CHACHA20_POLY1305),
  // RFC 6655 4
  suite('TLS_PSK_WITH_AES_128_CCM', 0xc0a4, 'psk', 'sha256', AES_128_CCM),
  suite('TLS_PSK_WITH_AES_128_CCM_8', 0xc0a8, 'psk', 'sha256', AES_128_CCM_8),
] as const;

/** The names that the setting `suites` takes. */
export type SuiteName =
  | 'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256'
  | 'TLS_PSK_WITH_AES_128_GCM_SHA256'
  | 'TLS_PSK_WITH_AES_256_GCM_SHA384'
  | 'TLS_PSK_WITH_CHACHA20_POLY1305_SHA256'
  | 'TLS_PSK_WITH_AES_128_CCM'
  | 'TLS_PSK_WITH_AES_128_CCM_8';

/** The suite with this number; undefined: it is not spoken. */
export function suiteOf(id: number): Suite | undefined {
  return SUITES.find((each) => each.id === id);
}

function suite(name: SuiteName, id: number, keyExchange: Suite['keyExchange'], hash: PrfHash, aead: Aead): Suite {
  return { name, id, keyExchange, hash, aead };
}
