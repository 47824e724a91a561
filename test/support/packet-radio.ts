import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { ClientTransport } from '../../src/client/client-transport.ts';
import { frameTransport } from './frame-transport.ts';

/** The microcontroller of examples/own-transport, with a radio and nodes: lines of text over TCP. */
export class PacketRadio {
  /** Where it listens. */
  readonly port: number;
  /** Every line that came, in order. */
  readonly lines: string[] = [];
  /** The radio acknowledges nothing: each packet fails. */
  deaf = false;
  readonly #server: Server;
  readonly #listeners = new Map<number, Set<(frame: Uint8Array) => void>>();
  #socket: Socket | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (socket) => this.#connected(socket));
  }

  static async open(): Promise<PacketRadio> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PacketRadio(server);
  }

  /** A line from the microcontroller. */
  say(line: string): void {
    this.#socket?.write(`${line}\n`);
  }

  /** A node on the air, for a client. */
  node(number: number): ClientTransport {
    return frameTransport({
      peer: `node ${number}`,
      send: (frame) => this.say(`RX ${number} ${Buffer.from(frame).toString('hex')} -71`),
      onFrame: (listener) => {
        const listeners = this.#listeners.get(number) ?? new Set();
        this.#listeners.set(number, listeners.add(listener));
        return () => void listeners.delete(listener);
      },
    });
  }

  /** The cable is pulled. */
  cut(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #connected(socket: Socket): void {
    this.#socket = socket;
    let rest = '';
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.lines.push(line);
        const [, node, hex = ''] = line.split(' ');
        if (!this.deaf) {
          for (const listener of this.#listeners.get(Number(node)) ?? []) {
            listener(Uint8Array.from(Buffer.from(hex, 'hex')));
          }
        }
        this.say(this.deaf ? 'FAIL' : 'OK');
      }
    });
  }
}
