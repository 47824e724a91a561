/**
 * API frames of an XBee module on its serial line:
 *
 *     0x7E | Length (2, MSB first) | frame data (Length) | checksum (1): 0xFF minus the low octet of the sum of the frame data
 *
 * In API mode 2 every octet behind 0x7E that is 0x7E, 0x7D, 0x11 or 0x13 is sent as 0x7D and the octet XOR 0x20; Length and checksum are
 * those of the frame data before that.
 */
import type { DiscardReason, Finding, Framing } from '../../framing/framing.ts';

const DELIMITER = 0x7e;
const ESCAPE = 0x7d;
const XON = 0x11;
const XOFF = 0x13;
const ESCAPE_MASK = 0x20;
/** Octets before the frame data. */
const HEADER = 3;

/** Frame data that any module sends or takes has fewer octets; a longer Length is noise. */
export const MAX_FRAME_DATA = 512;

export function makeApiFraming(apiMode: 1 | 2): Framing {
  return apiMode === 1 ? new PlainApiFraming() : new EscapedApiFraming();
}

/** What API mode 2 escapes. */
function isSpecial(octet: number): boolean {
  return octet === DELIMITER || octet === ESCAPE || octet === XON || octet === XOFF;
}

function checksum(octets: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) {
    sum += octets[at] as number;
  }
  return 0xff - (sum & 0xff);
}

function assemble(data: Uint8Array): Uint8Array {
  const octets = new Uint8Array(HEADER + data.length + 1);
  octets[0] = DELIMITER;
  octets[1] = data.length >> 8;
  octets[2] = data.length & 0xff;
  octets.set(data, HEADER);
  octets[HEADER + data.length] = checksum(data, 0, data.length);
  return octets;
}

/**
 * API mode 1: 0x7E may stand inside a frame, so a false start may swallow a true one. All octets are kept until they make a frame;
 * after a wrong length or checksum the search goes on behind the false start.
 */
class PlainApiFraming implements Framing {
  #held = new Uint8Array(0);

  get unfinished(): boolean {
    return this.#held.length > 0;
  }

  encode(data: Uint8Array): Uint8Array {
    return assemble(data);
  }

  receive(octets: Uint8Array): readonly Finding[] {
    return this.#search(this.#held.length === 0 ? octets : concatenated(this.#held, octets), false);
  }

  gap(): readonly Finding[] {
    return this.#search(this.#held, true);
  }

  /** `over`: nothing more comes, what is incomplete stays so. */
  #search(octets: Uint8Array, over: boolean): readonly Finding[] {
    const findings: Finding[] = [];
    const discards = new Discards(findings);
    let at = 0;
    while (at < octets.length) {
      if (octets[at] !== DELIMITER) {
        discards.add(1, 'noise');
        at++;
        continue;
      }
      const size =
        at + HEADER > octets.length
          ? undefined
          : (((octets[at + 1] as number) << 8) | (octets[at + 2] as number)) + HEADER + 1;
      const isTooLong = size !== undefined && size > MAX_FRAME_DATA + HEADER + 1;
      const isWhole = size !== undefined && at + size <= octets.length;
      if (!isTooLong && !isWhole && !over) {
        break;
      }
      if (
        size !== undefined &&
        isWhole &&
        !isTooLong &&
        size > HEADER + 1 &&
        checksum(octets, at + HEADER, at + size - 1) === octets[at + size - 1]
      ) {
        discards.end();
        findings.push({ type: 'frame', frame: copied(octets, at + HEADER, at + size - 1) });
        at += size;
        continue;
      }
      discards.add(1, isTooLong ? 'tooLong' : isWhole ? 'badChecksum' : 'incomplete');
      at++;
    }
    discards.end();
    this.#held = copied(octets, at, octets.length);
    return findings;
  }
}

/** API mode 2: 0x7E never stands inside a frame, so each one begins a new frame. */
class EscapedApiFraming implements Framing {
  /** Frame without its delimiter, escapes taken off: Length, frame data, checksum. */
  readonly #frame = new Uint8Array(2 + MAX_FRAME_DATA + 1);
  #length = 0;
  /** Octets of the line in it, with the delimiter and escapes. */
  #came = 0;
  #inFrame = false;
  #escaped = false;

  get unfinished(): boolean {
    return this.#inFrame;
  }

  encode(data: Uint8Array): Uint8Array {
    const plain = assemble(data);
    const octets = new Uint8Array(plain.length * 2);
    octets[0] = DELIMITER;
    let to = 1;
    for (let at = 1; at < plain.length; at++) {
      const octet = plain[at] as number;
      if (isSpecial(octet)) {
        octets[to++] = ESCAPE;
        octets[to++] = octet ^ ESCAPE_MASK;
      } else {
        octets[to++] = octet;
      }
    }
    return octets.subarray(0, to);
  }

  receive(octets: Uint8Array): readonly Finding[] {
    const findings: Finding[] = [];
    const discards = new Discards(findings);
    for (const octet of octets) {
      if (octet === DELIMITER) {
        if (this.#inFrame) {
          this.#abandon(discards, this.#escaped ? 'badEncoding' : 'incomplete');
        }
        this.#inFrame = true;
        this.#came = 1;
      } else if (!this.#inFrame) {
        discards.add(1, 'noise');
      } else {
        this.#take(octet, findings, discards);
      }
    }
    discards.end();
    return findings;
  }

  gap(): readonly Finding[] {
    const findings: Finding[] = [];
    const discards = new Discards(findings);
    if (this.#inFrame) {
      this.#abandon(discards, 'incomplete');
    }
    discards.end();
    return findings;
  }

  #take(octet: number, findings: Finding[], discards: Discards): void {
    this.#came++;
    if (octet === ESCAPE && !this.#escaped) {
      this.#escaped = true;
      return;
    }
    const plain = this.#escaped ? octet ^ ESCAPE_MASK : octet;
    if (this.#escaped && !isSpecial(plain)) {
      this.#abandon(discards, 'badEncoding'); // no module escapes it
      return;
    }
    this.#frame[this.#length++] = plain;
    this.#escaped = false;
    if (this.#length < 2) {
      return;
    }
    const size = ((this.#frame[0] as number) << 8) | (this.#frame[1] as number);
    if (size > MAX_FRAME_DATA) {
      this.#abandon(discards, 'tooLong');
      return;
    }
    if (this.#length < 2 + size + 1) {
      return;
    }
    if (size === 0 || checksum(this.#frame, 2, 2 + size) !== this.#frame[2 + size]) {
      this.#abandon(discards, 'badChecksum');
      return;
    }
    discards.end();
    findings.push({ type: 'frame', frame: this.#frame.slice(2, 2 + size) });
    this.#reset();
  }

  #abandon(discards: Discards, reason: DiscardReason): void {
    discards.add(this.#came, reason);
    this.#reset();
  }

  #reset(): void {
    this.#inFrame = false;
    this.#escaped = false;
    this.#length = 0;
    this.#came = 0;
  }
}

/** Joins discarded octets that follow each other for the same reason into one finding. */
class Discards {
  readonly #findings: Finding[];
  #octets = 0;
  #reason: DiscardReason = 'noise';

  constructor(findings: Finding[]) {
    this.#findings = findings;
  }

  add(octets: number, reason: DiscardReason): void {
    if (reason !== this.#reason && !(reason === 'noise' && this.#octets > 0)) {
      this.end();
    }
    if (this.#octets === 0) {
      this.#reason = reason;
    }
    this.#octets += octets;
  }

  end(): void {
    if (this.#octets > 0) {
      this.#findings.push({ type: 'discarded', octets: this.#octets, reason: this.#reason });
    }
    this.#octets = 0;
  }
}

/** A Buffer's `slice` is a view, and what comes from a port is a Buffer. */
function copied(octets: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets.subarray(from, to));
}

function concatenated(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
