import type { Observer } from '../ports/observer.ts';
import type { Transport, TransportEffect, TransportListener } from '../ports/transport.ts';
import { LineReader } from './line-reader.ts';
import { LineWriter } from './line-writer.ts';
import { ProblemReporter } from './problem-reporter.ts';
import { SendQueue } from './send-queue.ts';
import { SerialLine } from './serial-line.ts';
import type { PortOpener } from './serial-port.ts';
import { describePort, octetsPerSecond } from './serial-transport.ts';
import { AddressBook } from './xbee/address-book.ts';
import {
  BROADCAST_64,
  decodeModuleFrame,
  encodeAtQuery,
  encodeLegacyTxRequest,
  encodeTxRequest,
  type ModuleFrame,
  TX_HEADER,
} from './xbee/api-frames.ts';
import { makeApiFraming } from './xbee/api-framing.ts';
import { usualPayload } from './xbee/firmware.ts';
import { InFlight } from './xbee/in-flight.ts';
import { type ModuleFacts, ModuleQuery } from './xbee/module-query.ts';
import { deliveryWords, isAddressTrouble, isBusy, isReset, modemStatusWords } from './xbee/status-words.ts';

export interface XBeeTransportOptions {
  /** First part of each link; without a colon. */
  readonly name: string;
  readonly path: string;
  readonly baudRate: number;
  readonly rtscts: boolean;
  /** Setting AP of the module; 2 escapes special octets. */
  readonly apiMode: 1 | 2;
  /** Octets of the largest frame (T-43); what the module says (NP) counts where it is less. Undefined: what the module says. */
  readonly maxFrame: number | undefined;
  /** How long the module may take to report on a frame, in milliseconds. */
  readonly statusTimeout: number;
  /** T_retry towards the clients of this radio, in milliseconds; undefined: that of the settings. */
  readonly retryInterval: number | undefined;
  /** 64-bit addresses from which encapsulated frames are taken (F-8); undefined: any. */
  readonly forwarders: readonly string[] | undefined;
  /** ADVERTISE and GWINFO are broadcast. */
  readonly advertise: boolean;
  readonly listener: TransportListener;
  readonly observer: Observer;
  /** Where ports come from; the operating system unless a test says otherwise. */
  readonly opener?: PortOpener;
}

/** Frames and octets that wait for the module at most. */
const QUEUE = { frames: 1_024, octets: 65_536 };
/** Frames heard before it is known what the module is. */
const EARLY_FRAMES = 32;
/** What a radio network carries from one sender over a hop or two, in octets a second, however fast the serial line is. */
const RADIO_SPEED = 4_000;
/** Delimiter, Length and checksum of an API frame. */
const API_OVERHEAD = 4;
/** Silence on the serial line that ends a broken API frame, in milliseconds: the module sends each in one piece. */
const INTER_FRAME_GAP = 100;
/** A module without free buffers is given the frame again after this, in milliseconds, and so many times. */
const BUSY_PAUSE = 50;
const BUSY_TRIES = 10;
/** How long `close` waits for what is to be sent, in milliseconds. */
const FLUSH_LIMIT = 1_000;

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
  readonly #queue = new SendQueue(QUEUE);
  readonly #flights = new InFlight();
  readonly #addresses = new AddressBook();
  readonly #commands: Uint8Array[] = [];
  #facts: ModuleFacts | undefined;
  /** 0x80 and 0x81 have come: that is how a module is spoken to whose kind is not known. */
  #heardLegacy = false;
  #early: (ModuleFrame & { type: 'received' })[] = [];
  /** Until when the module is left alone, for it had no free buffers: milliseconds of `performance.now()`. */
  #busyUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #refusals = new WeakMap<TransportEffect, number>();

  constructor(options: XBeeTransportOptions) {
    const { name, path, baudRate, rtscts, observer, opener } = options;
    const port = { path, baudRate, rtscts, dataBits: 8, parity: 'none', stopBits: 1 } as const;
    this.name = name;
    this.#options = options;
    this.#problems = new ProblemReporter(name, observer);
    this.#framing = makeApiFraming(options.apiMode);
    this.#reader = new LineReader({
      framing: this.#framing,
      interFrameGap: INTER_FRAME_GAP,
      frame: (data) => this.#received(decodeModuleFrame(data), data.length),
      discarded: (octets, reason) => observer.note({ type: 'octets-discarded', transport: name, octets, reason }),
    });
    this.#line = new SerialLine({
      ...{ transport: name, port, observer },
      up: () => this.#query.start(),
      down: () => this.#down(),
      octets: (octets) => this.#reader.receive(octets),
      ...(opener && { opener }),
    });
    this.#writer = new LineWriter({
      octetsPerSecond: octetsPerSecond(port),
      next: () => this.#next(),
      write: (octets) => this.#line.write(octets),
    });
    this.#query = new ModuleQuery({
      ask: (command) => {
        this.#commands.push(encodeAtQuery(this.#flights.freeId(), command));
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
    for (const dropped of this.#queue.push(effect)) this.#undelivered(dropped, 'too many frames wait for the module');
    this.#writer.kick();
  }

  /** Frees the port; what was to be sent has left by then, or a second has passed. */
  async close(): Promise<void> {
    const limit = performance.now() + FLUSH_LIMIT;
    const isBusy = () => this.#queue.length > 0 || this.#writer.busyFor > 0;
    while (this.#facts !== undefined && isBusy() && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 5));
    this.#query.stop();
    this.#reader.stop();
    this.#writer.stop();
    clearTimeout(this.#timer);
    await this.#line.close();
  }

  /** The module has said what it is, or will not. */
  #up(facts: ModuleFacts): void {
    const { name, path, baudRate, rtscts, apiMode, advertise, retryInterval, forwarders, observer, listener } = this.#options;
    const { kind, hardware, firmware, apiMode: own } = facts;
    const again = this.#facts !== undefined;
    this.#facts = facts;
    const maxFrame = Math.min(this.#options.maxFrame ?? Number.POSITIVE_INFINITY, facts.maxPayload ?? usualPayload(kind));
    if (own !== undefined && own !== apiMode) {
      this.#problems.report(
        'EPROTO',
        `the module is in API mode ${own}, the setting apiMode is ${apiMode}: some octets will be garbled; make them equal`,
      );
    }
    const port = { path, baudRate, rtscts, dataBits: 8, parity: 'none', stopBits: 1 } as const;
    const version = hardware === undefined ? 'a module that does not say what it is' : `HV ${hardware}, VR ${firmware ?? 'unknown'}`;
    const address = `${describePort(port)}: ${kind ?? 'XBee'} module ${facts.address ?? ''} (${version}), frames of ${maxFrame} octets`;
    if (!again) observer.note({ type: 'transport-up', transport: name, address });
    listener({
      ...{ type: 'transport-opened', transport: name, maxFrame, broadcast: advertise },
      speed: { octetsPerSecond: Math.min(octetsPerSecond(port), RADIO_SPEED), overhead: API_OVERHEAD + TX_HEADER },
      ...(retryInterval !== undefined && { retryInterval }),
      ...(forwarders && { forwarders: forwarders.map((forwarder) => forwarder.toLowerCase()) }),
    });
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#deliver(frame);
    this.#writer.kick();
  }

  #silent(): void {
    if (this.#early.length > 0) {
      this.#query.stop();
      this.#up(this.#query.facts); // it carries frames all the same
      return;
    }
    const { apiMode, baudRate, path } = this.#options;
    const asked = `the module on ${path} does not answer AT commands`;
    this.#problems.report('EPROTO', `${asked}: is it in API mode ${apiMode} (its setting AP), at ${baudRate} baud (BD)? It is asked again`);
  }

  #down(): void {
    const wasUp = this.#facts !== undefined;
    this.#query.stop();
    this.#reader.end();
    this.#writer.stop();
    this.#forgetFlights('the port was closed');
    this.#queue.clear();
    this.#commands.length = 0;
    this.#early = [];
    this.#facts = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (wasUp) this.#options.listener({ type: 'transport-closed', transport: this.name });
  }

  #received(frame: ModuleFrame, octets: number): void {
    switch (frame.type) {
      case 'received':
        this.#heardLegacy = frame.legacy;
        if (this.#facts !== undefined) this.#deliver(frame);
        else if (this.#early.length < EARLY_FRAMES) this.#early.push(frame);
        return;
      case 'transmitted':
        this.#transmitted(frame);
        return;
      case 'at-response':
        this.#query.answered(frame.command, frame.status, frame.value);
        return;
      case 'modem-status':
        this.#modemStatus(frame.status);
        return;
      case 'node-identified': {
        const { address, address16, name, role } = frame;
        this.#addresses.learn(address, address16);
        this.#options.observer.note({ type: 'radio-node', link: this.#linkOf(address), name, role });
        return;
      }
      case 'other':
        this.#options.observer.note({ type: 'octets-discarded', transport: this.name, octets, reason: 'unusedFrame' });
    }
  }

  #deliver({ from, from16, rssi, data }: ModuleFrame & { type: 'received' }): void {
    const link = this.#linkOf(from);
    this.#addresses.learn(from, from16);
    if (rssi !== undefined) this.#options.observer.note({ type: 'radio-signal', link, rssi, retries: undefined });
    if (data.length > 0) this.#options.listener({ type: 'frame-received', link, frame: data });
  }

  #transmitted({ frameId, status, retries, to16, legacy }: ModuleFrame & { type: 'transmitted' }): void {
    const flight = this.#flights.end(frameId);
    if (flight === undefined) return;
    const { effect } = flight;
    if (isBusy(status, legacy) && flight.refusals < BUSY_TRIES) {
      this.#refusals.set(effect, flight.refusals + 1);
      this.#queue.putBack(effect);
      this.#busyUntil = performance.now() + BUSY_PAUSE;
    } else if (effect.type === 'send') {
      const { link } = effect;
      const address = this.#addressOf(link);
      if (status === 0) this.#addresses.learn(address, to16);
      else if (isAddressTrouble(status)) this.#addresses.forget(address);
      if (status !== 0) this.#undelivered(effect, deliveryWords(status));
      else if (retries) this.#options.observer.note({ type: 'radio-signal', link, rssi: undefined, retries });
    }
    this.#writer.kick();
  }

  #modemStatus(status: number): void {
    this.#options.observer.note({ type: 'radio-status', transport: this.name, status, meaning: modemStatusWords(status) });
    if (!isReset(status)) return;
    this.#forgetFlights('the module was reset');
    this.#query.start(); // it may be another one, or set otherwise
  }

  #forgetFlights(reason: string): void {
    for (const { effect } of this.#flights.clear()) this.#undelivered(effect, reason);
  }

  /** The next octets for the module; keeps the timer for whatever opens the way again. */
  #next(): Uint8Array | undefined {
    const command = this.#commands.shift();
    if (command !== undefined) return this.#framing.encode(command);
    if (this.#facts === undefined) return undefined;
    const now = performance.now();
    for (const { effect } of this.#flights.overdue(now, this.#options.statusTimeout)) this.#undelivered(effect, 'the module did not report on it');
    const mayTake = now >= this.#busyUntil && this.#flights.isOpen(now);
    const effect = mayTake ? this.#queue.take((lane) => !this.#flights.has(lane, now)) : undefined;
    if (effect === undefined) {
      this.#wakeAt(this.#nextChange(now));
      return undefined;
    }
    const frameId = this.#flights.freeId();
    this.#flights.begin(frameId, effect, this.#refusals.get(effect) ?? 0, now);
    this.#wakeAt(this.#flights.overdueAt(this.#options.statusTimeout));
    return this.#framing.encode(this.#requestFor(effect, frameId, this.#facts));
  }

  #requestFor(effect: TransportEffect, frameId: number, { kind }: ModuleFacts): Uint8Array {
    const isLegacy = kind === '802.15.4' || (kind === undefined && this.#heardLegacy);
    const encode = isLegacy ? encodeLegacyTxRequest : encodeTxRequest;
    const { frame: data } = effect;
    if (effect.type === 'broadcast') return encode({ frameId, to: BROADCAST_64, to16: undefined, radius: effect.radius, data });
    const to = this.#addressOf(effect.link);
    return encode({ frameId, to, to16: this.#addresses.shortOf(to), radius: 0, data });
  }

  /** When something changes by itself that lets a frame go, or ends the wait for a report. */
  #nextChange(now: number): number | undefined {
    const moments = [this.#flights.overdueAt(this.#options.statusTimeout)];
    if (this.#queue.length > 0) moments.push(this.#flights.opensAt(now), now < this.#busyUntil ? this.#busyUntil : undefined);
    return moments.reduce((soonest, at) => (at === undefined || (soonest !== undefined && soonest <= at) ? soonest : at), undefined);
  }

  #wakeAt(at: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = at === undefined ? undefined : setTimeout(() => this.#writer.kick(), Math.max(0, Math.ceil(at - performance.now())));
  }

  #linkOf(address: string): string {
    return `${this.name}:${address}`;
  }

  #addressOf(link: string): string {
    return link.slice(this.name.length + 1);
  }

  /** Never from inside `perform`, as the port demands. */
  #undelivered(effect: TransportEffect, reason: string): void {
    if (effect.type === 'send') queueMicrotask(() => this.#options.listener({ type: 'frame-undelivered', link: effect.link, reason }));
  }
}
