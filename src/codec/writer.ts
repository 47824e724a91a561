import type { Text } from './message.ts';

const UTF8 = new TextEncoder();

/** Writes one message into a buffer of exactly its size. Integers are big-endian. */
export class Writer {
  readonly frame: Uint8Array;
  #at = 0;

  /** `size`: octets of the whole message. */
  constructor(size: number) {
    this.frame = new Uint8Array(size);
  }

  /** Throws `RangeError` where the value is not 0–255. */
  uint8(value: number, field: string): void {
    if ((value & 0xff) !== value) {
      throw new RangeError(`${field} is one octet, not ${value}`);
    }
    this.frame[this.#at++] = value;
  }

  /** Throws `RangeError` where the value is not 0–65535. */
  uint16(value: number, field: string): void {
    if ((value & 0xffff) !== value) {
      throw new RangeError(`${field} has two octets, not ${value}`);
    }
    this.frame[this.#at++] = value >> 8;
    this.frame[this.#at++] = value & 0xff;
  }

  octets(octets: Uint8Array): void {
    this.frame.set(octets, this.#at);
    this.#at += octets.length;
  }

  text(text: Text): void {
    if (typeof text === 'string') {
      this.#at += UTF8.encodeInto(text, this.frame.subarray(this.#at)).written;
    } else {
      this.octets(text);
    }
  }
}

/** Octets that `Writer.text` writes for a text. A surrogate without its other half becomes U+FFFD there, which has three octets as well. */
export function textSize(text: Text): number {
  if (typeof text !== 'string') {
    return text.length;
  }
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      continue;
    }
    if (unit < 0x800) {
      size += 1;
    } else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      size += 2; // two units, four octets
      i++;
    } else {
      size += 2;
    }
  }
  return size;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
