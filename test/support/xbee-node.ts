import type { ClientTransport } from '../../src/client/client-transport.ts';
import { Collected } from './eventually.ts';
import { frameTransport } from './frame-transport.ts';

/** Nobody's 16-bit address: unknown, or (802.15.4) a node that uses its 64-bit address only. */
export const NO_ADDRESS_16 = 'fffe';

/** Describes a node of the network. */
export interface RadioNodeOptions {
  /** 16 hex digits. */
  readonly address64?: string;
  /** 4 hex digits; `fffe` on 802.15.4: the node uses its 64-bit address (MY = FFFE). */
  readonly address16?: string;
  /** NI of the node. */
  readonly name?: string;
  /** How far it is: a broadcast with a smaller radius does not reach it. Default 1. */
  readonly hops?: number;
  /** Signal strength in −dBm, for 0x80 and 0x81. Default 40. */
  readonly rssi?: number;
}

/** How a node's frame is sent. */
export interface UplinkOptions {
  /** To everybody in place of the gateway's module only. */
  readonly broadcast?: boolean;
}

/** A radio module far away, with something at its serial line that sends and receives. */
export class RadioNode {
  /** 16 hex digits, lower case. */
  readonly address64: string;
  readonly name: string;
  readonly hops: number;
  readonly rssi: number;
  /** Whether it has power. */
  on = true;
  /** The gateway's module cannot tell this node's 64-bit address and reports FFFFFFFFFFFFFFFF (zigbee). */
  anonymous = false;
  /** Every frame that arrived, in order. */
  readonly received: Collected<Uint8Array>;
  readonly #uplink: (frame: Uint8Array, options: UplinkOptions) => void;
  readonly #gateway: string;
  readonly #listeners = new Set<(frame: Uint8Array) => void>();
  #address16: string;

  /** `uplink` brings frames to the module `gateway`, or throws. */
  constructor(
    index: number,
    options: RadioNodeOptions,
    gateway: string,
    uplink: (frame: Uint8Array, options: UplinkOptions) => void,
  ) {
    this.address64 = (options.address64 ?? `0013a200${(0x41000000 + index).toString(16)}`).toLowerCase();
    this.#address16 = (options.address16 ?? (0x1000 + index).toString(16)).toLowerCase();
    if (!/^[\da-f]{16}$/.test(this.address64) || !/^[\da-f]{4}$/.test(this.#address16)) {
      throw new Error(`not the addresses of a node: ${this.address64}, ${this.#address16}`);
    }
    this.name = options.name ?? `node-${index}`;
    this.hops = options.hops ?? 1;
    this.rssi = options.rssi ?? 40;
    this.received = new Collected(`frames at the node ${this.name}`);
    this.#gateway = gateway;
    this.#uplink = uplink;
  }

  /** 4 hex digits, lower case. */
  get address16(): string {
    return this.#address16;
  }

  /** The node has left the network and joined it again elsewhere: it has another 16-bit address now (4 hex digits). */
  moveTo16(address16: string): void {
    this.#address16 = address16.toLowerCase();
  }

  /** Sends a frame to the gateway's module; lost while the node is off. Error if it is too long for one radio packet. */
  send(frame: Uint8Array, options: UplinkOptions = {}): void {
    this.#uplink(Uint8Array.from(frame), options);
  }

  /** Who gets each frame that arrives. Any number of listeners; the result takes this one away. */
  onFrame(listener: (frame: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** For `src/client/mqtt-sn-client.ts`; a node may have several, which all hear everything. */
  clientTransport(): ClientTransport {
    return frameTransport({
      peer: `xbee:${this.#gateway}`,
      send: (frame) => this.send(frame),
      onFrame: (listener) => this.onFrame(listener),
    });
  }

  /** For the network: a frame arrives. */
  deliver(frame: Uint8Array): void {
    this.received.add(Uint8Array.from(frame));
    for (const listener of [...this.#listeners]) {
      listener(Uint8Array.from(frame));
    }
  }
}
