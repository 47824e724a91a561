import type { Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { formatUdpAddress, type UdpAddress } from './udp-link.ts';

/** Where broadcasts go and are heard (T-45). Nothing of this exists until it is configured. */
export interface UdpMulticast {
  /** Multicast address, IPv4 or IPv6; the same family as the transport's host. */
  readonly group: string;
  readonly port: number;
  /** Address of the interface to use, for IPv6 its name or `%name` as well; absent: the operating system chooses. */
  readonly interface?: string | undefined;
  /** Hops that a broadcast may take. */
  readonly ttl: number;
  /** Whether programs on this machine hear the broadcasts. */
  readonly loopback: boolean;
  /** Radius of a broadcast as its TTL; radius 0 uses `ttl`. */
  readonly radiusAsTtl: boolean;
}

/** One line for the operator where the group cannot belong to a listener of this family; undefined where it can. */
export function multicastProblem({ group }: UdpMulticast, family: 4 | 6): string | undefined {
  const address = withoutScope(group);
  const first = Number(address.split('.', 1)[0]);
  const isGroup = isIP(address) === 4 ? first >= 224 && first <= 239 : /^ff/i.test(address);
  if (isIP(address) === 0 || !isGroup) {
    return `${group} is not a multicast address`;
  }
  return isIP(address) === family
    ? undefined
    : `the multicast group ${group} is not an IPv${family} address, unlike the address of the listener`;
}

/** Joins the group. Throws what the operating system says. */
export function joinGroup(socket: Socket, multicast: UdpMulticast): void {
  socket.addMembership(withoutScope(multicast.group), interfaceOf(multicast));
}

/** Prepares the socket that sends the broadcasts. Throws what the operating system says. */
export function prepareSender(socket: Socket, multicast: UdpMulticast): void {
  const via = interfaceOf(multicast);
  if (via !== undefined) {
    socket.setMulticastInterface(via);
  }
  socket.setMulticastTTL(multicast.ttl);
  socket.setMulticastLoopback(multicast.loopback);
}

/** Where to bind the socket that hears the group: to the group itself where the system can, so that it hears nothing else sent to this port. */
export function groupBindAddress(multicast: UdpMulticast): string {
  const via = interfaceOf(multicast);
  if (!isIPv6(multicast.group)) {
    return process.platform === 'win32' ? '0.0.0.0' : multicast.group;
  }
  return process.platform === 'win32' || via === undefined
    ? '::'
    : withoutScope(multicast.group) + via.slice('::'.length);
}

/** The interface as the operating system wants it: an address for IPv4, `::%name` for IPv6. */
function interfaceOf({ group, interface: given }: UdpMulticast): string | undefined {
  if (!isIPv6(group)) {
    return given;
  }
  const scope = given?.split('%')[1] ?? group.split('%')[1];
  if (scope !== undefined) {
    return `::%${scope}`;
  }
  if (given === undefined) {
    return undefined;
  }
  const named = Object.entries(networkInterfaces()).find(
    ([name, addresses]) => name === given || addresses?.some(({ address }) => address === given),
  );
  if (named === undefined) {
    throw Object.assign(new Error(`no network interface has the address or name ${given}`), { code: 'EADDRNOTAVAIL' });
  }
  // Windows counts interfaces, the others name them.
  const index = named[1]?.find((entry) => entry.family === 'IPv6')?.scopeid;
  return process.platform === 'win32' && index !== undefined ? `::%${index}` : `::%${named[0]}`;
}

/** How long the list of this machine's addresses is believed, in milliseconds. */
const ADDRESSES_LIFETIME = 10_000;

/** Tells what the service socket itself has sent from what others send to the group (T-45: ignore own multicast echoes). */
export class EchoFilter {
  readonly #service: UdpAddress;
  readonly #everyAddress: boolean;
  #own: ReadonlySet<string> = new Set();
  #believedUntil = Number.NEGATIVE_INFINITY;

  constructor(service: UdpAddress) {
    this.#service = service;
    this.#everyAddress = service.address === '0.0.0.0' || service.address === '::';
  }

  isOwn(from: UdpAddress): boolean {
    if (from.port !== this.#service.port) {
      return false;
    }
    const address = withoutScope(from.address);
    return this.#everyAddress ? this.#addresses().has(address) : address === withoutScope(this.#service.address);
  }

  #addresses(): ReadonlySet<string> {
    const now = performance.now();
    if (now >= this.#believedUntil) {
      const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
      this.#own = new Set(all.map(({ address }) => withoutScope(address)));
      this.#believedUntil = now + ADDRESSES_LIFETIME;
    }
    return this.#own;
  }
}

/** `225.1.1.1:1883`, for people. */
export function formatGroup({ group, port }: UdpMulticast): string {
  return formatUdpAddress({ address: group, port });
}

function withoutScope(address: string): string {
  return address.split('%', 1)[0] as string;
}
