/** Where a client is: the peer that its transport names, and the wireless node behind it where a forwarder stands between (F-3). */

import type { Link } from '../contract/link.ts';
import type { Peer } from '../contract/peer.ts';

export interface Path {
  readonly link: Link;
  /** Name of the transport of the link. */
  readonly transport: string;
  /** The machine behind the link, without what changes when it picks another port; as its transport names it. */
  readonly host: string;
  /** What an operator writes in a list of addresses, see peer.ts. */
  readonly address: string;
  /** What the transport has proven of the sender; undefined: nothing. */
  readonly identity: string | undefined;
  /**
   * The link, and for a node behind a forwarder a slash and its wireless node id in hexadecimal: unique, and what logs show (T-46). A path that has
   * more than its link is that of a node (`nodeIdOf`).
   */
  readonly key: string;
}

/** Path of a client that talks to the gateway directly. */
export function directPath(link: Link, { transport, host, address, identity }: Peer): Path {
  return { link, transport, host, address, identity, key: link };
}

/** Path of a node behind a forwarder (F-3). */
export function forwardedPath(forwarder: Path, nodeId: Uint8Array): Path {
  return { ...forwarder, key: nodeKey(forwarder.link, nodeId) };
}

/** Wireless node id behind a forwarder, 1–252 opaque octets (F-2); undefined: the link itself is the client. */
export function nodeIdOf({ link, key }: Path): Uint8Array | undefined {
  if (key.length === link.length) {
    return undefined;
  }
  const hex = key.slice(link.length + 1);
  return Uint8Array.from({ length: hex.length / 2 }, (_, n) => Number.parseInt(hex.slice(2 * n, 2 * n + 2), 16));
}

/** The host of a path, over all transports, or whoever has proven to be there: what shared budgets are shared between. */
export function hostKey({ transport, host, identity }: Path): string {
  return identity === undefined ? `${transport} ${host}` : `@${identity}`; // no transport has a name with @
}

/** Whether it is the host key of an identity. */
export function isIdentityKey(key: string): boolean {
  return key.startsWith('@');
}

/** The key of the path of a node behind the forwarder at `link`. */
export function nodeKey(link: Link, nodeId: Uint8Array): string {
  let key = `${link}/`;
  for (const octet of nodeId) {
    key += octet.toString(16).padStart(2, '0');
  }
  return key;
}

/** Whether a known path is still that of a peer: a link may come to be somebody else's (a new DTLS association). */
export function isPathOf(path: Path, { host, identity }: Peer): boolean {
  return path.host === host && path.identity === identity;
}

/** Whether two paths differ in no more than the port that the host picked; for `clients.addressBinding: sameHost` (T-07). */
export function isSameHost(one: Path, other: Path): boolean {
  const nodeOf = ({ key, link }: Path): string => key.slice(link.length);
  return one.transport === other.transport && one.host === other.host && nodeOf(one) === nodeOf(other);
}
