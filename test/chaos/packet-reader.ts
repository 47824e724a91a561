/** The packets of MQTT 3.1.1 and 5 that tell what a broker was sent, and what it has sent. */
export type Packet =
  | { readonly type: 'CONNECT'; readonly clientId: string; readonly version: 4 | 5 }
  | { readonly type: 'PUBLISH'; readonly packetId: number; readonly payload: string }
  | { readonly type: 'PUBREL'; readonly packetId: number };

const CONNECT = 1;
const PUBLISH = 3;
const PUBREL = 6;

/** Finds the packets in one direction of a TCP connection, however its octets are cut. */
export class PacketReader {
  readonly #found: (packet: Packet) => void;
  readonly #version: () => 4 | 5;
  #octets = Buffer.alloc(0);

  /** `found` is called for each packet, in their order. `version`: of MQTT, as CONNECT has said it by then. */
  constructor(found: (packet: Packet) => void, version: () => 4 | 5 = () => 4) {
    this.#found = found;
    this.#version = version;
  }

  add(octets: Uint8Array): void {
    this.#octets = Buffer.concat([this.#octets, octets]);
    for (let length = this.#wholeLength(); length !== undefined; length = this.#wholeLength()) {
      const packet = read(this.#octets.subarray(0, length), this.#version());
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

function read(packet: Buffer, version: 4 | 5): Packet | undefined {
  const [first = 0] = packet;
  const body = packet.subarray(remainingLength(packet)?.at);
  const text = (at: number): string => body.subarray(at + 2, at + 2 + body.readUInt16BE(at)).toString();
  switch (first >> 4) {
    case CONNECT: {
      // Protocol name, level, flags, keep-alive, with MQTT 5 properties, and then the payload.
      const level = 2 + body.readUInt16BE(0);
      const isFive = body[level] === 5;
      return {
        type: 'CONNECT',
        clientId: text(isFive ? behindProperties(body, level + 4) : level + 4),
        version: isFive ? 5 : 4,
      };
    }
    case PUBLISH: {
      const name = 2 + body.readUInt16BE(0);
      const hasId = (first & 0x06) !== 0;
      const id = hasId ? name + 2 : name;
      const payload = body.subarray(version === 5 ? behindProperties(body, id) : id).toString();
      return { type: 'PUBLISH', packetId: hasId ? body.readUInt16BE(name) : 0, payload };
    }
    case PUBREL:
      return { type: 'PUBREL', packetId: body.readUInt16BE(0) };
    default:
      return undefined;
  }
}

/** Where the properties end whose length stands at `at`; it has one octet or two in what is read here. */
function behindProperties(body: Buffer, at: number): number {
  const [low = 0, high = 0] = body.subarray(at, at + 2);
  return low < 0x80 ? at + 1 + low : at + 2 + (low & 0x7f) + high * 128;
}
