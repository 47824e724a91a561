/**
 * The interface of a transport of one's own: what a module has to export that the setting `type: ./my-radio.js` names. docs/own-transport.md tells how
 * to write one, `examples/own-transport` has a whole one.
 *
 * The module runs in a thread of its own. What it throws, at any time, ends that thread and nothing else: the gateway says so in its log and starts it
 * again, at first after a quarter of a second, then ever more seldom, once a minute at least.
 */

/** Version of this interface. It grows when a module that was right would not be any more. */
export type TransportInterface = 1;

/** What a module exports, by these names. */
export interface TransportModule {
  /** The version of the interface for which it was written; another one is refused with what is to be done. */
  readonly transportInterface: TransportInterface;
  /**
   * Makes a transport; nothing is opened yet. Where the options are not right it throws, or rejects with, an `Error` that says what was expected and
   * what was found.
   */
  createTransport(context: TransportContext): ModuleTransport | Promise<ModuleTransport>;
}

/** What a module is given. */
export interface TransportContext {
  /** Name of the transport in the gateway. */
  readonly name: string;
  /** As they are written under `options` in the settings: nobody has checked them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Folder of the module, absolute. */
  readonly folder: string;
  /**
   * A frame came: one MQTT-SN message, with its length. `address`: of the node, 1 to 64 of `A-Z a-z 0-9 . _ : -`, always the same for the same node, for
   * by it the gateway finds the session. Returns false where the gateway does not keep up, and the frame was dropped. Throws `TypeError` where
   * address or frame cannot be one.
   */
  received(address: string, frame: Uint8Array): boolean;
  /** How well a node was heard. `rssi`: dBm; `retries`: transmissions in vain before the one that arrived. */
  signal(address: string, quality: { readonly rssi?: number; readonly retries?: number }): void;
  /** So many octets came that belong to no frame. */
  discarded(octets: number): void;
  /** Something for the log that ends nothing; the same code is told once a second at most. `code`: capital letters, such as `ECRC`. */
  problem(code: string, reason: string): void;
  /** The medium is gone. Nothing more is sent; the transport is closed, and the module started again. */
  lost(reason: string | Error): void;
}

/** What a transport can carry; told by `open`. */
export interface Medium {
  /** For the log: the device, and how it is set. */
  readonly description: string;
  /** Octets of the largest frame that it carries, 16 to 65,535. */
  readonly maxFrame: number;
  /** There is one node at the other end, and no other. */
  readonly pointToPoint?: boolean;
  /** What a slow medium carries: the gateway reckons with it before it repeats something. */
  readonly octetsPerSecond?: number;
  /** Octets that come with each frame on the medium. Default 0. */
  readonly overhead?: number;
  /** Frames that may be with the module at a time, 1 to 64; the others wait in the gateway, urgent ones first. Default 1. */
  readonly window?: number;
}

/** A transport as the module makes it. Each function may throw, and each promise may reject, with an `Error` that says what is wrong. */
export interface ModuleTransport {
  /** Opens the medium; resolves when frames can be exchanged, within ten seconds. Where it rejects, the module is started again later. */
  open(): Promise<Medium>;
  /**
   * Sends one frame to one node. The promise resolves when the medium has taken the frame, so that the next one may come, and rejects where it is known
   * not to have arrived; within ten seconds. Without a promise it counts as sent at once.
   */
  send(address: string, frame: Uint8Array): Promise<void> | void;
  /** The same to all nodes. Left out: the medium has no broadcast, and nothing is advertised on it. `radius`: hops, 0 = all nodes (§5.4.2). */
  broadcast?(frame: Uint8Array, radius: number): Promise<void> | void;
  /** Frees the medium, within a second. */
  close(): Promise<void> | void;
}
