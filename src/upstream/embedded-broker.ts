import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** A broker inside the gateway, for a first try without another one. */
export interface EmbeddedBroker {
  readonly port: number;
  /** Where the gateway itself finds it. */
  readonly url: string;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a broker (MQTT 3.1.1, nothing kept on disk) that listens on `host`, any port with `port` 0. Error with `code` if it cannot
 * listen there; with EADDRINUSE the message says what to do.
 */
export async function startEmbeddedBroker({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<EmbeddedBroker> {
  // MQTT 3.1.1 allows longer client ids than the 23 characters of MQTT 3.1; ours may have a prefix.
  const broker = await Aedes.createBroker({ maxClientsIdLength: 65_535 });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    await closeBroker(broker);
    throw listenError(error, port);
  }
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    port: bound,
    url: `mqtt://${localName(host)}:${bound}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await closeBroker(broker);
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenError(error: unknown, port: number): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE') {
    return error as Error;
  }
  const hint = `port ${port} is taken; if an MQTT broker is running there already, use it: --broker mqtt://localhost:${port}`;
  return Object.assign(new Error(hint, { cause: message }), { code });
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => {
    broker.close(() => resolve());
  });
}

/** The name by which a process on the same machine reaches a server that listens on `host`. */
function localName(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') {
    return 'localhost';
  }
  return host.includes(':') ? `[${host}]` : host;
}
