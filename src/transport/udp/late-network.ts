/** What may come later by itself, and what will not. */
import { errorCode } from '../problem-reporter.ts';
import { type NetworkInterface, zoneProblem } from './network-interfaces.ts';
import { multicastProblem, multicastZoneProblem, type UdpMulticast } from './udp-multicast.ts';

/** Codes that say that a network is not there yet, or not any more: no such address, no such interface, no way, no name server. */
const LATE = new Set([
  'EADDRNOTAVAIL',
  'ENODEV',
  'ENXIO',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whether it may work later without anybody doing anything about the settings. */
export function isLate(error: unknown): boolean {
  return LATE.has(errorCode(error));
}

/**
 * Error with the code EINVAL where the addresses cannot be right: a group that is none, a zone that names no interface. An interface that was
 * there when the gateway started (`isStart` false) may come back: ENODEV.
 */
export function checkAddresses({
  address,
  family,
  multicast,
  interfaces,
  isStart,
}: {
  readonly address: string;
  readonly family: 4 | 6;
  readonly multicast: UdpMulticast | undefined;
  readonly interfaces: readonly NetworkInterface[];
  readonly isStart: boolean;
}): void {
  const wrong = multicast && multicastProblem(multicast, family);
  const gone = zoneProblem(address, interfaces);
  // the group waits for its interface by itself
  const unknown = gone ?? (multicast && isStart ? multicastZoneProblem(multicast, interfaces) : undefined);
  const problem = wrong ?? unknown;
  if (problem !== undefined) {
    throw Object.assign(new Error(problem), { code: wrong === undefined && !isStart ? 'ENODEV' : 'EINVAL' });
  }
}
