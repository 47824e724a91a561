/**
 * GHASH (NIST SP 800-38D 6.4) without tables: each product takes the same steps whatever the octets are, so that the time that it takes says nothing of them.
 *
 * Elements of the field are four words of 32 bits, the first octets in the first word. A product without carries is made of ordinary ones of words in
 * which three of four bits are zeros: what is carried gets lost in the gaps. Such a product has its lower half only, so that it is made a second time of the
 * words with their bits in the opposite order, for the upper half.
 */

/** Looked up once: in a context of its own, as tests run in, each look at a global takes longer than a product. */
const { imul } = Math;

/** Words by which one is multiplied, as Karatsuba wants them: twice nine. */
const OPERANDS = 9;

/** The lower halves of the seven columns of a product, then the upper ones with their bits in the opposite order. */
const columns = new Int32Array(14);
const product = new Int32Array(8);

/** What GHASH needs of its key, the block `h`. */
export function ghashKey(h: Uint8Array): Int32Array {
  const words = [12, 8, 4, 0].map((at) => wordAt(h, at));
  const key = new Int32Array(2 * OPERANDS);
  writeOperands(key, 0, words);
  writeOperands(key, OPERANDS, words.map(reversed));
  return key;
}

/** The hash so far, in four words. */
export type GhashState = Int32Array;

/** Takes in `length` octets from `at` on, and zeros up to the end of the block. */
export function ghash(state: GhashState, key: Int32Array, octets: Uint8Array, at: number, length: number): void {
  const end = at + length;
  for (let from = at; from < end; from += 16) {
    for (let word = 0; word < 4; word++) {
      state[word] = (state[word] ?? 0) ^ wordUpTo(octets, from + 4 * word, end);
    }
    multiply(state, key);
  }
}

/** Takes in the last block: how many octets were hashed of the additional data, and of the text. Fewer than 2^29 of each. */
export function ghashLengths(state: GhashState, key: Int32Array, additional: number, text: number): void {
  state[1] = (state[1] ?? 0) ^ (additional << 3);
  state[3] = (state[3] ?? 0) ^ (text << 3);
  multiply(state, key);
}

function wordAt(octets: Uint8Array, at: number): number {
  return wordUpTo(octets, at, at + 4);
}

/** The word at `at`, with zeros for what is behind `end`. */
function wordUpTo(octets: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let index = at; index < at + 4; index++) {
    word = (word << 8) | (index < end ? (octets[index] ?? 0) : 0);
  }
  return word;
}

function writeOperands(key: Int32Array, at: number, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): void {
  key.set([a, b, a ^ b, c, d, c ^ d, a ^ c, b ^ d, a ^ b ^ c ^ d], at);
}

/** The bits of a word in the opposite order. */
function reversed(word: number): number {
  let x = word;
  x = ((x & 0x55555555) << 1) | ((x >>> 1) & 0x55555555);
  x = ((x & 0x33333333) << 2) | ((x >>> 2) & 0x33333333);
  x = ((x & 0x0f0f0f0f) << 4) | ((x >>> 4) & 0x0f0f0f0f);
  x = ((x & 0x00ff00ff) << 8) | ((x >>> 8) & 0x00ff00ff);
  return (x << 16) | (x >>> 16);
}

/** The lower 32 bits of a product without carries: no column of the ordinary ones has more than eight ones, which is less than its gap holds. */
function productOf(x: number, y: number): number {
  const x0 = x & 0x11111111;
  const x1 = x & 0x22222222;
  const x2 = x & 0x44444444;
  const x3 = x & 0x88888888;
  const y0 = y & 0x11111111;
  const y1 = y & 0x22222222;
  const y2 = y & 0x44444444;
  const y3 = y & 0x88888888;
  const z0 = imul(x0, y0) ^ imul(x1, y3) ^ imul(x2, y2) ^ imul(x3, y1);
  const z1 = imul(x0, y1) ^ imul(x1, y0) ^ imul(x2, y3) ^ imul(x3, y2);
  const z2 = imul(x0, y2) ^ imul(x1, y1) ^ imul(x2, y0) ^ imul(x3, y3);
  const z3 = imul(x0, y3) ^ imul(x1, y2) ^ imul(x2, y1) ^ imul(x3, y0);
  return (z0 & 0x11111111) | (z1 & 0x22222222) | (z2 & 0x44444444) | (z3 & 0x88888888);
}

/** The seven columns of a product of four words, the last words first, by Karatsuba's nine products. */
function writeColumns(at: number, key: Int32Array, from: number, a: number, b: number, c: number, d: number): void {
  const low = productOf(a, key[from] ?? 0);
  const lowHigh = productOf(b, key[from + 1] ?? 0);
  const lowMiddle = productOf(a ^ b, key[from + 2] ?? 0) ^ low ^ lowHigh;
  const high = productOf(c, key[from + 3] ?? 0);
  const highHigh = productOf(d, key[from + 4] ?? 0);
  const highMiddle = productOf(c ^ d, key[from + 5] ?? 0) ^ high ^ highHigh;
  const both = productOf(a ^ c, key[from + 6] ?? 0);
  const bothHigh = productOf(b ^ d, key[from + 7] ?? 0);
  const bothMiddle = productOf(a ^ b ^ c ^ d, key[from + 8] ?? 0) ^ both ^ bothHigh;
  columns[at] = low;
  columns[at + 1] = lowMiddle;
  columns[at + 2] = lowHigh ^ both ^ low ^ high;
  columns[at + 3] = bothMiddle ^ lowMiddle ^ highMiddle;
  columns[at + 4] = high ^ bothHigh ^ lowHigh ^ highHigh;
  columns[at + 5] = highMiddle;
  columns[at + 6] = highHigh;
}

/** Multiplies by the key, modulo x^128 + x^7 + x^2 + x + 1. In a block the first bit is that of x^0: words are in the opposite order of their degree. */
function multiply(state: GhashState, key: Int32Array): void {
  const a = state[3] ?? 0;
  const b = state[2] ?? 0;
  const c = state[1] ?? 0;
  const d = state[0] ?? 0;
  writeColumns(0, key, 0, a, b, c, d);
  writeColumns(7, key, OPERANDS, reversed(a), reversed(b), reversed(c), reversed(d));
  // 255 bits: each word has the lower half of its column and the upper half of the one before. One bit to the left, they are 256.
  let carried = 0;
  for (let index = 0; index < 8; index++) {
    const upper = index === 0 ? 0 : reversed(columns[6 + index] ?? 0) >>> 1;
    const word = index === 7 ? upper : upper ^ (columns[index] ?? 0);
    product[index] = (word << 1) | carried;
    carried = word >>> 31;
  }
  // The last four words are of x^128 and more, the last one of the most.
  for (let index = 0; index < 4; index++) {
    const word = product[index] ?? 0;
    product[index + 3] = (product[index + 3] ?? 0) ^ (word << 31) ^ (word << 30) ^ (word << 25);
    product[index + 4] = (product[index + 4] ?? 0) ^ word ^ (word >>> 1) ^ (word >>> 2) ^ (word >>> 7);
  }
  for (let index = 0; index < 4; index++) {
    state[index] = product[7 - index] ?? 0;
  }
}
