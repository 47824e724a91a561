import { connect, createServer, type Server, type Socket } from 'node:net';

/** Sees the octets of one connection. */
export interface LineWatch {
  /** Octets that are being handed to the far side. */
  toFar(octets: Uint8Array): void;
  /** Octets that the far side has sent, whether they arrive or not. */
  fromFar(octets: Uint8Array): void;
}

export interface SlowLineOptions {
  /** Milliseconds, each way. */
  readonly delay: number;
  /** Whether what is on its way goes with the near end of a connection. */
  readonly loses: () => boolean;
  /** Asked for each connection. */
  readonly watch?: () => LineWatch;
}

/**
 * TCP with a delay in both directions, for a broker that is not on the same machine: a kill then finds packets on their way. What is on its
 * way from the near side when that ends arrives or is lost, as when the power of a machine fails.
 */
export class SlowLine {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #swallows = false;
  #lateness = 0;

  private constructor(port: number, options: SlowLineOptions) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      const connection = new Connection(near, far, options, this.#lateness);
      this.#connections.add(connection);
      if (this.#swallows) {
        connection.swallow();
      }
      connection.ended.then(() => this.#connections.delete(connection));
    });
  }

  /** A line to a local port. */
  static async open(port: number, options: SlowLineOptions): Promise<SlowLine> {
    const line = new SlowLine(port, options);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', () => resolve()));
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  /**
   * A black hole: connections are made and stand, and nothing arrives any more at either side, not even their end. What stands at that time
   * stays so for good, and so does what is made until `on` is false again.
   */
  swallow(on: boolean): void {
    this.#swallows = on;
    for (const connection of on ? this.#connections : []) {
      connection.swallow();
    }
  }

  /** From now on the first answer on a new connection comes so many milliseconds too late, and everything else behind it. */
  answersLate(milliseconds: number): void {
    this.#lateness = milliseconds;
  }

  /** Ends all connections. */
  cut(): void {
    for (const connection of this.#connections) {
      connection.destroy();
    }
  }

  async close(): Promise<void> {
    const end = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await end;
  }
}

/** One connection through a line: a socket at each side. */
class Connection {
  /** Both sockets are closed. */
  readonly ended: Promise<void>;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #options: SlowLineOptions;
  readonly #watch: LineWatch | undefined;
  /** What waits for a late answer; undefined when nothing does (any more). */
  #held: Uint8Array[] | undefined;
  #swallows = false;

  constructor(near: Socket, far: Socket, options: SlowLineOptions, lateness: number) {
    this.#near = near;
    this.#far = far;
    this.#options = options;
    this.#watch = options.watch?.();
    this.#held = lateness > 0 ? [] : undefined;
    this.ended = Promise.all([near, far].map((socket) => new Promise((resolve) => socket.once('close', resolve)))).then(
      () => undefined,
    );
    this.#pass(near, far, options.loses, (octets) => this.#watch?.toFar(octets));
    this.#pass(far, near, () => false);
    far.on('data', (octets) => this.#watch?.fromFar(octets));
    if (lateness > 0) {
      far.once('data', () => setTimeout(() => this.#release(), lateness));
    }
  }

  swallow(): void {
    this.#swallows = true;
  }

  destroy(): void {
    this.#near.destroy();
    this.#far.destroy();
  }

  #pass(from: Socket, to: Socket, loses: () => boolean, look?: (octets: Uint8Array) => void): void {
    const { delay } = this.#options;
    let lost = false;
    const write = (octets: Uint8Array): void => {
      if (to === this.#near && this.#held !== undefined) {
        this.#held.push(octets);
      } else if (!lost && !this.#swallows) {
        look?.(octets);
        to.write(octets);
      }
    };
    // Timers of the same length end in the order in which they began.
    from.on('data', (octets) => void setTimeout(() => write(octets), delay));
    from.on('error', () => undefined);
    from.on('close', () => {
      lost = loses();
      setTimeout(() => this.#swallows || to.end(() => to.destroy()), delay);
    });
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const octets of this.#swallows ? [] : held) {
      this.#near.write(octets);
    }
  }
}
