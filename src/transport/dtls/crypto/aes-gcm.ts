import { type Cipher, createCipheriv } from 'node:crypto';
import { writeNumber } from '../wire-octets.ts';
import { type GhashState, ghash, ghashKey, ghashLengths } from './ghash.ts';

const BLOCK = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Used again for each text. */
const hash: GhashState = new Int32Array(4);
/** The same, by their number: the counters, without their nonce. */
const COUNTERS: Uint8Array[] = [];
/** Blocks of the longest text for which they are kept. */
const KEPT = 32;

/**
 * AES-GCM (NIST SP 800-38D) for many short texts with one key. Node.js makes a cipher for each text, which costs half as much again; here what
 * enciphers single blocks is made once for each key, and what GCM puts around it is exclusive ors and GHASH.
 */
export class AesGcm {
  readonly #aes: Cipher;
  readonly #hashKey: Int32Array;

  /** `key`: 16 or 32 octets. */
  constructor(key: Uint8Array) {
    this.#aes = createCipheriv(key.length === 16 ? 'aes-128-ecb' : 'aes-256-ecb', key, null).setAutoPadding(false);
    this.#hashKey = ghashKey(this.#aes.update(new Uint8Array(BLOCK)));
  }

  /** Enciphers the `length` octets from `at` on where they are, and writes the tag behind them. `nonce`: twelve octets, never used twice with a key. */
  seal(nonce: Uint8Array, aad: Uint8Array, octets: Uint8Array, at: number, length: number): void {
    const stream = this.#stream(nonce, length);
    for (let index = 0; index < length; index++) {
      octets[at + index] = (octets[at + index] ?? 0) ^ (stream[BLOCK + index] ?? 0);
    }
    this.#hash(aad, octets, at, length);
    for (let index = 0; index < TAG_LENGTH; index++) {
      octets[at + length + index] = tagOctet(stream, index);
    }
  }

  /** The plaintext of the `length` octets from `at` on, which have their tag behind them; undefined: the tag is another one. */
  open(nonce: Uint8Array, aad: Uint8Array, octets: Uint8Array, at: number, length: number): Uint8Array | undefined {
    const stream = this.#stream(nonce, length);
    this.#hash(aad, octets, at, length);
    let difference = 0; // all octets are looked at, wherever the first one is that is wrong
    for (let index = 0; index < TAG_LENGTH; index++) {
      difference |= (octets[at + length + index] ?? 0) ^ tagOctet(stream, index);
    }
    if (difference !== 0) {
      return undefined;
    }
    for (let index = 0; index < length; index++) {
      stream[BLOCK + index] = (octets[at + index] ?? 0) ^ (stream[BLOCK + index] ?? 0);
    }
    return stream.subarray(BLOCK, BLOCK + length);
  }

  /** What covers the tag, and behind it what covers the text: the enciphered counters from 1 on (SP 800-38D 7.1). */
  #stream(nonce: Uint8Array, length: number): Uint8Array {
    const count = 1 + Math.ceil(length / BLOCK);
    const counters = countersFor(count);
    for (let at = 0; at < counters.length; at += BLOCK) {
      for (let index = 0; index < NONCE_LENGTH; index++) {
        counters[at + index] = nonce[index] ?? 0;
      }
    }
    return this.#aes.update(counters);
  }

  #hash(aad: Uint8Array, sealed: Uint8Array, at: number, length: number): void {
    hash.fill(0);
    ghash(hash, this.#hashKey, aad, 0, aad.length);
    ghash(hash, this.#hashKey, sealed, at, length);
    ghashLengths(hash, this.#hashKey, aad.length, length);
  }
}

function tagOctet(stream: Uint8Array, index: number): number {
  return (stream[index] ?? 0) ^ (((hash[index >>> 2] ?? 0) >>> (24 - 8 * (index & 3))) & 0xff);
}

function countersFor(count: number): Uint8Array {
  let counters = COUNTERS[count];
  if (counters === undefined) {
    counters = new Uint8Array(new ArrayBuffer(count * BLOCK)); // what is small and has no memory of its own is moved when it leaves for a cipher
    for (let block = 0; block < count; block++) {
      writeNumber(counters, block * BLOCK + NONCE_LENGTH, block + 1, 4);
    }
    if (count <= KEPT) {
      COUNTERS[count] = counters;
    }
  }
  return counters;
}
