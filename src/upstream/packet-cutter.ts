/**
 * Cuts what the broker sends into packets. What arrives whole is not copied; pieces are, for the memory that they come in may be used again. Of a packet
 * that is longer than anything that a client could get, only the beginning is kept: a packet may have 256 MB.
 */
import { varInt } from './quick-packets.ts';

/** Octets of the longest fixed header. */
const HEADER = 5;

/**
 * Octets behind the fixed header that are kept: a topic name, properties, and a payload that is still more than any frame carries, so that the message
 * is dropped (G-5) and acknowledged as what it is.
 */
const MOST = 1 << 20;

const PUBLISH = 0x30;

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
  /** The beginning of a PUBLISH that is too long, as a packet of its own, while the rest of it comes. */
  #shortened: Buffer | undefined;
  /** Octets of that rest. */
  #skip = 0;

  /** `unreadable`: gets everything from a Remaining Length on that is none, or that only a PUBLISH may have. */
  constructor(whole: WholePacket, unreadable: (octets: Buffer) => void) {
    this.#whole = whole;
    this.#unreadable = unreadable;
  }

  /** A packet has begun to come. */
  get isUnfinished(): boolean {
    return this.#length > 0 || this.#shortened !== undefined;
  }

  push(chunk: Buffer): void {
    if (this.#gaveUp) {
      this.#unreadable(chunk);
      return;
    }
    if (this.#shortened !== undefined) {
      this.#skipRest(chunk, 0, this.#shortened);
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

  #cut(octets: Buffer, from = 0): void {
    let start = from;
    while (start < octets.length) {
      const length = varInt(octets, start + 1, Math.min(octets.length, start + HEADER));
      if (length === undefined) {
        if (octets.length - start >= HEADER) {
          this.#giveUp(octets, start);
        } else {
          this.#keep(octets, start, octets.length - start + 1);
        }
        return;
      }
      if (length.value > MOST) {
        this.#beginLong(octets, start, length);
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

  #giveUp(octets: Buffer, start: number): void {
    this.#gaveUp = true;
    this.#unreadable(start === 0 ? octets : octets.subarray(start));
  }

  /** A packet of more than `MOST` octets behind its fixed header. */
  #beginLong(octets: Buffer, start: number, { value, end: at }: { value: number; end: number }): void {
    const first = octets[start] as number;
    if ((first & 0xf0) !== PUBLISH) {
      this.#giveUp(octets, start);
    } else if (octets.length < at + MOST) {
      this.#keep(octets, start, at - start + MOST);
    } else {
      this.#skip = value - MOST;
      this.#skipRest(octets, at + MOST, Buffer.concat([headerOf(first), octets.subarray(at, at + MOST)]));
    }
  }

  /** What comes of a packet that is too long; behind it things go on as before. */
  #skipRest(octets: Buffer, from: number, packet: Buffer): void {
    const end = Math.min(octets.length, from + this.#skip);
    this.#skip -= end - from;
    this.#shortened = this.#skip > 0 ? packet : undefined;
    if (this.#shortened === undefined) {
      this.#whole(packet[0] as number, packet, 0, packet.length - MOST, packet.length);
      this.#cut(octets, end);
    }
  }

  #keep(octets: Buffer, start: number, wanted: number): void {
    this.#pieces = [start === octets.length ? NOTHING : Buffer.from(octets.subarray(start))];
    this.#length = octets.length - start;
    this.#wanted = wanted;
  }
}

/** Fixed header of a packet with `MOST` octets behind it. */
function headerOf(first: number): Buffer {
  return Buffer.of(first, (MOST & 0x7f) | 0x80, ((MOST >> 7) & 0x7f) | 0x80, MOST >> 14);
}
