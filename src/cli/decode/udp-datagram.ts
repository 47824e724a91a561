/** The UDP datagram in a captured packet. Pure. */

/** A datagram, and between whom. */
export interface UdpDatagram {
  /** `192.0.2.7:4711`, `[2001:db8::7]:4711`. */
  readonly from: string;
  readonly to: string;
  readonly ports: readonly [from: number, to: number];
  readonly payload: Uint8Array;
}

const UDP = 17;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VLAN: ReadonlySet<number> = new Set([0x8100, 0x88a8]);

/** Octets before the IP header, by LINKTYPE; where it says what follows. */
const LINKS: ReadonlyMap<number, { readonly header: number; readonly etherType?: number }> = new Map([
  [0, { header: 4 }], // NULL: BSD loopback
  [1, { header: 14, etherType: 12 }], // ETHERNET
  [101, { header: 0 }], // RAW
  [108, { header: 4 }], // LOOP
  [113, { header: 16, etherType: 14 }], // LINUX_SLL
  [228, { header: 0 }], // IPV4
  [229, { header: 0 }], // IPV6
  [276, { header: 20, etherType: 0 }], // LINUX_SLL2
]);

/** Undefined: it is something else, a fragment, or cut off. */
export function udpDatagram(octets: Uint8Array, linkType: number): UdpDatagram | undefined {
  const link = LINKS.get(linkType);
  const packet = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  if (link === undefined || packet.length < link.header + 20) {
    return undefined;
  }
  let start = link.header;
  if (link.etherType !== undefined) {
    let etherType = packet.readUInt16BE(link.etherType);
    while (VLAN.has(etherType) && packet.length > start + 4) {
      etherType = packet.readUInt16BE(start + 2);
      start += 4;
    }
    if (etherType !== ETHERTYPE_IPV4 && etherType !== ETHERTYPE_IPV6) {
      return undefined;
    }
  }
  return inIp(packet.subarray(start));
}

/** The UDP datagram in an IP packet. */
function inIp(packet: Buffer): UdpDatagram | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) {
    const header = ((packet[0] ?? 0) & 0x0f) * 4;
    const isFragment = (packet.readUInt16BE(6) & 0x3fff) !== 0;
    if (packet[9] !== UDP || isFragment || header < 20) {
      return undefined;
    }
    return inUdp(packet.subarray(header), [ipv4(packet, 12), ipv4(packet, 16)]);
  }
  if (version === 6 && packet.length >= 40 && packet[6] === UDP) {
    return inUdp(packet.subarray(40), [ipv6(packet, 8), ipv6(packet, 24)]);
  }
  return undefined;
}

function inUdp(segment: Buffer, [from, to]: readonly [string, string]): UdpDatagram | undefined {
  if (segment.length < 8) {
    return undefined;
  }
  const length = segment.readUInt16BE(4);
  if (length < 8 || length > segment.length) {
    return undefined;
  }
  const ports = [segment.readUInt16BE(0), segment.readUInt16BE(2)] as const;
  return { from: `${from}:${ports[0]}`, to: `${to}:${ports[1]}`, ports, payload: segment.subarray(8, length) };
}

function ipv4(packet: Buffer, at: number): string {
  return packet.subarray(at, at + 4).join('.');
}

function ipv6(packet: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, group) => packet.readUInt16BE(at + 2 * group).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname;
}
