import type { Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import {
  type InterfaceSource,
  interfaceOfZone,
  type NetworkInterface,
  withoutZone,
  zoneOf,
  zoneProblem,
} from './network-interfaces.ts';
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
  const address = withoutZone(group);
  const first = Number(address.split('.', 1)[0]);
  const isGroup = isIP(address) === 4 ? first >= 224 && first <= 239 : /^ff/i.test(address);
  if (isIP(address) === 0 || !isGroup) {
    return `${group} is not a multicast address`;
  }
  return isIP(address) === family
    ? undefined
    : `the multicast group ${group} is not an IPv${family} address, unlike the address of the listener`;
}

/** One line for the operator where the interface is named, but does not exist; undefined where nothing is wrong. */
export function multicastZoneProblem(
  { group, interface: given = '' }: UdpMulticast,
  interfaces: readonly NetworkInterface[],
): string | undefined {
  return zoneProblem(given, interfaces) ?? zoneProblem(group, interfaces);
}

/**
 * What of the interfaces a membership in the group rests on: where it becomes another one, the group has to be joined anew. Undefined: the
 * interface to use is not there.
 */
export function membershipOf(multicast: UdpMulticast, interfaces: readonly NetworkInterface[]): string | undefined {
  const { group, interface: given } = multicast;
  const named = given ?? (zoneOf(group) === undefined ? undefined : group);
  if (named === undefined) {
    return interfaces.map(({ name, index, addresses }) => `${name} ${index} ${ipv4Of(addresses)}`).join(', ');
  }
  const used =
    interfaceOfZone(named, interfaces) ??
    interfaces.find(({ name, addresses }) => name === named || addresses.includes(named));
  return used && `${used.name} ${used.index} ${ipv4Of(used.addresses)}`;
}

/** Those of IPv6 come and go by themselves, and a membership does not depend on them. */
function ipv4Of(addresses: readonly string[]): string {
  return addresses.filter((address) => isIP(address) === 4).join(' ');
}

/** Joins the group. Throws what the operating system says. */
export function joinGroup(socket: Socket, multicast: UdpMulticast, interfaces: readonly NetworkInterface[]): void {
  socket.addMembership(withoutZone(multicast.group), interfaceOf(multicast, interfaces));
}

/** Prepares the socket that sends the broadcasts. Throws what the operating system says. */
export function prepareSender(socket: Socket, multicast: UdpMulticast, interfaces: readonly NetworkInterface[]): void {
  const via = interfaceOf(multicast, interfaces);
  if (via !== undefined) {
    socket.setMulticastInterface(via);
  }
  socket.setMulticastTTL(multicast.ttl);
  socket.setMulticastLoopback(multicast.loopback);
}

/** Where to bind the socket that hears the group: to the group itself where the system can, so that it hears nothing else sent to this port. */
export function groupBindAddress(multicast: UdpMulticast, interfaces: readonly NetworkInterface[]): string {
  const via = interfaceOf(multicast, interfaces);
  if (!isIPv6(multicast.group)) {
    return process.platform === 'win32' ? '0.0.0.0' : multicast.group;
  }
  return process.platform === 'win32' || via === undefined
    ? '::'
    : withoutZone(multicast.group) + via.slice('::'.length);
}

/** The interface as the operating system wants it: an address for IPv4, `::%name` for IPv6. */
function interfaceOf(
  { group, interface: given }: UdpMulticast,
  interfaces: readonly NetworkInterface[],
): string | undefined {
  if (!isIPv6(group)) {
    return given;
  }
  const scope = zoneOf(given ?? '') ?? zoneOf(group);
  if (scope !== undefined) {
    return `::%${scope}`;
  }
  if (given === undefined) {
    return undefined;
  }
  const named = interfaces.find(({ name, addresses }) => name === given || addresses.includes(given));
  if (named === undefined) {
    throw Object.assign(new Error(`no network interface has the address or name ${given}`), { code: 'EADDRNOTAVAIL' });
  }
  // Windows counts interfaces, the others name them.
  return process.platform === 'win32' && named.index !== undefined ? `::%${named.index}` : `::%${named.name}`;
}

/** How long the list of this machine's addresses is believed, in milliseconds. */
const ADDRESSES_LIFETIME = 10_000;

/** Tells what the service socket itself has sent from what others send to the group (T-45: ignore own multicast echoes). */
export class EchoFilter {
  readonly #service: UdpAddress;
  readonly #everyAddress: boolean;
  readonly #interfaces: InterfaceSource;
  #own: ReadonlySet<string> = new Set();
  #believedUntil = Number.NEGATIVE_INFINITY;

  constructor(service: UdpAddress, interfaces: InterfaceSource) {
    this.#service = service;
    this.#interfaces = interfaces;
    this.#everyAddress = service.address === '0.0.0.0' || service.address === '::';
  }

  isOwn(from: UdpAddress): boolean {
    if (from.port !== this.#service.port) {
      return false;
    }
    const address = withoutZone(from.address);
    return this.#everyAddress ? this.#addresses().has(address) : address === withoutZone(this.#service.address);
  }

  #addresses(): ReadonlySet<string> {
    const now = performance.now();
    if (now >= this.#believedUntil) {
      this.#own = new Set(this.#interfaces.list().flatMap(({ addresses }) => addresses));
      this.#believedUntil = now + ADDRESSES_LIFETIME;
    }
    return this.#own;
  }
}

/** `225.1.1.1:1883`, for people. */
export function formatGroup({ group, port }: UdpMulticast): string {
  return formatUdpAddress({ address: group, port });
}
