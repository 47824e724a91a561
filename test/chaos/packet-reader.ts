/** The packets of MQTT 3.1.1 that tell what a broker was sent, and what it has sent. */
export type Packet =
  | { readonly type: 'CONNECT'; readonly clientId: string }
  | { readonly type: 'PUBLISH'; readonly packetId: number; readonly payload: string }
  | { readonly type: 'PUBREL'; readonly packetId: number };

const CONNECT = 1;
const PUBLISH = 3;
const PUBREL = 6;

/** Finds the packets in one direction of a TCP connection, however its octets are cut. */
export class PacketReader {
  readonly #found: (packet: Packet) => void;
  #octets = Buffer.alloc(0);

  /** `found` is called for each packet, in their order. */
  constructor(found: (packet: Packet) => void) {
    this.#found = found;
  }

  add(octets: Uint8Array): void {
    this.#octets = Buffer.concat([this.#octets, octets]);
    for (let length = this.#wholeLength(); length !== undefined; length = this.#wholeLength()) {
      const packet = read(this.#octets.subarray(0, length));
      this.#octets = this.#octets.subarray(length);
      if (packet !== undefined) {
        this.#found(packet);
      }
    }
  }

  /** Of the packet with which the octets begin; undefined while it is not whole. */
  #wholeLength(): number | undefined {
    const length = remainingLength(this.#octets);
    const whole = length === undefined ? undefined : length.at + length.octets;
    return whole === undefined || whole > this.#octets.length ? undefined : whole;
  }
}

/** The Remaining Length of MQTT: how many octets follow, and from where on. */
function remainingLength(octets: Buffer): { readonly at: number; readonly octets: number } | undefined {
  let value = 0;
  for (let index = 1; index < 5; index += 1) {
    const octet = octets[index];
    if (octet === undefined) {
      return undefined;
    }
    value += (octet & 0x7f) * 128 ** (index - 1);
    if (octet < 0x80) {
      return { at: index + 1, octets: value };
    }
  }
  throw new Error(`no MQTT packet: ${octets.subarray(0, 5).toString('hex')}`);
}

function read(packet: Buffer): Packet | undefined {
  const [first = 0] = packet;
  const body = packet.subarray(remainingLength(packet)?.at);
  const text = (at: number): string => body.subarray(at + 2, at + 2 + body.readUInt16BE(at)).toString();
  switch (first >> 4) {
    case CONNECT:
      // Protocol name, level, flags, keep-alive, and then the payload.
      return { type: 'CONNECT', clientId: text(2 + body.readUInt16BE(0) + 4) };
    case PUBLISH: {
      const name = 2 + body.readUInt16BE(0);
      return (first & 0x06) === 0
        ? { type: 'PUBLISH', packetId: 0, payload: body.subarray(name).toString() }
        : { type: 'PUBLISH', packetId: body.readUInt16BE(name), payload: body.subarray(name + 2).toString() };
    }
    case PUBREL:
      return { type: 'PUBREL', packetId: body.readUInt16BE(0) };
    default:
      return undefined;
  }
}
