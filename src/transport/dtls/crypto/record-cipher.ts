import { createCipheriv, createDecipheriv } from 'node:crypto';
import { writeNumber } from '../wire-octets.ts';
import type { Aead } from './suites.ts';

/** Ciphers that Node.js knows by different types, with one interface at run time. */
type Gcm = 'aes-128-gcm';

/** Protects what goes one way, with one key: AEAD of RFC 5246 6.2.3.3. */
export class RecordCipher {
  readonly #aead: Aead;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly #options: { readonly authTagLength: number };
  /** Made once: the cipher copies it. */
  readonly #nonce = new Uint8Array(12);

  /** `iv`: as the key block has it. */
  constructor(aead: Aead, key: Uint8Array, iv: Uint8Array) {
    this.#aead = aead;
    this.key = key;
    this.iv = iv;
    this.#options = { authTagLength: aead.tagLength };
  }

  /** See Aead. */
  get maxForged(): number {
    return this.#aead.maxForged;
  }

  /** Octets that a record is longer than what it protects. */
  get overhead(): number {
    return this.#aead.explicitNonceLength + this.#aead.tagLength;
  }

  /**
   * Writes explicit nonce, ciphertext and tag to `record` from `at` on. `epoch` and `sequence`: of the record, never used twice with a key
   * (RFC 5288 3: the explicit nonce may be the number of the record).
   */
  seal(record: Uint8Array, at: number, plain: Uint8Array, aad: Uint8Array, epoch: number, sequence: number): void {
    const nonce = this.#nonceFor(epoch, sequence);
    const { explicitNonceLength } = this.#aead;
    record.set(nonce.subarray(12 - explicitNonceLength), at);
    const cipher = createCipheriv(this.#aead.cipher as Gcm, this.key, nonce, this.#options);
    cipher.setAAD(aad, { plaintextLength: plain.length });
    const from = at + explicitNonceLength;
    record.set(cipher.update(plain), from);
    cipher.final();
    record.set(cipher.getAuthTag(), from + plain.length);
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
    const { explicitNonceLength } = this.#aead;
    const nonce = this.#nonceFor(epoch, sequence);
    nonce.set(sealed.subarray(0, explicitNonceLength), 12 - explicitNonceLength); // the sender's own choice
    const decipher = createDecipheriv(this.#aead.cipher as Gcm, this.key, nonce, this.#options);
    decipher.setAuthTag(sealed.subarray(explicitNonceLength + length));
    decipher.setAAD(aad, { plaintextLength: length });
    try {
      const plain = decipher.update(sealed.subarray(explicitNonceLength, explicitNonceLength + length));
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #nonceFor(epoch: number, sequence: number): Uint8Array {
    const nonce = this.#nonce;
    nonce.fill(0);
    writeNumber(nonce, 4, epoch, 2);
    writeNumber(nonce, 6, sequence, 6);
    // RFC 7905 2: the number of the record, XORed with all twelve octets; elsewhere a salt before it.
    for (let index = 0; index < this.iv.length; index++) {
      nonce[index] = (nonce[index] ?? 0) ^ (this.iv[index] ?? 0);
    }
    return nonce;
  }
}
