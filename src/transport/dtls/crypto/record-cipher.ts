import { createCipheriv, createDecipheriv } from 'node:crypto';
import { roomFor, writeRecordNumber } from '../wire-octets.ts';
import type { Aead } from './suites.ts';

/** Ciphers that Node.js knows by different types, with one interface at run time. */
type Gcm = 'aes-128-gcm';

const NONCE_LENGTH = 12;
/** Used again for each record, for it costs to make one: a cipher copies it at once. */
const NONCE = roomFor(NONCE_LENGTH);

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
   * Protects the `length` octets that `record` has behind the room for the explicit nonce, which begins at `at`: then there are explicit nonce, ciphertext
   * and tag. `epoch` and `sequence`: of the record, never used twice with a key (RFC 5288 3: the explicit
   * nonce may be the number of the record).
   */
  seal(record: Uint8Array, at: number, length: number, aad: Uint8Array, epoch: number, sequence: number): void {
    const { cipher: name, explicitNonceLength, options } = this.#aead;
    this.#setNonce(epoch, sequence);
    const from = at + explicitNonceLength;
    if (explicitNonceLength > 0) {
      writeRecordNumber(record, at, epoch, sequence);
    }
    const cipher = createCipheriv(name as Gcm, this.key, NONCE, options);
    cipher.setAAD(aad, { plaintextLength: length });
    record.set(cipher.update(record.subarray(from, from + length)), from);
    cipher.final();
    record.set(cipher.getAuthTag(), from + length);
  }

  /** Octets of the plaintext of a protected fragment; undefined: it is too short to be one. */
  plainLength(sealed: Uint8Array): number | undefined {
    const length = sealed.length - this.overhead;
    return length < 0 ? undefined : length;
  }

  /** The plaintext of a protected fragment; undefined: it was not made with this key, or is another one by now. */
  open(sealed: Uint8Array, aad: Uint8Array, epoch: number, sequence: number): Uint8Array | undefined {
    const length = this.plainLength(sealed);
    if (length === undefined) {
      return undefined;
    }
    const { cipher: name, explicitNonceLength, options } = this.#aead;
    this.#setNonce(epoch, sequence);
    for (let index = 0; index < explicitNonceLength; index++) {
      NONCE[NONCE_LENGTH - explicitNonceLength + index] = sealed[index] ?? 0; // the sender's own choice
    }
    const end = explicitNonceLength + length;
    const decipher = createDecipheriv(name as Gcm, this.key, NONCE, options);
    decipher.setAuthTag(sealed.subarray(end));
    decipher.setAAD(aad, { plaintextLength: length });
    try {
      const plain = decipher.update(sealed.subarray(explicitNonceLength, end));
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #setNonce(epoch: number, sequence: number): void {
    const { iv } = this;
    writeRecordNumber(NONCE, NONCE_LENGTH - 8, epoch, sequence);
    // RFC 7905 2: the number of the record, XORed with all twelve octets; elsewhere a salt before it.
    for (let index = 0; index < iv.length; index++) {
      NONCE[index] = (index < NONCE_LENGTH - 8 ? 0 : (NONCE[index] ?? 0)) ^ (iv[index] ?? 0);
    }
  }
}
