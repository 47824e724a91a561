import { appendCheckSequence, type Crc } from './check-sequence.ts';
import type { Finding, Framing } from './framing.ts';
import { Packet, type PacketOptions } from './packet.ts';

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/**
 * SLIP (RFC 1055):
 *
 *     END | frame, CRC (0 or 2), with ESC ESC_END for END and ESC ESC_ESC for ESC | END
 *
 * END never stands inside a packet, so whatever was lost, the packet behind the next END is read again. A peer that sends END only
 * behind its packets is understood.
 */
export class SlipFraming implements Framing {
  readonly #crc: Crc;
  readonly #packet: Packet;
  /** The last octet was ESC. */
  #escaped = false;

  constructor(options: PacketOptions) {
    this.#crc = options.crc;
    this.#packet = new Packet(options);
  }

  get unfinished(): boolean {
    return !this.#packet.isEmpty;
  }

  encode(frame: Uint8Array): Uint8Array {
    const content = appendCheckSequence(frame, this.#crc);
    let special = 0;
    for (const octet of content) {
      if (octet === END || octet === ESC) {
        special++;
      }
    }
    const line = new Uint8Array(content.length + special + 2);
    line[0] = END; // ends whatever noise came before
    let to = 1;
    for (const octet of content) {
      if (octet !== END && octet !== ESC) {
        line[to++] = octet;
        continue;
      }
      line[to++] = ESC;
      line[to++] = octet === END ? ESC_END : ESC_ESC;
    }
    line[to] = END;
    return line;
  }

  receive(octets: Uint8Array): readonly Finding[] {
    const findings: Finding[] = [];
    for (const octet of octets) {
      if (octet === END) {
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
    this.#escaped = false;
    return findings;
  }

  #end(findings: Finding[]): void {
    if (this.#escaped) {
      this.#packet.fail('badEncoding');
    }
    this.#escaped = false;
    this.#packet.end(findings);
  }

  #take(octet: number): void {
    const packet = this.#packet;
    packet.count();
    if (this.#escaped) {
      this.#escaped = false;
      if (octet === ESC_END) {
        packet.add(END);
      } else if (octet === ESC_ESC) {
        packet.add(ESC);
      } else {
        packet.fail('badEncoding');
      }
    } else if (octet === ESC) {
      this.#escaped = true;
    } else {
      packet.add(octet);
    }
  }
}
