import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

/** A way to a broker that can be cut: whatever stands on it breaks then, and nobody gets through until it is mended. */
export class TcpRelay {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  /** Leads from a free port of 127.0.0.1 to the port `target` there. */
  static async open(target: number): Promise<TcpRelay> {
    const relay = new TcpRelay(await freePort(), target);
    await relay.mend();
    return relay;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Both sides see their connection end without a word; new ones are refused. */
  cut(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  async mend(): Promise<void> {
    const server = createServer((inner) => {
      const outer = connect(this.#target, '127.0.0.1');
      for (const [from, to] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => undefined);
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }
}
