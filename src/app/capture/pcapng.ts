/** Blocks of a capture file in the format pcapng (IETF draft-ietf-opsawg-pcapng). Little-endian. Pure. */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const NAME_RESOLUTION = 4;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;

/** LINKTYPE_RAW: a packet begins with its IP header, of version 4 or 6. */
const RAW = 101;

const OPTION = { end: 0, comment: 1, interfaceName: 2, flags: 2, application: 4 };
const NAME = { end: 0, ipv4: 1, ipv6: 2 };

/** Flags of a packet: it came in, or went out. */
const DIRECTION = { received: 1, sent: 2 };

/** The beginning of a file: who wrote it, and what its packets are. */
export function fileHeader(application: string): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(BYTE_ORDER, 0);
  section.writeUInt16LE(1, 4); // version 1.0
  section.writeBigInt64LE(-1n, 8); // its length is not known
  const link = Buffer.alloc(8);
  link.writeUInt16LE(RAW, 0); // no limit of length behind it
  return Buffer.concat([
    block(SECTION_HEADER, section, options([[OPTION.application, Buffer.from(application)]])),
    block(INTERFACE, link, options([[OPTION.interfaceName, Buffer.from('mqtt-sn')]])),
  ]);
}

/** The name of an IP address, of 4 or 16 octets. */
export function nameBlock(address: Uint8Array, name: string): Buffer {
  const record = Buffer.concat([address, Buffer.from(name), Buffer.of(0)]);
  return block(
    NAME_RESOLUTION,
    Buffer.concat([field(address.length === 4 ? NAME.ipv4 : NAME.ipv6, record), field(NAME.end, Buffer.alloc(0))]),
  );
}

export interface CapturePacket {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly direction: 'received' | 'sent';
  /** From its IP header on. */
  readonly octets: Uint8Array;
  /** Octets that it had, of which the last may be missing. */
  readonly length: number;
  readonly comment?: string;
}

export function packetBlock({ time, direction, octets, length, comment }: CapturePacket): Buffer {
  const head = Buffer.alloc(20);
  const micros = BigInt(Math.round(time * 1000));
  head.writeUInt32LE(Number(micros >> 32n), 4);
  head.writeUInt32LE(Number(micros & 0xffffffffn), 8);
  head.writeUInt32LE(octets.length, 12);
  head.writeUInt32LE(length, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(DIRECTION[direction]);
  return block(
    ENHANCED_PACKET,
    Buffer.concat([head, padded(octets)]),
    options([
      ...(comment === undefined ? [] : [[OPTION.comment, Buffer.from(comment)] as const]),
      [OPTION.flags, flags],
    ]),
  );
}

function block(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const size = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(size, 4);
  tail.writeUInt32LE(size, 0);
  return Buffer.concat([head, ...parts, tail]);
}

function options(given: readonly (readonly [code: number, value: Uint8Array])[]): Buffer {
  return Buffer.concat([...given.map(([code, value]) => field(code, value)), field(OPTION.end, Buffer.alloc(0))]);
}

function field(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

/** Blocks are made of words of four octets. */
function padded(octets: Uint8Array): Buffer {
  const rest = octets.length % 4;
  return Buffer.concat(rest === 0 ? [octets] : [octets, Buffer.alloc(4 - rest)]);
}
