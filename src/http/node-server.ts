/** The server of Node.js under the status page, with what it takes from nobody: slow, large or many. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Millis } from '../ports/clock.ts';
import { ConnectionPlaces } from './connection-places.ts';
import type { ServerCertificate } from './server-certificate.ts';

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
  idle: 40_000, // longer than the broker has for a publish (I-104)
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
  server.setTimeout(idle);
  const places = new ConnectionPlaces();
  server.on('connection', (socket) => places.take(socket));
  return server;
}
