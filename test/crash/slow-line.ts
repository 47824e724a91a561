import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * TCP with a delay in both directions, for a broker that is not on the same machine: a kill then finds packets on their way. What is on its
 * way from the near side when that ends arrives or is lost, as when the power of a machine fails.
 */
export class SlowLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #delay: number;

  private constructor(port: number, delay: number, loses: () => boolean) {
    this.#delay = delay;
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      this.#pass(near, far, loses);
      this.#pass(far, near, () => false);
    });
  }

  /** A line to a local port. `delay`: milliseconds, each way. `loses`: whether what is on its way goes with this end of a connection. */
  static async open(port: number, delay: number, loses: () => boolean): Promise<SlowLine> {
    const line = new SlowLine(port, delay, loses);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', () => resolve()));
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  async close(): Promise<void> {
    const end = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await end;
  }

  #pass(from: Socket, to: Socket, loses: () => boolean): void {
    let lost = false;
    this.#sockets.add(from);
    // Timers of the same length end in the order in which they began.
    from.on('data', (octets) => void setTimeout(() => lost || to.write(octets), this.#delay));
    from.on('error', () => undefined);
    from.on('close', () => {
      lost = loses();
      this.#sockets.delete(from);
      setTimeout(() => to.end(() => to.destroy()), this.#delay);
    });
  }
}
