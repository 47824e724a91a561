import type { Transport, TransportEffect } from '../../ports/transport.ts';
import { flush } from '../line/flush.ts';
import { LineReader } from '../line/line-reader.ts';
import type { LineTransportOptions } from '../line/line-transport-options.ts';
import { LineWriter } from '../line/line-writer.ts';
import { SerialLine } from '../line/serial-line.ts';
import { describePort, octetsPerSecond, type SerialPortSettings } from '../line/serial-port-settings.ts';
import { undelivered } from '../line/undelivered.ts';
import { ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';
import { decodeModuleFrame, encodeAtQuery, type ModuleFrame, TX_HEADER } from './codec/api-frames.ts';
import { makeApiFraming } from './codec/api-framing.ts';
import { describeModule, largestFrame, type ModuleFacts } from './codec/module-facts.ts';
import { isReset, modemStatusWords } from './codec/status-words.ts';
import { explainApiMode, explainSilence } from './module-problem.ts';
import { ModuleQuery } from './module-query.ts';
import { Transmitter } from './transmitter.ts';

export interface XBeeTransportOptions extends LineTransportOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly rtscts: boolean;
  /** Setting AP of the module; 2 escapes special octets. */
  readonly apiMode: 1 | 2;
  /** Octets of the largest frame (T-43); what the module says (NP) counts where it is less. Undefined: what the module says. */
  readonly maxFrame: number | undefined;
  /** How long the module may take to report on a frame, in milliseconds. */
  readonly statusTimeout: number;
}

/** Frames heard before it is known what the module is. */
const EARLY_FRAMES = 32;
/** What a radio network carries from one sender over two hops, in octets a second, however fast the serial line is. */
const RADIO_SPEED = 2_000;
/** Delimiter, Length and checksum of an API frame. */
const API_OVERHEAD = 4;
/** Silence on the serial line that ends a broken API frame, in milliseconds: the module sends each in one piece. */
const INTER_FRAME_GAP = 100;

/** MQTT-SN over an XBee module in API mode: each node is a client, `<name>:<64-bit address>`. */
export class XBeeTransport implements Transport {
  readonly name: string;
  readonly #options: XBeeTransportOptions;
  readonly #line: SerialLine;
  readonly #reader: LineReader;
  readonly #writer: LineWriter;
  readonly #query: ModuleQuery;
  readonly #problems: ProblemReporter;
  readonly #framing;
  readonly #transmitter: Transmitter;
  readonly #port: SerialPortSettings;
  /** Questions that wait for the line: each once, however often a module is asked that takes nothing. */
  readonly #commands = new Set<string>();
  #facts: ModuleFacts | undefined;
  /** The log has been told that the module says nothing. */
  #toldSilent = false;
  #early: (ModuleFrame & { type: 'received' })[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: XBeeTransportOptions) {
    const { name, path, baudRate, rtscts, observer, opener } = options;
    const port: SerialPortSettings = { path, baudRate, rtscts, dataBits: 8, parity: 'none', stopBits: 1 };
    this.name = name;
    this.#port = port;
    // Links are written in lower case.
    this.#options = { ...options, forwarders: options.forwarders?.map((address) => address.toLowerCase()) };
    this.#problems = new ProblemReporter(name, observer);
    this.#framing = makeApiFraming(options.apiMode);
    this.#transmitter = new Transmitter({
      transport: name,
      statusTimeout: options.statusTimeout,
      undelivered: (effect, reason) => this.#undelivered(effect, reason),
      retried: (link, retries) => observer.note({ type: 'radio-signal', link, rssi: undefined, retries }),
    });
    this.#reader = new LineReader({
      framing: this.#framing,
      interFrameGap: INTER_FRAME_GAP,
      frame: (data) => this.#received(decodeModuleFrame(data), data.length),
      discarded: (octets, reason) => observer.note({ type: 'octets-discarded', transport: name, octets, reason }),
    });
    this.#line = new SerialLine({
      ...{ transport: name, port, observer },
      up: () => {
        this.#toldSilent = false;
        this.#query.start();
      },
      down: () => this.#down(),
      octets: (octets) => this.#reader.receive(octets),
      ...(opener && { opener }),
    });
    this.#writer = new LineWriter({
      octetsPerSecond: octetsPerSecond(port),
      next: () => this.#next(),
      write: (octets) => this.#line.write(octets),
      pending: () => this.#line.pending,
    });
    this.#query = new ModuleQuery({
      ask: (command) => {
        this.#commands.add(command);
        this.#writer.kick();
      },
      done: (facts) => this.#up(facts),
      silent: () => this.#silent(),
    });
  }

  /** Resolves when the first attempt to open the port has been made: a port that is not there is waited for. Never rejects. */
  async open(): Promise<void> {
    this.#options.listener({ type: 'transport-closed', transport: this.name }); // until the module has answered
    await this.#line.open();
  }

  /** The device. */
  address(): string {
    return this.#options.path;
  }

  perform(effect: TransportEffect): void {
    if (this.#facts === undefined) {
      this.#undelivered(effect, this.#line.isOpen ? 'the module has not answered yet' : 'the port is not open');
      return;
    }
    this.#transmitter.push(effect);
    this.#writer.kick();
  }

  /** Frees the port; what was to be sent has left by then, or a second has passed. */
  async close(): Promise<void> {
    await flush(() => this.#facts !== undefined && (this.#transmitter.waiting > 0 || this.#writer.busyFor > 0));
    this.#query.stop();
    this.#reader.stop();
    this.#writer.stop();
    clearTimeout(this.#timer);
    await this.#line.close();
  }

  /** The module has said what it is, or will not. */
  #up(facts: ModuleFacts): void {
    const { name, apiMode, advertise, observer, listener } = this.#options;
    const { kind, apiMode: own } = facts;
    const again = this.#facts !== undefined;
    this.#facts = facts;
    this.#toldSilent = false;
    if (kind !== undefined) {
      this.#transmitter.legacy = kind === '802.15.4';
    }
    if (own !== undefined && own !== apiMode) {
      this.#problems.report('EPROTO', explainApiMode(own, this.#options));
    }
    const maxFrame = largestFrame(facts, this.#options.maxFrame);
    if (!again) {
      const address = `${describePort(this.#port)}: ${describeModule(facts)}, frames of ${maxFrame} octets`;
      observer.note({ type: 'transport-up', transport: name, address });
    }
    const speed = {
      octetsPerSecond: Math.min(octetsPerSecond(this.#port), RADIO_SPEED),
      overhead: API_OVERHEAD + TX_HEADER,
    };
    listener(transportOpened(this.#options, { maxFrame, broadcast: advertise, speed }));
    const early = this.#early;
    this.#early = [];
    for (const frame of early) {
      this.#deliver(frame);
    }
    this.#writer.kick();
  }

  #silent(): void {
    if (this.#early.length > 0) {
      this.#query.stop();
      this.#up(this.#query.facts); // it carries frames all the same
      return;
    }
    if (this.#toldSilent) {
      return;
    }
    this.#toldSilent = true;
    this.#problems.report('EPROTO', explainSilence(this.#options));
  }

  #down(): void {
    const wasUp = this.#facts !== undefined;
    this.#query.stop();
    this.#reader.end();
    this.#writer.stop();
    this.#transmitter.forget('the port was closed');
    this.#transmitter.clear('the port was closed');
    this.#commands.clear();
    this.#early = [];
    this.#facts = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (wasUp) {
      this.#options.listener({ type: 'transport-closed', transport: this.name });
    }
  }

  #received(frame: ModuleFrame, octets: number): void {
    switch (frame.type) {
      case 'received':
        if (this.#facts?.kind === undefined) {
          this.#transmitter.legacy = frame.legacy; // as the module speaks, so it is spoken to
        }
        if (this.#facts !== undefined) {
          this.#deliver(frame);
        } else if (this.#early.length < EARLY_FRAMES) {
          this.#early.push(frame);
        }
        return;
      case 'transmitted':
        this.#transmitter.reported(frame, performance.now());
        this.#writer.kick();
        return;
      case 'at-response':
        this.#query.answered(frame.command, frame.status, frame.value);
        return;
      case 'modem-status':
        this.#modemStatus(frame.status);
        return;
      case 'node-identified': {
        const { address, address16, name, role } = frame;
        this.#transmitter.learn(address, address16);
        this.#options.observer.note({ type: 'radio-node', link: this.#linkOf(address), name, role });
        return;
      }
      case 'other':
        this.#options.observer.note({ type: 'octets-discarded', transport: this.name, octets, reason: 'unusedFrame' });
    }
  }

  #deliver({ from, from16, rssi, data }: ModuleFrame & { type: 'received' }): void {
    const link = this.#linkOf(from);
    this.#transmitter.learn(from, from16);
    if (rssi !== undefined) {
      this.#options.observer.note({ type: 'radio-signal', link, rssi, retries: undefined });
    }
    if (data.length > 0) {
      const peer = { transport: this.name, host: from, address: from };
      this.#options.listener({ type: 'frame-received', link, peer, frame: data });
    }
  }

  #modemStatus(status: number): void {
    this.#options.observer.note({
      type: 'radio-status',
      transport: this.name,
      status,
      meaning: modemStatusWords(status),
    });
    if (!isReset(status)) {
      return;
    }
    this.#transmitter.forget('the module was reset');
    this.#query.start(); // it may be another one, or set otherwise
  }

  /** The next octets for the module; keeps the timer for whatever opens the way again. */
  #next(): Uint8Array | undefined {
    for (const command of this.#commands) {
      this.#commands.delete(command);
      return this.#framing.encode(encodeAtQuery(this.#transmitter.freeId(), command));
    }
    if (this.#facts === undefined) {
      return undefined;
    }
    const now = performance.now();
    const request = this.#transmitter.next(now);
    this.#wakeAt(this.#transmitter.changesAt(now));
    return request && this.#framing.encode(request);
  }

  #wakeAt(at: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer =
      at === undefined
        ? undefined
        : setTimeout(() => this.#writer.kick(), Math.max(0, Math.ceil(at - performance.now())));
  }

  #linkOf(address: string): string {
    return `${this.name}:${address}`;
  }

  #undelivered(effect: TransportEffect, reason: string): void {
    undelivered(this.#options.listener, effect, reason);
  }
}
