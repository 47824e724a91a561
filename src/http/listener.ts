import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import { isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Clock, Millis } from '../ports/clock.ts';
import type { HttpNote } from '../ports/observer.ts';
import type { ServerCertificate } from './server-certificate.ts';

/** Pauses before it is tried again to listen: first, and at most. */
const FIRST_PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 60_000;

/** How often it is looked whether there is another certificate. */
const LOOK: Millis = 30_000;

export interface ListenerParts {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly certificate: ServerCertificate | undefined;
  readonly clock: Clock;
  /** Whether whoever opens the page is asked who he is. */
  readonly login: boolean;
  note(note: HttpNote): void;
}

/** Has the server listen: again and again where the port is in use, or the address is not there yet. The gateway goes on meanwhile. */
export class Listener {
  readonly #parts: ListenerParts;
  #pause = FIRST_PAUSE;
  #told: string | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    parts.server.on('listening', () => this.#listens());
  }

  /** Resolves when the server listens, or when it is known that it does not yet. */
  async start(): Promise<void> {
    const { server, host, port } = this.#parts;
    const code = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once('error', resolve);
      server.listen({ host, port }, () => {
        server.off('error', resolve);
        resolve(undefined);
      });
    });
    if (code !== undefined && !this.#stopped) {
      this.#failed(code);
    }
  }

  /** Frees the port and ends all connections. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    const { server } = this.#parts;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
  }

  #listens(): void {
    const { server, login, certificate, clock, note } = this.#parts;
    this.#told = undefined;
    note({ type: 'http-up', url: this.#url(), login });
    server.on('error', (error: NodeJS.ErrnoException) => {
      note({ type: 'http-problem', code: error.code ?? 'error', reason: error.message });
    });
    if (certificate !== undefined) {
      const look = (): void => {
        this.#renew(certificate);
        this.#cancel = clock.wakeAt(clock.now() + LOOK, look);
      };
      this.#cancel = clock.wakeAt(clock.now() + LOOK, look);
    }
  }

  #renew(certificate: ServerCertificate): void {
    const { server, note } = this.#parts;
    const found = certificate.look();
    if (typeof found === 'string') {
      note({ type: 'http-problem', code: 'certificate', reason: found });
    } else if (found !== undefined && server instanceof SecureServer) {
      server.setSecureContext(found);
    }
  }

  #failed({ code = 'error', message }: NodeJS.ErrnoException): void {
    const { host, port, clock, note } = this.#parts;
    if (this.#told !== code) {
      this.#told = code;
      const words = WORDS[code]?.(host, port) ?? `cannot listen on ${host} port ${port}: ${message}`;
      note({ type: 'http-problem', code, reason: `${words}; the gateway goes on without, and tries again` });
    }
    this.#cancel = clock.wakeAt(clock.now() + this.#pause, () => void this.start());
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }

  #url(): string {
    const { host, certificate, server } = this.#parts;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#parts.port;
    const isAny = isIP(host) !== 0 && /^[0:.]+$/.test(host);
    const name = isAny ? hostname() : isIPv6(host) ? `[${host}]` : host;
    return `${certificate === undefined ? 'http' : 'https'}://${name}:${port}/`;
  }
}

const WORDS: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_host, port) => `port ${port} is in use: set http.port, or stop what has it`,
  EADDRNOTAVAIL: (host) => `this machine does not have the address ${host} (http.host)`,
  EACCES: (_host, port) => `port ${port} may not be used: set http.port to one above 1023, or permit it`,
  ENOTFOUND: (host) => `the name ${host} (http.host) is not known`,
};
