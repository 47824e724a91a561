import { isIPv4, isIPv6 } from 'node:net';
import type { Link } from '../../ports/transport.ts';

/** An IP address (with scope id where it is link-local) and a UDP port. */
export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.7:4711` or `[2001:db8::7]:4711`. */
export function formatUdpAddress({ address, port }: UdpAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address behind a link; undefined where the link does not belong to this transport or names no address of its family. */
export function udpAddressOf(transport: string, family: 4 | 6, link: Link): UdpAddress | undefined {
  const portAt = link.lastIndexOf(':') + 1;
  const from = transport.length + 1;
  if (
    portAt <= from ||
    !link.startsWith(transport) ||
    link[transport.length] !== ':' ||
    !/^[1-9]\d{0,4}$/.test(link.slice(portAt))
  ) {
    return undefined;
  }
  const port = Number(link.slice(portAt));
  const host = link.slice(from, portAt - 1);
  const address = family === 6 && host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const fits = family === 4 ? isIPv4(host) : address !== host && isIPv6(address);
  return fits && port <= 65_535 ? { address, port } : undefined;
}
