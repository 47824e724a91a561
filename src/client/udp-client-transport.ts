import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { ClientTransport } from './client-transport.ts';

/** Octets that fit into a datagram of IPv4 without options; one of IPv6 takes twenty more. */
const MAX_DATAGRAM = 65_507;

export interface UdpClientTransportOptions {
  /** Address or name of the gateway. */
  readonly host: string;
  readonly port: number;
  /** Own port; default: any free one, a new one each time it is opened. */
  readonly localPort?: number;
}

/** MQTT-SN over UDP with a connected socket: only what comes from the gateway's own address and port is heard. */
export class UdpClientTransport implements ClientTransport {
  readonly peer: string;
  readonly maxFrame: number = MAX_DATAGRAM;
  readonly #options: UdpClientTransportOptions;
  #opening: Promise<Socket> | undefined;
  #socket: Socket | undefined;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  constructor(options: UdpClientTransportOptions) {
    this.#options = options;
    this.peer = isIP(options.host) === 6 ? `[${options.host}]:${options.port}` : `${options.host}:${options.port}`;
  }

  /** Own port; 0 while it is not open. */
  get localPort(): number {
    return this.#socket?.address().port ?? 0;
  }

  async open(): Promise<void> {
    this.#opening ??= this.#connect();
    try {
      this.#socket = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  send(frame: Uint8Array): void {
    try {
      this.#socket?.send(frame, (error) => {
        if (error) {
          this.#error(error);
        }
      });
    } catch (error) {
      this.#error(error as Error);
    }
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  async close(): Promise<void> {
    const socket = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    this.#socket = undefined;
    if (socket !== undefined) {
      await new Promise<void>((resolve) => {
        try {
          socket.close(() => resolve());
        } catch {
          resolve();
        }
      });
    }
  }

  async #connect(): Promise<Socket> {
    const { host, port, localPort = 0 } = this.#options;
    const { address, family } = isIP(host) === 0 ? await lookup(host) : { address: host, family: isIP(host) };
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(localPort, () => socket.connect(port, address, () => resolve()));
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.#error(error));
    socket.on('message', (frame) => this.#frame(frame));
    return socket;
  }
}
