import { appendCheckSequence, type Crc } from './check-sequence.ts';
import type { Finding, Framing } from './framing.ts';
import { Packet, type PacketOptions } from './packet.ts';

const DELIMITER = 0x00;
/** Code of a block of 254 octets that no zero follows: the longest there is. */
const FULL = 0xff;

/**
 * Consistent Overhead Byte Stuffing (S. Cheshire, M. Baker, 1999):
 *
 *     0x00 | blocks that make frame, CRC (0 or 2) | 0x00
 *     block: Code (1): 1–255 | Code - 1 octets, none of them zero
 *
 * Behind each block but the last stands a zero that is not sent, save behind one with code 255. One octet in 254 is added at most,
 * whatever the frame. A zero never stands inside a packet, so the packet behind the next zero is read again after any loss.
 */
export class CobsFraming implements Framing {
  readonly #crc: Crc;
  readonly #packet: Packet;
  /** Octets that the block still has. */
  #left = 0;
  /** A zero stands before the next block, if there is one. */
  #zeroDue = false;

  constructor(options: PacketOptions) {
    this.#crc = options.crc;
    this.#packet = new Packet(options);
  }

  get unfinished(): boolean {
    return !this.#packet.isEmpty;
  }

  encode(frame: Uint8Array): Uint8Array {
    const content = appendCheckSequence(frame, this.#crc);
    const line = new Uint8Array(content.length + Math.floor(content.length / (FULL - 1)) + 3);
    line[0] = DELIMITER; // ends whatever noise came before
    let code = 1;
    let to = 2;
    for (const octet of content) {
      if (to - code === FULL) {
        // Only now: where the frame ends with a full block, no empty one follows it.
        line[code] = FULL;
        code = to++;
      }
      if (octet !== 0) {
        line[to++] = octet;
      } else {
        line[code] = to - code;
        code = to++;
      }
    }
    line[code] = to - code;
    line[to++] = DELIMITER;
    return line.subarray(0, to);
  }

  receive(octets: Uint8Array): readonly Finding[] {
    const findings: Finding[] = [];
    for (const octet of octets) {
      if (octet === DELIMITER) {
        this.#end(findings);
      } else {
        this.#take(octet);
      }
    }
    return findings;
  }

  gap(): readonly Finding[] {
    const findings: Finding[] = [];
    this.#packet.abandon(findings);
    this.#restart();
    return findings;
  }

  #end(findings: Finding[]): void {
    if (this.#left > 0) {
      this.#packet.fail('badEncoding');
    }
    this.#packet.end(findings);
    this.#restart();
  }

  #take(octet: number): void {
    this.#packet.count();
    if (this.#left > 0) {
      this.#left--;
      this.#packet.add(octet);
      return;
    }
    if (this.#zeroDue) {
      this.#packet.add(0);
    }
    this.#left = octet - 1;
    this.#zeroDue = octet !== FULL;
  }

  #restart(): void {
    this.#left = 0;
    this.#zeroDue = false;
  }
}
