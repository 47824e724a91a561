/** Which IP address a node has in a capture: its own, or one that stands for a node on a line or a radio. Pure. */
import { isIP } from 'node:net';
import type { Endpoint } from './udp-packet.ts';

/** A node as it is in a capture. */
export interface CapturedNode extends Endpoint {
  /** What its address stands for; undefined: it is the node's own. */
  readonly name: string | undefined;
}

/** Addresses that stand for nodes: 198.18.0.0/15, which is for tests and no network has (RFC 2544). */
const FIRST = (198 << 24) | (18 << 16);
const MOST = 1 << 17;
/** Port of nodes that have none. */
const NODE_PORT = 50_000;
/** Nodes that are remembered at most: who comes later has the address of the oldest. */
const REMEMBERED = 65_536;

export class NodeAddresses {
  readonly #made = new Map<string, CapturedNode>();
  #count = 0;

  /** `link`: `udp:192.0.2.7:4711`, `serial:line`, with a slash and the wireless node id for a node behind a forwarder. */
  of(link: string): CapturedNode {
    const known = this.#made.get(link);
    if (known !== undefined) {
      return known;
    }
    const node = ownAddress(link) ?? this.#standIn(link);
    if (this.#made.size >= REMEMBERED) {
      const [oldest = ''] = this.#made.keys();
      this.#made.delete(oldest);
    }
    this.#made.set(link, node);
    return node;
  }

  /** All nodes whose address stands for something, for the beginning of another file. */
  get named(): readonly CapturedNode[] {
    return [...this.#made.values()].filter(({ name }) => name !== undefined);
  }

  #standIn(link: string): CapturedNode {
    this.#count = (this.#count % (MOST - 2)) + 1;
    const address = Buffer.alloc(4);
    address.writeUInt32BE((FIRST + this.#count) >>> 0);
    return { address, port: NODE_PORT, name: link };
  }
}

function ownAddress(link: string): CapturedNode | undefined {
  const [, v6, v4, digits] = /^[^:]*:(?:\[([\da-f:.]+)(?:%[^\]]*)?\]|(\d+\.\d+\.\d+\.\d+)):(\d+)$/i.exec(link) ?? [];
  const port = Number(digits);
  if (v4 !== undefined && isIP(v4) === 4) {
    return { address: Buffer.from(v4.split('.').map(Number)), port, name: undefined };
  }
  return v6 !== undefined && isIP(v6) === 6 ? { address: ipv6Octets(v6), port, name: undefined } : undefined;
}

function ipv6Octets(text: string): Buffer {
  // As URL writes it, there is no IPv4 part in it any more.
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return Buffer.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}
