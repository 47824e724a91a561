import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCode, errorMessage } from '../problem-reporter.ts';
import { formatUdpAddress, type UdpAddress } from './udp-link.ts';

/** Makes unbound sockets; another one than `createSocket` only in tests. */
export type SocketFactory = (options: SocketOptions) => Socket;

export const systemSockets: SocketFactory = createSocket;

/**
 * Octets that the operating system may hold for a socket; it grants what it allows (net.core.rmem_max). The default of about 200 KiB is full
 * after some 300 small datagrams, so many clients that come back at once after a power failure would have to repeat themselves.
 */
const RECEIVE_BUFFER = 1 << 20;

type Lookup = NonNullable<SocketOptions['lookup']>;

/** All addresses are numbers already: without this, each datagram would take a turn through the resolver. */
const noLookup: Lookup = (address, options, callback) => {
  const family = typeof options === 'number' ? options : (options.family ?? 0);
  callback(null, address, typeof family === 'number' ? family : 0);
};

/** From a name to an address, as `dns.lookup` does; another one only in tests. */
export type Resolver = (name: string) => Promise<{ readonly address: string; readonly family: number }>;

export const systemResolver: Resolver = (name) => lookup(name);

/** How long a name server may take, in milliseconds, before it counts as one that is not there yet: other transports wait for this one. */
const RESOLVER_PATIENCE = 3_000;

/** An IP address as it is, a name through the resolver. Rejects with a readable error that has a `code`. */
export async function resolveHost(host: string, resolver: Resolver): Promise<{ address: string; family: 4 | 6 }> {
  const family = isIP(host);
  if (family !== 0) {
    return { address: host, family: family as 4 | 6 };
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' })), RESOLVER_PATIENCE);
  });
  try {
    const found = await Promise.race([resolver(host), late]);
    return { address: found.address, family: found.family === 6 ? 6 : 4 };
  } catch (cause) {
    const code = errorCode(cause);
    const reason = code === 'EAI_AGAIN' ? 'the name server does not answer' : 'no address of this name is known';
    throw Object.assign(new Error(`cannot listen on ${host}: ${reason}`, { cause }), { code });
  } finally {
    clearTimeout(timer);
  }
}

/** A socket bound to `at`. Rejects with an error that has the system's `code` and says what to do. `shared`: others may bind the port too. */
export async function bindSocket(
  sockets: SocketFactory,
  family: 4 | 6,
  at: UdpAddress,
  shared: boolean,
): Promise<Socket> {
  // `ipv6Only`: 0.0.0.0 and :: are two listeners, side by side.
  const socket = sockets({
    type: `udp${family}`,
    ipv6Only: family === 6,
    reuseAddr: shared,
    lookup: noLookup,
    recvBufferSize: RECEIVE_BUFFER,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: at.address, port: at.port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return socket;
  } catch (cause) {
    socket.on('error', () => undefined);
    try {
      socket.close();
    } catch {
      // It had not come as far as needing that.
    }
    const code = errorCode(cause);
    throw Object.assign(new Error(bindProblem(code, at, cause), { cause }), { code });
  }
}

/** Resolves when the socket is closed; also where it was already, or where there is none. */
export function closeSocket(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket === undefined ? resolve() : socket.close(() => resolve());
    } catch {
      resolve();
    }
  });
}

function bindProblem(code: string, at: UdpAddress, cause: unknown): string {
  const where = `UDP ${formatUdpAddress(at)}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use: stop the other program (another gateway?) or choose another port`;
    case 'EACCES':
      return `${where}: permission denied; ports below 1024 need special rights, choose a higher one`;
    case 'EADDRNOTAVAIL':
      return `${where}: this machine does not have that address; use one of its own, or 0.0.0.0 or :: for all`;
    default:
      return `cannot listen on ${where}: ${errorMessage(cause)}`;
  }
}
