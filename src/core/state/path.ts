/** Where a client is: a link, and the wireless node behind it where a forwarder stands between (F-3). */

import type { Link } from '../contract/link.ts';

export interface Path {
  readonly link: Link;
  /** Wireless node id behind a forwarder, 1–252 opaque octets (F-2); undefined: the link itself is the client. */
  readonly nodeId: Uint8Array | undefined;
  /** The link, with the node id in hexadecimal behind a slash: unique, and what logs show (T-46). */
  readonly key: string;
}

/** Path of a client that talks to the gateway directly. */
export function directPath(link: Link): Path {
  return { link, nodeId: undefined, key: link };
}

/** Path of a node behind the forwarder at `link` (F-3). */
export function forwardedPath(link: Link, nodeId: Uint8Array): Path {
  let key = `${link}/`;
  for (const octet of nodeId) {
    key += octet.toString(16).padStart(2, '0');
  }
  return { link, nodeId, key };
}

/** The path without what changes when a host picks another port; for `clientAddressBinding: sameHost` (T-07). */
export function hostOf(path: Path): string {
  const port = path.link.lastIndexOf(':');
  const host = port > path.link.indexOf(':') ? path.link.slice(0, port) : path.link;
  return path.nodeId === undefined ? host : host + path.key.slice(path.link.length);
}

/** What the list of forwarders may call the address of a link (F-8): all of it behind the name of the transport, or the host without its port. */
export function forwarderAddresses(link: Link): readonly string[] {
  return [link.slice(link.indexOf(':') + 1), addressOf(directPath(link))];
}

/** The address of a link's host alone, without transport, port and wireless node: what an operator writes in a list of addresses. */
export function addressOf(path: Path): string {
  const host = path.link.slice(path.link.indexOf(':') + 1);
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : (host.split(':')[0] ?? host);
}
