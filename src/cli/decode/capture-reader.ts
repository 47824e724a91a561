/** Capture files, pcap and pcapng: the packets that are in them. Pure. */

/** A packet as it was captured. */
export interface CapturedPacket {
  /** Milliseconds since 1970; undefined where the file does not say. */
  readonly time: number | undefined;
  /** LINKTYPE_…: what the packet begins with. */
  readonly linkType: number;
  readonly octets: Uint8Array;
  /** Octets that it had, of which some may not have been captured. */
  readonly length: number;
}

/** A capture is damaged: what was found, and where. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;

/** Magic number of pcap, read with the octet order of the file, to parts of a second. */
const PCAP: ReadonlyMap<number, number> = new Map([
  [0xa1b2c3d4, 1e6],
  [0xa1b23c4d, 1e9],
]);

const TSRESOL = 9;

/** Whether a file is a capture, by its first octets. */
export function isCapture(file: Buffer): boolean {
  return file.length >= 4 && (file.readUInt32BE(0) === SECTION_HEADER || pcapOrder(file) !== undefined);
}

/** The packets of a capture file, in their order. Throws `CaptureError` where it is damaged, behind the packets before. */
export function* packetsIn(file: Buffer): Generator<CapturedPacket> {
  if (file.readUInt32BE(0) === SECTION_HEADER) {
    yield* pcapngPackets(file);
  } else {
    yield* pcapPackets(file);
  }
}

/** Reads numbers in the octet order of a file. */
type Read = (at: number) => number;

function pcapOrder(file: Buffer): { readonly isLittle: boolean; readonly parts: number } | undefined {
  const little = PCAP.get(file.readUInt32LE(0));
  const big = PCAP.get(file.readUInt32BE(0));
  const parts = little ?? big;
  return parts === undefined ? undefined : { isLittle: little !== undefined, parts };
}

function* pcapPackets(file: Buffer): Generator<CapturedPacket> {
  const order = pcapOrder(file);
  if (order === undefined || file.length < 24) {
    throw new CaptureError('the file ends within its header');
  }
  const uint32: Read = (at) => (order.isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const linkType = uint32(20) & 0x0fffffff;
  for (let at = 24; at < file.length; ) {
    if (at + 16 > file.length) {
      throw new CaptureError(`the file ends within a packet, at octet ${at}`);
    }
    const size = uint32(at + 8);
    if (at + 16 + size > file.length) {
      throw new CaptureError(`the file ends within a packet, at octet ${at}`);
    }
    yield {
      time: uint32(at) * 1000 + (uint32(at + 4) * 1000) / order.parts,
      linkType,
      octets: file.subarray(at + 16, at + 16 + size),
      length: uint32(at + 12),
    };
    at += 16 + size;
  }
}

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Of a second. */
  readonly parts: number;
}

function* pcapngPackets(file: Buffer): Generator<CapturedPacket> {
  let isLittle = true;
  let interfaces: Interface[] = [];
  const uint32: Read = (at) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  for (let at = 0; at < file.length; ) {
    if (at + 12 > file.length) {
      throw new CaptureError(`the file ends within a block, at octet ${at}`);
    }
    if (file.readUInt32BE(at) === SECTION_HEADER) {
      isLittle = file.readUInt32LE(at + 8) === BYTE_ORDER;
      interfaces = [];
    }
    const size = uint32(at + 4);
    if (size < 12 || size % 4 !== 0 || at + size > file.length) {
      throw new CaptureError(`a block of ${size} octets does not fit into the file, at octet ${at}`);
    }
    const packet = packetOf(file.subarray(at, at + size), uint32(at), interfaces, isLittle);
    if (packet !== undefined) {
      yield packet;
    }
    at += size;
  }
}

/** The packet in a block; undefined where it is another block, of which those that describe interfaces are remembered. */
function packetOf(block: Buffer, type: number, interfaces: Interface[], isLittle: boolean): CapturedPacket | undefined {
  const uint32: Read = (at) => (isLittle ? block.readUInt32LE(at) : block.readUInt32BE(at));
  const part = (from: number, size: number): Uint8Array => {
    if (from + size > block.length - 4) {
      throw new CaptureError('a packet is longer than its block');
    }
    return block.subarray(from, from + size);
  };
  switch (type) {
    case INTERFACE:
      interfaces.push({
        linkType: (isLittle ? block.readUInt16LE(8) : block.readUInt16BE(8)) & 0xffff,
        snapLength: block.length >= 20 ? uint32(12) : 0,
        parts: resolutionIn(block, isLittle),
      });
      return undefined;
    case ENHANCED_PACKET: {
      if (block.length < 32) {
        throw new CaptureError('a packet has no header');
      }
      const from = interfaces[uint32(8)];
      const ticks = uint32(12) * 2 ** 32 + uint32(16);
      return (
        from && {
          time: (ticks / from.parts) * 1000,
          linkType: from.linkType,
          octets: part(28, uint32(20)),
          length: uint32(24),
        }
      );
    }
    case SIMPLE_PACKET: {
      const [first] = interfaces;
      if (first === undefined || block.length < 16) {
        return undefined;
      }
      const length = uint32(8);
      const size = Math.min(length, first.snapLength || length);
      return { time: undefined, linkType: first.linkType, octets: part(12, size), length };
    }
    default:
      return undefined;
  }
}

/** How finely an interface counts time: its option if_tsresol, or microseconds. */
function resolutionIn(block: Buffer, isLittle: boolean): number {
  const uint16: Read = (at) => (isLittle ? block.readUInt16LE(at) : block.readUInt16BE(at));
  for (let at = 16; at + 4 <= block.length - 4; ) {
    const [code, size] = [uint16(at), uint16(at + 2)];
    if (code === TSRESOL && size === 1) {
      const value = block[at + 4] ?? 6;
      return value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value;
    }
    if (code === 0) {
      break;
    }
    at += 4 + Math.ceil(size / 4) * 4;
  }
  return 1e6;
}
