import type { Peer } from '../../src/core/contract/peer.ts';

/**
 * The peer that a transport names beside a link: `udp:192.0.2.7:4711`, `udp:[2001:db8::7]:4711`, `xbee:0013a20040b5c1d2`, `udp:sensor`; with a proven
 * identity behind `@`: `dtls:192.0.2.7:4711@alice`.
 */
export function peerOf(link: string): Peer {
  const colon = link.indexOf(':');
  const [address = '', identity] = link.slice(colon + 1).split('@');
  const host = address.startsWith('[') ? address.slice(1, address.indexOf(']')) : address.replace(/:.*/, '');
  return { transport: link.slice(0, colon), host, address, ...(identity !== undefined && { identity }) };
}
