import type { ClientTransport } from '../../src/client/client-transport.ts';
import { Collected } from './eventually.ts';
import { frameTransport } from './frame-transport.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { FrameFinder, type SerialCrc, type SerialFraming, wrap } from './serial-framing.ts';

/** What a peer is made of. */
export interface SerialPeerOptions {
  /** Of the device; default: in a folder of its own. */
  readonly path?: string;
  readonly framing: SerialFraming;
  /** Default none. */
  readonly crc?: SerialCrc;
}

/** A device at a serial line that speaks MQTT-SN frames over it, such as an Arduino with a cable. Always `close()` it. */
export class SerialPeer {
  /** The serial line; the gateway opens its `path`. */
  readonly terminal: PseudoTerminal;
  /** Every frame that came, in order. */
  readonly received = new Collected<Uint8Array>('frames at the serial peer');
  /** What the gateway should never have sent. Empty at the end of a good test. */
  readonly violations: string[] = [];
  readonly #framing: SerialFraming;
  readonly #crc: SerialCrc;
  readonly #listeners = new Set<(frame: Uint8Array) => void>();
  readonly #finder: FrameFinder;

  private constructor(terminal: PseudoTerminal, { framing, crc = 'none' }: SerialPeerOptions) {
    this.terminal = terminal;
    this.#framing = framing;
    this.#crc = crc;
    this.#finder = new FrameFinder(
      framing,
      crc,
      (frame) => this.#take(frame),
      (what) => this.violations.push(what),
    );
    terminal.onOctets((octets) => this.#finder.push(octets));
  }

  /** Resolves when the device is there. */
  static async open(options: SerialPeerOptions): Promise<SerialPeer> {
    return new SerialPeer(await PseudoTerminal.open(options.path), options);
  }

  /** The device for the gateway. */
  get path(): string {
    return this.terminal.path;
  }

  /** Sends a frame with everything that goes around it. */
  send(frame: Uint8Array): void {
    this.terminal.write(wrap(frame, this.#framing, this.#crc));
  }

  /** Sends octets as they are: noise, halves of frames. */
  sendOctets(octets: Uint8Array): void {
    this.terminal.write(octets);
  }

  /** Who gets each frame that comes. Any number of listeners; the result takes this one away. */
  onFrame(listener: (frame: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** For `src/client/mqtt-sn-client.ts`. */
  clientTransport(): ClientTransport {
    return frameTransport({
      peer: this.path,
      send: (frame) => this.send(frame),
      onFrame: (listener) => this.onFrame(listener),
    });
  }

  /** The device disappears. */
  async unplug(): Promise<void> {
    await this.terminal.unplug();
    this.#finder.clear();
  }

  /** … and comes back under the same path. */
  async plug(): Promise<void> {
    await this.terminal.plug();
  }

  /** The end of the device. */
  async close(): Promise<void> {
    this.#listeners.clear();
    await this.terminal.close();
  }

  #take(frame: Uint8Array): void {
    this.received.add(frame);
    for (const listener of [...this.#listeners]) {
      listener(Uint8Array.from(frame));
    }
  }
}
