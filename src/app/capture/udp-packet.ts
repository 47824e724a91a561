/** IP packets with a UDP datagram in it, made up around a frame. Pure. */

/** One end of it. */
export interface Endpoint {
  /** 4 or 16 octets, the same for both ends. */
  readonly address: Uint8Array;
  readonly port: number;
}

const UDP = 17;
const TTL = 64;
const UDP_HEADER = 8;

/** From its IP header on; checksums are right, or not needed. */
export function udpPacket(from: Endpoint, to: Endpoint, frame: Uint8Array): Buffer {
  const datagram = Buffer.alloc(UDP_HEADER + frame.length);
  datagram.writeUInt16BE(from.port, 0);
  datagram.writeUInt16BE(to.port, 2);
  datagram.writeUInt16BE(datagram.length & 0xffff, 4);
  datagram.set(frame, UDP_HEADER);
  if (from.address.length === 4) {
    return Buffer.concat([ipv4Header(from, to, datagram.length), datagram]);
  }
  const pseudo = Buffer.concat([
    from.address,
    to.address,
    Buffer.of(0, 0, datagram.length >> 8, datagram.length & 0xff),
    Buffer.of(0, 0, 0, UDP),
  ]);
  datagram.writeUInt16BE(checksum(Buffer.concat([pseudo, datagram])) || 0xffff, 6); // IPv6 wants one
  return Buffer.concat([ipv6Header(from, to, datagram.length), datagram]);
}

function ipv4Header(from: Endpoint, to: Endpoint, size: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + size, 2);
  header[8] = TTL;
  header[9] = UDP;
  header.set(from.address, 12);
  header.set(to.address, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function ipv6Header(from: Endpoint, to: Endpoint, size: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(size, 4);
  header[6] = UDP;
  header[7] = TTL;
  header.set(from.address, 8);
  header.set(to.address, 24);
  return header;
}

/** RFC 1071 */
function checksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}
