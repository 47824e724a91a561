import { DecodeError } from './decode-error.ts';
import type { Message, Text } from './message.ts';

// fatal: the caller must know octets that are no text. ignoreBOM: U+FEFF is part of a name like any other character.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the variable part of one message, field by field in wire order. Integers are big-endian; octets are views, never copies. */
export class Reader {
  #frame: Uint8Array = new Uint8Array(0);
  #type: Message['type'] = 'PINGRESP';
  #at = 0;
  #end = 0;

  /** Starts with a message of `type` whose variable part is `frame[start..end)`. One reader serves any number of messages, one after the other. */
  open(frame: Uint8Array, type: Message['type'], start: number, end: number): this {
    this.#frame = frame;
    this.#type = type;
    this.#at = start;
    this.#end = end;
    return this;
  }

  /** Octets of the variable part that have not been read. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** One octet. Throws `DecodeError` malformed where none is left. */
  uint8(field: string): number {
    return this.#frame[this.#take(1, field)] as number;
  }

  /** Two octets, most significant first. Throws `DecodeError` malformed where they are not left. */
  uint16(field: string): number {
    const at = this.#take(2, field);
    return ((this.#frame[at] as number) << 8) | (this.#frame[at + 1] as number);
  }

  /** All octets that are left, maybe none. */
  octets(): Uint8Array {
    const at = this.#at;
    this.#at = this.#end;
    return this.#frame.subarray(at, this.#end);
  }

  /** All octets that are left as a string; as they are where they are not valid UTF-8. */
  text(): Text {
    const octets = this.octets();
    if (octets.length === 0) {
      return '';
    }
    try {
      return UTF8.decode(octets);
    } catch {
      return octets;
    }
  }

  /** All octets behind the variable part (§5.5: the encapsulated message, which Length does not count). */
  behind(): Uint8Array {
    return this.#frame.subarray(this.#end);
  }

  /** Throws `DecodeError` malformed where octets are left: the message is longer than its type allows (1.6). */
  close(): void {
    if (this.remaining === 0) {
      return;
    }
    throw new DecodeError(
      'malformed',
      `${this.#type} ends ${this.remaining} ${this.remaining === 1 ? 'octet' : 'octets'} before its Length does`,
    );
  }

  /** Error for a field whose value the message can't have. */
  malformed(problem: string): DecodeError {
    return new DecodeError('malformed', `${this.#type}: ${problem}`);
  }

  #take(size: number, field: string): number {
    const at = this.#at;
    if (this.#end - at < size) {
      throw new DecodeError('malformed', `${this.#type} is too short: its ${field} is missing or not whole`);
    }
    this.#at = at + size;
    return at;
  }
}
