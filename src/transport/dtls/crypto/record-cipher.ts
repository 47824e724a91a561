import { createCipheriv, createDecipheriv } from 'node:crypto';
import { roomFor, writeRecordNumber } from '../wire-octets.ts';
import { AesGcm } from './aes-gcm.ts';
import { type ContextOwner, KeptContexts } from './kept-contexts.ts';
import type { Aead } from './suites.ts';

/** Ciphers that Node.js knows by different types, with one interface at run time. */
type Ccm = 'aes-128-ccm';

const NONCE_LENGTH = 12;
/** Octets of it before the number of a record. */
const SALT_LENGTH = NONCE_LENGTH - 8;
/** Used again for each record, for it costs to make one: a cipher copies it at once. */
const NONCE = roomFor(NONCE_LENGTH);

/** Enough for a thousand associations that are awake: each has two. */
const CONTEXTS = new KeptContexts(2_048);

/** Protects what goes one way, with one key: AEAD of RFC 5246 6.2.3.3. */
export class RecordCipher implements ContextOwner {
  readonly #aead: Aead;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  /** Of a suite with GCM, as long as there are records. */
  #gcm: AesGcm | undefined;
  isInUse = false;

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
    if (isGcm(name)) {
      this.#context().seal(NONCE, aad, record, from, length);
      return;
    }
    const cipher = createCipheriv(name as Ccm, this.key, NONCE, options);
    cipher.setAAD(aad, { plaintextLength: length });
    record.set(cipher.update(record.subarray(from, from + length)), from);
    cipher.final();
    record.set(cipher.getAuthTag(), from + length);
  }

  /**
   * The plaintext, `length` octets, of the protected fragment that begins at `at`; undefined: it was not made with this key, or is another one by now.
   */
  open(
    datagram: Uint8Array,
    at: number,
    length: number,
    aad: Uint8Array,
    epoch: number,
    sequence: number,
  ): Uint8Array | undefined {
    const { cipher: name, explicitNonceLength, tagLength, options } = this.#aead;
    this.#setNonce(epoch, sequence);
    for (let index = 0; index < explicitNonceLength; index++) {
      NONCE[SALT_LENGTH + index] = datagram[at + index] ?? 0; // the sender's own choice
    }
    const from = at + explicitNonceLength;
    if (isGcm(name)) {
      return this.#context().open(NONCE, aad, datagram, from, length);
    }
    const end = from + length;
    const decipher = createDecipheriv(name as Ccm, this.key, NONCE, options);
    decipher.setAuthTag(datagram.subarray(end, end + tagLength));
    decipher.setAAD(aad, { plaintextLength: length });
    try {
      const plain = decipher.update(datagram.subarray(from, end));
      decipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  letGo(): void {
    this.#gcm = undefined;
  }

  #context(): AesGcm {
    this.isInUse = true;
    if (this.#gcm === undefined) {
      this.#gcm = new AesGcm(this.key);
      CONTEXTS.made(this);
    }
    return this.#gcm;
  }

  #setNonce(epoch: number, sequence: number): void {
    const { iv } = this;
    writeRecordNumber(NONCE, SALT_LENGTH, epoch, sequence);
    for (let index = 0; index < SALT_LENGTH; index++) {
      NONCE[index] = iv[index] ?? 0;
    }
    // RFC 7905 2: the number of the record, XORed with all twelve octets; elsewhere a salt before it.
    for (let index = SALT_LENGTH; index < iv.length; index++) {
      NONCE[index] = (NONCE[index] ?? 0) ^ (iv[index] ?? 0);
    }
  }
}

function isGcm(name: Aead['cipher']): boolean {
  return name === 'aes-128-gcm' || name === 'aes-256-gcm';
}
