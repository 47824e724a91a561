/** How the addresses of forwarders (F-8) and of senders of QoS −1 are written, for each kind of transport: as links have them behind the name of the transport. */
import { isIP, SocketAddress } from 'node:net';
import type { ListEntry } from './setting-kinds.ts';

/** An IP address, or one with a port; IPv6 with a port in brackets. */
export const udpForwarder: ListEntry = {
  expected: 'addresses (IP addresses, with a port or without)',
  read: readIpAddress,
  meant: (text) => readIpAddress(withoutTransport(text)),
};

/** The 64-bit address of a module. */
export const xbeeForwarder: ListEntry = {
  expected: 'addresses (64-bit addresses, 16 hexadecimal digits)',
  read: readRadioAddress,
  // as on the label, `0013A200 40401122`, or with separators
  meant: (text) =>
    readRadioAddress(
      withoutTransport(text)
        .replace(/^0x/i, '')
        .replaceAll(/[\s:.-]/g, ''),
    ),
};

/** A line has one other end. */
export const serialForwarder: ListEntry = {
  expected: 'addresses (`line`, the one at the other end)',
  read: (text) => (text === 'line' ? text : undefined),
  meant: () => 'line',
};

/** On a transport of one's own: as its module reports it. */
export const moduleForwarder: ListEntry = {
  expected: 'addresses of nodes (1 to 64 of A-Z a-z 0-9 . _ : -)',
  read: (text) => (/^[A-Za-z0-9._:-]{1,64}$/.test(text) ? text : undefined),
  meant: () => undefined,
};

const ALL_KINDS = [udpForwarder, serialForwarder, xbeeForwarder];

/** An address on any kind of transport, in the form in which transports report it; for settings that are about all of them. */
export const anyAddress: ListEntry = {
  expected:
    'addresses (IP addresses with a port or without, 64-bit addresses of XBee modules, `line` for serial lines)',
  read: (text) => readAny(text),
  meant: (text) => readAny(withoutTransport(text)) ?? xbeeForwarder.meant(text),
  problem: (text) =>
    /^[^/]*[.:][^/]*\/\d+$/.test(text) ? 'networks are not possible: list each address by itself' : undefined,
  notEmpty: 'would accept nothing: clients.qosMinus1: false says so',
};

function readAny(text: string): string | undefined {
  const found = ALL_KINDS.map(({ read }) => read(text)).find((each) => each !== undefined);
  return readRadioAddress(text) === undefined ? found : text.toLowerCase();
}

/** IPv6 in the form that sockets report: `2001:DB8:0::1` would never be met. */
function readIpAddress(text: string): string | undefined {
  const { host, bracketed, port } =
    /^(?:\[(?<bracketed>[^\]]+)\]|(?<host>[^:]+|.*:.*:.*))(?::(?<port>[1-9]\d{0,4}))?$/.exec(text)?.groups ?? {};
  if (port !== undefined && Number(port) > 65_535) {
    return undefined;
  }
  if (bracketed === undefined && host !== undefined && isIP(host) === 4) {
    return port === undefined ? host : `${host}:${port}`;
  }
  const address = bracketed ?? text;
  if (isIP(address) !== 6) {
    return undefined;
  }
  const [plain = '', zone] = address.split('%');
  const { address: canonical } = new SocketAddress({ address: plain, family: 'ipv6' });
  const known = zone === undefined ? canonical : `${canonical}%${zone}`;
  return bracketed === undefined || port === undefined ? known : `[${known}]:${port}`;
}

function readRadioAddress(text: string): string | undefined {
  return /^[0-9a-f]{16}$/i.test(text) ? text : undefined;
}

/** Without the name of the transport, which links have in the log. */
function withoutTransport(link: string): string {
  return link.replace(/^[a-z][a-z0-9-]*:/, '');
}
