/** Where a request comes from. */
import { isIPv6 } from 'node:net';

/** The address of a socket as people write it: IPv4 without the IPv6 around it. Empty where the socket is gone. */
export function clientAddress(remote: string | undefined): string {
  return (remote ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** What limits count as one: an IPv4 address, or the network of an IPv6 address (/64), in which one machine has as many as it likes. */
export function limitedAs(address: string): string {
  if (!isIPv6(address)) {
    return address;
  }
  const [before = '', after] = (address.split('%')[0] ?? '').toLowerCase().split('::', 2);
  const first = before === '' ? [] : before.split(':');
  const last = after === undefined || after === '' ? [] : after.split(':');
  const zeros =
    after === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
