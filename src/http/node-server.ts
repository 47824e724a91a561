/** The server of Node.js under the status page, with what it takes from nobody: slow, large or many. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Millis } from '../ports/clock.ts';
import { clientAddress, limitedAs } from './access/client-address.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** Connections in all, and from one address; more are closed as they come. */
const MOST_CONNECTIONS = 300;
const MOST_OF_ADDRESS = 100;

/** Octets of the request line and all headers. */
const MAX_HEADER = 16_384;

/** How long somebody may take. */
export interface Patience {
  /** From the beginning of a connection, or of a request, to the end of its headers. */
  readonly headersTimeout: Millis;
  /** And to the end of its body. */
  readonly requestTimeout: Millis;
  /** From an answer to the next request. */
  readonly keepAliveTimeout: Millis;
  /** How often all that is looked after. */
  readonly connectionsCheckingInterval: Millis;
  /** A connection on which nothing moves for so long is closed: somebody who takes no answer. Event streams have rules of their own. */
  readonly idle: Millis;
}

const USUAL: Patience = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  idle: 30_000,
};

/** Makes a server that does not listen yet; with a certificate it speaks HTTPS. */
export function nodeServer(
  listener: RequestListener,
  certificate: ServerCertificate | undefined,
  { idle, ...times }: Patience = USUAL,
): Server {
  const options = { ...times, maxHeaderSize: MAX_HEADER, noDelay: true };
  const server =
    certificate === undefined
      ? createServer(options, listener)
      : createSecureServer({ ...options, ...certificate.current(), handshakeTimeout: times.headersTimeout }, listener);
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(idle);
  limitConnections(server);
  return server;
}

/** Nobody has all connections. */
function limitConnections(server: Server): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const source = limitedAs(clientAddress(socket.remoteAddress));
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    socket.once('close', () => {
      const left = (counts.get(source) ?? 1) - 1;
      if (left === 0) {
        counts.delete(source);
      } else {
        counts.set(source, left);
      }
    });
    if (count > MOST_OF_ADDRESS) {
      socket.destroy();
    }
  });
}
