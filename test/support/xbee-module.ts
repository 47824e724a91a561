import { Random } from '../crash/random.ts';
import { Collected } from './eventually.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { ApiFrameReader, type ApiMode, apiFrame } from './xbee-api-frames.ts';
import { atCommand, type Command, commandAnswer } from './xbee-commands.ts';
import {
  DELIVERY,
  FIRMWARE,
  type Firmware,
  type FirmwareTraits,
  isBroadcast,
  nodeIdentification,
  type Outcome,
  receivedFrame,
  requestFaults,
  type TransmitRequest,
  transmitRequest,
  transmitStatus,
  UNKNOWN_64,
} from './xbee-firmware.ts';
import { type Flight, Flights } from './xbee-flights.ts';
import type { XBeeModuleOptions } from './xbee-module-options.ts';
import { NO_ADDRESS_16, type RadioNode, type RadioNodeOptions } from './xbee-node.ts';
import { type RadioConditions, RadioNetwork, undisturbed } from './xbee-radio.ts';

/** What a Series 1 sends at most; it has no NP to say so. */
const SERIES_1_PAYLOAD = 100;

/**
 * An XBee module at a serial line, with a radio network behind it, after the module's public user guides. What the gateway does against
 * the book is put down in `violations`. Always `close()` it.
 */
export class XBeeModule {
  /** The serial line; the gateway opens its `path`. */
  readonly terminal: PseudoTerminal;
  readonly address64: string;
  /** How good the air is; may be changed at any time. */
  readonly air: RadioConditions;
  /** Every transmit request, in order. */
  readonly requests = new Collected<TransmitRequest>('transmit requests');
  /** The name of every AT command, in order. */
  readonly commands = new Collected<string>('AT commands');
  /** Requests that are unfinished now, and how many were at most. */
  readonly inFlight = new Flights();
  /** What the gateway did wrong. Empty at the end of a good test. */
  readonly violations: string[] = [];
  /** The module hears and says nothing, as at another baud rate. */
  silent = false;
  readonly #options: XBeeModuleOptions;
  readonly #firmware: Firmware;
  readonly #apiMode: ApiMode;
  readonly #random: Random;
  readonly #reader: ApiFrameReader;
  readonly #network: RadioNetwork;
  readonly #refusals: number[] = [];
  /** The nodes whose whereabouts the module knows, with their 16-bit addresses. */
  readonly #found = new Map<RadioNode, string>();
  /** Ends the wait of a `reset`. */
  #rejoined: () => void = () => undefined;
  #joined = true;
  #garbleEvery = 0;
  #framesSent = 0;

  private constructor(terminal: PseudoTerminal, options: XBeeModuleOptions) {
    this.terminal = terminal;
    this.#options = options;
    this.#firmware = options.firmware ?? 'zigbee';
    this.#apiMode = options.apiMode ?? 1;
    this.#random = new Random(options.seed ?? 1);
    this.address64 = (options.address64 ?? '0013a20040a1b2c3').toLowerCase();
    this.air = undisturbed(options);
    const centre = {
      address64: this.address64,
      payloadLimit: this.#payloadLimit,
      receive: (node: RadioNode, frame: Uint8Array, broadcast: boolean) => this.#receive(node, frame, broadcast),
    };
    this.#network = new RadioNetwork(centre, this.air, this.#random);
    this.#reader = new ApiFrameReader(
      this.#apiMode,
      (frame) => this.#take(frame),
      (what) => this.violations.push(what),
    );
    const nodes = options.nodes ?? 1;
    for (const node of typeof nodes === 'number' ? Array.from({ length: nodes }, () => ({})) : nodes) {
      this.addNode(node);
    }
    terminal.onOctets((octets) => {
      if (!this.silent) {
        this.#reader.push(octets);
      }
    });
  }

  /** Resolves when the device is there. */
  static async open(options: XBeeModuleOptions = {}): Promise<XBeeModule> {
    return new XBeeModule(await PseudoTerminal.open(options.path), options);
  }

  /** The device for the gateway. */
  get path(): string {
    return this.terminal.path;
  }

  get nodes(): readonly RadioNode[] {
    return this.#network.nodes;
  }

  /** The node of this number, counted from 0. */
  node(index = 0): RadioNode {
    const node = this.nodes[index];
    if (node === undefined) {
      throw new Error(`there are ${this.nodes.length} nodes, no number ${index}`);
    }
    return node;
  }

  /** One more node in the network. */
  addNode(options: RadioNodeOptions = {}): RadioNode {
    // A Series 1 network where nobody has chosen short addresses: the nodes are told apart by the long ones.
    const address16 = this.#firmware === '802.15.4' ? { address16: NO_ADDRESS_16 } : {};
    return this.#network.addNode({ ...address16, ...options });
  }

  /** Raw octets to the gateway. */
  injectOctets(octets: Uint8Array): void {
    this.terminal.write(octets);
  }

  /** A whole API frame to the gateway with this data (frame type first), such as one that the gateway has no use for. */
  injectFrame(data: Uint8Array): void {
    if (this.silent) {
      return;
    }
    const frame = apiFrame(data, this.#apiMode);
    this.#framesSent += 1;
    if (this.#garbleEvery > 0 && this.#framesSent % this.#garbleEvery === 0) {
      const index = this.#random.between(0, frame.length - 1);
      frame[index] = (frame[index] ?? 0) ^ (1 << this.#random.between(0, 7));
    }
    this.terminal.write(frame);
  }

  /** Flips one bit in every n-th frame towards the gateway from now on; 0: in none. */
  garble(everyNth: number): void {
    this.#garbleEvery = everyNth;
    this.#framesSent = 0;
  }

  /** The next requests are answered with these statuses, one each, and not sent: 0x02 no free channel, 0x32 no free buffer … */
  refuse(...statuses: readonly number[]): void {
    this.#refusals.push(...statuses);
  }

  /** 0x8A: 0 hardware reset, 1 watchdog reset, 2 joined, 3 left the network, 6 coordinator started. */
  modemStatus(status: number): void {
    this.injectFrame(Uint8Array.from([0x8a, status]));
  }

  /** 0x95: the node makes itself known under this name. `extra`: DD value and signal strength behind it, which depend on NO. */
  nodeIdentification(node: RadioNode, name: string = node.name, extra: Uint8Array = new Uint8Array()): void {
    this.injectFrame(nodeIdentification(node, name, this.#firmware, this.#options.explicitReceive === true, extra));
  }

  /** The module loses everything that it has not finished, says so (0x8A 0), and joins again. Resolves when it has. */
  async reset(): Promise<void> {
    this.#forget();
    this.modemStatus(0);
    // A mesh has nobody to join.
    if (this.#firmware === 'digimesh') {
      return;
    }
    this.#joined = false;
    await new Promise<void>((resolve) => {
      this.#rejoined = resolve;
      this.#network.after(this.#options.joinDelay ?? 20, () => {
        this.#joined = true;
        this.modemStatus(this.#options.coordinator === false ? 2 : 6);
        resolve();
      });
    });
  }

  /** The module is pulled out. */
  async unplug(): Promise<void> {
    this.#forget();
    await this.terminal.unplug();
    this.#reader.clear();
  }

  /** … and put in again. It says nothing; see `reset`. */
  async plug(): Promise<void> {
    this.#joined = true;
    await this.terminal.plug();
  }

  /** The end of the module and its network. */
  async close(): Promise<void> {
    this.#forget();
    await this.terminal.close();
  }

  #take(frame: Uint8Array): void {
    const taken = frame[0] === 0x08 ? atCommand(frame) : transmitRequest(frame, this.#firmware);
    if (typeof taken === 'string') {
      this.violations.push(taken);
    } else if ('name' in taken) {
      this.#answer(taken);
    } else {
      this.violations.push(...requestFaults(taken, this.#firmware));
      this.#transmit(taken);
    }
  }

  #answer(command: Command): void {
    this.commands.add(command.name);
    if (command.frameId === 0) {
      return;
    }
    const { address16 = '0000', name = ' ', hardwareVersion, firmwareVersion, maxPayload } = this.#options;
    const answer = commandAnswer(command, {
      apiMode: this.#apiMode,
      address64: this.address64,
      my: this.#traits.address16 ? address16 : undefined,
      name,
      hardwareVersion: hardwareVersion ?? this.#traits.hardwareVersion,
      firmwareVersion: firmwareVersion ?? this.#traits.firmwareVersion,
      maxPayload: maxPayload ?? this.#traits.maxPayload,
    });
    this.injectFrame(answer);
  }

  #transmit(request: TransmitRequest): void {
    const node = this.#destination(request);
    const flight: Flight = { frameId: request.frameId, node };
    if (this.inFlight.uses(request.frameId)) {
      this.violations.push(`frame id ${request.frameId} is used again while its request is unfinished`);
    }
    this.inFlight.begin(flight);
    this.requests.add(request);
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      this.#finish(flight, { status: refusal });
    } else if (isBroadcast(request)) {
      this.#network.broadcast(request.data, request.radius ?? 0, () =>
        this.#finish(flight, { status: DELIVERY.success }),
      );
    } else if (node === undefined) {
      this.#network.after(this.air.deadNodeDelay, () => this.#finish(flight, { status: this.#traits.unknown }));
    } else {
      // Without a 16-bit address in the request, the module goes by what it has found out before.
      const believed = request.dest16 === NO_ADDRESS_16 ? this.#found.get(node) : request.dest16;
      this.#network.unicast(node, request.data, (acknowledged) => {
        this.#finish(
          flight,
          acknowledged
            ? { status: DELIVERY.success, ...this.#whereabouts(node, believed) }
            : { status: this.#traits.noAck },
        );
      });
    }
  }

  #destination({ dest64, dest16 }: TransmitRequest): RadioNode | undefined {
    return dest64 === undefined || dest64 === UNKNOWN_64
      ? this.nodes.find(({ address16 }) => address16 === dest16 && address16 !== NO_ADDRESS_16)
      : this.nodes.find(({ address64 }) => address64 === dest64);
  }

  /** Why the module does not even try. */
  #refusal({ data, dest64 }: TransmitRequest): number | undefined {
    if (data.length > this.#payloadLimit) {
      return DELIVERY.tooLong;
    }
    if (this.#firmware === 'zigbee' && !this.#joined) {
      return DELIVERY.notJoined;
    }
    if (this.#firmware !== '802.15.4' && dest64 === this.address64) {
      return DELIVERY.self;
    }
    return this.#refusals.shift();
  }

  get #traits(): FirmwareTraits {
    return FIRMWARE[this.#firmware];
  }

  get #payloadLimit(): number {
    return this.#options.maxPayload ?? this.#traits.maxPayload ?? SERIES_1_PAYLOAD;
  }

  /** Where a node was found, and whether the module, which thought that it was at `believed`, had to look for it. */
  #whereabouts(node: RadioNode, believed: string | undefined): { address16: string; discovery: number } {
    const address16 = this.#firmware === 'zigbee' ? node.address16 : NO_ADDRESS_16;
    this.#found.set(node, address16);
    return { address16, discovery: believed === address16 ? 0 : this.#traits.discovery };
  }

  #finish(flight: Flight, outcome: Outcome): void {
    this.inFlight.end(flight);
    if (flight.frameId !== 0 && !this.#random.chance(this.air.statusLoss)) {
      this.injectFrame(transmitStatus(flight.frameId, this.#firmware, outcome));
    }
  }

  #receive(node: RadioNode, frame: Uint8Array, broadcast: boolean): void {
    if (this.#joined) {
      this.#found.set(node, this.#firmware === 'zigbee' ? node.address16 : NO_ADDRESS_16);
      this.injectFrame(
        receivedFrame(node, frame, this.#firmware, { broadcast, explicit: this.#options.explicitReceive === true }),
      );
    }
  }

  /** Nothing that was going on comes to its end. */
  #forget(): void {
    this.#network.clear();
    this.inFlight.clear();
    this.#found.clear();
    this.#reader.clear();
    this.#rejoined();
  }
}
