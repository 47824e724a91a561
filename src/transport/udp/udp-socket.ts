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

/** An IP address as it is, a name through the resolver. Rejects with a readable error. */
export async function resolveHost(host: string): Promise<{ address: string; family: 4 | 6 }> {
  const family = isIP(host);
  if (family !== 0) {
    return { address: host, family: family as 4 | 6 };
  }
  try {
    const found = await lookup(host);
    return { address: found.address, family: found.family as 4 | 6 };
  } catch (cause) {
    throw Object.assign(new Error(`cannot listen on ${host}: no address of this name is known`, { cause }), {
      code: errorCode(cause),
    });
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
