import { UdpClientTransport } from '../../src/client/udp-client-transport.ts';

/** How the datagrams of one client get to the gateway and back, behind the radio. */
export interface Medium {
  open(): Promise<void>;
  /** Makes a frame ready. What it returns sends it: later, more than once, or never. */
  prepared(frame: Uint8Array): () => void;
  /** Who gets each frame of the gateway; one listener. */
  onFrame(listener: (frame: Uint8Array) => void): void;
  /** The gateway has not answered for a long time. True: the way is made anew, and the gateway will not know who comes on it. */
  unanswered(): boolean;
  /** Goes on with another address, as behind a NAT that has forgotten it. */
  move(): Promise<void>;
  close(): Promise<void>;
}

/** Plain UDP. */
export class UdpMedium implements Medium {
  readonly #port: number;
  #transport: UdpClientTransport;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #closed = false;

  constructor(port: number) {
    this.#port = port;
    this.#transport = this.#newTransport();
  }

  async open(): Promise<void> {
    await this.#transport.open();
  }

  prepared(frame: Uint8Array): () => void {
    const transport = this.#transport;
    return () => transport.send(frame);
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  unanswered(): boolean {
    return false;
  }

  async move(): Promise<void> {
    const before = this.#transport;
    this.#transport = this.#newTransport();
    await this.#transport.open();
    await before.close();
    if (this.#closed) {
      await this.#transport.close(); // `close` came meanwhile, too early for the new one
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.close();
  }

  #newTransport(): UdpClientTransport {
    const transport = new UdpClientTransport({ host: '127.0.0.1', port: this.#port });
    transport.onFrame((frame) => this.#frame(frame));
    transport.onError(() => undefined); // nobody listens there just now
    return transport;
  }
}
