/** Cuts what the broker sends into packets. What arrives whole is not copied; pieces are, for the memory that they come in may be used again. */
import { varInt } from './quick-packets.ts';

/** Octets of the longest fixed header. */
const HEADER = 5;

const NOTHING = Buffer.alloc(0);

/** A whole packet: its first octet, and where it is in `octets`: from `start`, behind Remaining Length from `at`, to `end`. */
export type WholePacket = (first: number, octets: Buffer, start: number, at: number, end: number) => void;

export class PacketCutter {
  readonly #whole: WholePacket;
  readonly #unreadable: (octets: Buffer) => void;
  /** The beginning of a packet that has not come whole. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** How long it has to be before it is worth a look. */
  #wanted = 0;
  #gaveUp = false;

  /** `unreadable`: gets everything from a Remaining Length on that is none. */
  constructor(whole: WholePacket, unreadable: (octets: Buffer) => void) {
    this.#whole = whole;
    this.#unreadable = unreadable;
  }

  push(chunk: Buffer): void {
    if (this.#gaveUp) {
      this.#unreadable(chunk);
      return;
    }
    if (this.#length === 0) {
      this.#cut(chunk);
      return;
    }
    this.#pieces.push(Buffer.from(chunk));
    this.#length += chunk.length;
    if (this.#length >= this.#wanted) {
      const all = Buffer.concat(this.#pieces, this.#length);
      this.#pieces = [];
      this.#length = 0;
      this.#cut(all);
    }
  }

  #cut(octets: Buffer): void {
    let start = 0;
    while (start < octets.length) {
      const length = varInt(octets, start + 1, Math.min(octets.length, start + HEADER));
      if (length === undefined) {
        if (octets.length - start >= HEADER) {
          this.#gaveUp = true;
          this.#unreadable(start === 0 ? octets : octets.subarray(start));
        } else {
          this.#keep(octets, start, octets.length - start + 1);
        }
        return;
      }
      const end = length.end + length.value;
      if (end > octets.length) {
        this.#keep(octets, start, end - start);
        return;
      }
      this.#whole(octets[start] as number, octets, start, length.end, end);
      start = end;
    }
  }

  #keep(octets: Buffer, start: number, wanted: number): void {
    this.#pieces = [start === octets.length ? NOTHING : Buffer.from(octets.subarray(start))];
    this.#length = octets.length - start;
    this.#wanted = wanted;
  }
}
