import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Collected } from '../../support/eventually.ts';

/** Octets as written in a specification: `'20 02 00 00'`. */
export function octets(hex: string): Buffer {
  return Buffer.from(hex.replace(/\s/g, ''), 'hex');
}

/** One connection of the fake broker: whole packets in, any octets out. */
export class FakeConnection {
  /** Whole packets, as hex with a blank between two octets. */
  readonly packets = new Collected<string>('packets at the fake broker');
  readonly socket: Socket;
  #rest = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      this.#rest = Buffer.concat([this.#rest, data]);
      for (let size = packetSize(this.#rest); size !== undefined; size = packetSize(this.#rest)) {
        this.packets.add((this.#rest.subarray(0, size).toString('hex').match(/../g) ?? []).join(' '));
        this.#rest = this.#rest.subarray(size);
      }
    });
  }

  send(hex: string): void {
    this.socket.write(octets(hex));
  }
}

/** A server that speaks MQTT in literal octets only, so that a test sees exactly what is on the wire. */
export class FakeBroker {
  readonly connections = new Collected<FakeConnection>('connections at the fake broker');
  readonly #server: Server;
  readonly #isSecure: boolean;

  private constructor(server: Server, isSecure: boolean) {
    this.#server = server;
    this.#isSecure = isSecure;
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.connections.add(new FakeConnection(socket)),
    );
    server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  }

  /** `tls`: it is reached over TLS, with these. */
  static async start(tls?: TlsOptions): Promise<FakeBroker> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new FakeBroker(server, tls !== undefined);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `${this.#isSecure ? 'mqtts' : 'mqtt'}://127.0.0.1:${this.port}`;
  }

  /** The n-th connection, counted from 1, once it has sent CONNECT; answered with `connack`. */
  async accept(n: number, connack: string): Promise<FakeConnection> {
    const connection = await this.connections.nth(n);
    await connection.packets.nth(1);
    connection.send(connack);
    return connection;
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections.items) {
      socket.destroy();
    }
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

/** Octets of the first packet, undefined while it is not whole (fixed header: MQTT 2.1.1). */
function packetSize(buffer: Buffer): number | undefined {
  let length = 0;
  for (let i = 1; i < Math.min(buffer.length, 5); i += 1) {
    const octet = buffer[i] as number;
    length += (octet & 0x7f) * 128 ** (i - 1);
    if (octet < 0x80) {
      const size = i + 1 + length;
      return size <= buffer.length ? size : undefined;
    }
  }
  return undefined;
}
