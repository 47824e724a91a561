import { createCipheriv, createDecipheriv } from 'node:crypto';
import { onItsWay, roomFor, writeRecordNumber } from '../wire-octets.ts';
import type { Aead } from './suites.ts';

/** Ciphers that Node.js knows by different types, with one interface at run time. */
type Gcm = 'aes-128-gcm';

const NONCE_LENGTH = 12;
/** Octets of it before the number of a record. */
const SALT_LENGTH = NONCE_LENGTH - 8;
/** Used again for each record, for it costs to make one: a cipher copies it at once. */
const NONCE = roomFor(NONCE_LENGTH);
/** The same for tags, by their length. */
const TAGS: Uint8Array[] = [];

/** Protects what goes one way, with one key: AEAD of RFC 5246 6.2.3.3. */
export class RecordCipher {
  readonly #aead: Aead;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;

  /** `iv`: as the key block has it. */
  constructor(aead: Aead, key: Uint8Array, iv: Uint8Array) {
    this.#aead = aead;
    this.key = key;
    this.iv = iv;
  }

  /** See Aead. */
  get maxForged(): number {
    return this.#aead.maxForged;
  }

  /** Octets of the part of the nonce that is sent. */
  get explicitNonceLength(): number {
    return this.#aead.explicitNonceLength;
  }

  /** Octets that a record is longer than what it protects. */
  get overhead(): number {
    return this.#aead.explicitNonceLength + this.#aead.tagLength;
  }

  /**
   * Writes what protects `plain` to `record`, from `at` on: explicit nonce, ciphertext and tag. `epoch` and `sequence`: of the record, never used twice with
   * a key (RFC 5288 3: the explicit nonce may be the number of the record).
   */
  seal(record: Uint8Array, at: number, plain: Uint8Array, aad: Uint8Array, epoch: number, sequence: number): void {
    const { cipher: name, explicitNonceLength, options } = this.#aead;
    this.#setNonce(epoch, sequence);
    const from = at + explicitNonceLength;
    if (explicitNonceLength > 0) {
      writeRecordNumber(record, at, epoch, sequence);
    }
    const { length } = plain;
    const cipher = createCipheriv(name as Gcm, this.key, NONCE, options);
    cipher.setAAD(aad, options && { plaintextLength: length });
    record.set(cipher.update(plain), from);
    cipher.final();
    record.set(cipher.getAuthTag(), from + length);
  }

  /**
   * The plaintext, `length` octets, of the protected fragment that is in `octets` from `at` on; undefined: it was not made with this key, or is another one
   * by now.
   */
  open(
    octets: Uint8Array,
    at: number,
    length: number,
    aad: Uint8Array,
    epoch: number,
    sequence: number,
  ): Uint8Array | undefined {
    const { cipher: name, explicitNonceLength, tagLength, options } = this.#aead;
    this.#setNonce(epoch, sequence);
    copy(octets, at, NONCE, NONCE_LENGTH - explicitNonceLength, explicitNonceLength); // the sender's own choice
    const from = at + explicitNonceLength;
    TAGS[tagLength] ??= roomFor(tagLength);
    const tag = TAGS[tagLength];
    copy(octets, from + length, tag, 0, tagLength);
    const sealed = onItsWay(length);
    copy(octets, from, sealed, 0, length);
    const decipher = createDecipheriv(name as Gcm, this.key, NONCE, options);
    decipher.setAuthTag(tag);
    decipher.setAAD(aad, options && { plaintextLength: length });
    try {
      const plain = decipher.update(sealed);
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #setNonce(epoch: number, sequence: number): void {
    const { iv } = this;
    writeRecordNumber(NONCE, SALT_LENGTH, epoch, sequence);
    copy(iv, 0, NONCE, 0, SALT_LENGTH);
    // RFC 7905 2: the number of the record, XORed with all twelve octets; elsewhere a salt before it.
    for (let index = SALT_LENGTH; index < iv.length; index++) {
      NONCE[index] = (NONCE[index] ?? 0) ^ (iv[index] ?? 0);
    }
  }
}

/** A loop, for there are few of them. */
function copy(octets: Uint8Array, at: number, to: Uint8Array, toAt: number, length: number): void {
  for (let index = 0; index < length; index++) {
    to[toAt + index] = octets[at + index] ?? 0;
  }
}
