/** What the framings with a delimiter share: what stands between two delimiters is one packet, and every packet is one finding. */
import { type Crc, checkSequenceSize, stripCheckSequence } from './check-sequence.ts';
import type { DiscardReason, Finding } from './framing.ts';

export interface PacketOptions {
  /** Octets of the largest frame, its CRC not counted. */
  readonly maxFrame: number;
  /** The CRC behind each frame. */
  readonly crc: Crc;
}

/** Collects one packet after the other. Holds no more octets than a frame may have; what is beyond is only counted. */
export class Packet {
  readonly #crc: Crc;
  /** The packet as it was before it was escaped: a frame and its check sequence. */
  readonly #content: Uint8Array;
  #size = 0;
  /** Octets of the line that it has taken. */
  #came = 0;
  #failure: DiscardReason | undefined;

  constructor({ maxFrame, crc }: PacketOptions) {
    this.#crc = crc;
    this.#content = new Uint8Array(maxFrame + checkSequenceSize(crc));
  }

  /** Nothing has come since the last packet. */
  get isEmpty(): boolean {
    return this.#came === 0;
  }

  /** An octet of the line belongs to this packet. */
  count(): void {
    this.#came++;
  }

  /** An octet of the content. */
  add(octet: number): void {
    if (this.#size === this.#content.length) {
      this.fail('tooLong');
    } else {
      this.#content[this.#size++] = octet;
    }
  }

  /** Whatever still comes of it, this packet is no frame. The first failure is the one that is told. */
  fail(reason: DiscardReason): void {
    this.#failure ??= reason;
  }

  /** A delimiter has come. Two of them with nothing between are no packet. */
  end(findings: Finding[]): void {
    if (this.#came === 0) {
      return;
    }
    findings.push(this.#failure === undefined ? this.#judge() : this.#discarded(this.#failure));
    this.#clear();
  }

  /** No delimiter will come. */
  abandon(findings: Finding[]): void {
    if (this.#came === 0) {
      return;
    }
    findings.push(this.#discarded(this.#failure ?? 'incomplete'));
    this.#clear();
  }

  #judge(): Finding {
    if (this.#size <= checkSequenceSize(this.#crc)) {
      return this.#discarded('noise'); // no room for a frame
    }
    const frame = stripCheckSequence(this.#content.subarray(0, this.#size), this.#crc);
    return frame === undefined ? this.#discarded('badChecksum') : { type: 'frame', frame: frame.slice() };
  }

  #discarded(reason: DiscardReason): Finding {
    return { type: 'discarded', octets: this.#came, reason };
  }

  #clear(): void {
    this.#size = 0;
    this.#came = 0;
    this.#failure = undefined;
  }
}
