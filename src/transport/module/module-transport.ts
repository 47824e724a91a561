import { basename } from 'node:path';
import type { Transport, TransportEffect } from '../../ports/transport.ts';
import type { Medium } from '../../ports/transport-module.ts';
import { flush } from '../line/flush.ts';
import { laneOf, SendQueue } from '../line/send-queue.ts';
import { undelivered } from '../line/undelivered.ts';
import { ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';
import type { TransportOptions } from '../transport-options.ts';
import { ModuleThread } from './module-thread.ts';
import { MODULE_TIMES, type ModuleTimes } from './module-times.ts';
import type { FromModule, ModuleAnswer, ModuleStep } from './thread-messages.ts';

export interface ModuleTransportOptions extends TransportOptions {
  /** Absolute path of the module. */
  readonly module: string;
  /** For the module. */
  readonly options: Readonly<Record<string, unknown>>;
  /** ADVERTISE and GWINFO go out to all where the module can do that. */
  readonly advertise: boolean;
  /** Where the program of its thread is; beside this one, unless a test says otherwise. */
  readonly worker?: URL;
  /** Other times in a test. */
  readonly times?: ModuleTimes;
}

/** Frames and octets that wait for the module at most. */
const QUEUE = { frames: 512, octets: 131_072 };
/** Codes of problems of which each is told once a second; what a module says beyond is told as one. */
const MOST_CODES = 32;

const FAILED: Readonly<Record<ModuleStep, string>> = {
  load: 'cannot be loaded',
  version: 'does not fit',
  create: 'cannot make a transport (are the options right?)',
  open: 'cannot open its medium',
};

/** A frame that the module has. */
interface Flight {
  readonly effect: TransportEffect;
  readonly timer: NodeJS.Timeout;
}

/** A transport that a module of the user's own makes, in a thread of its own: each node is a client, `<name>:<address>`. */
export class ModuleTransport implements Transport {
  readonly name: string;
  readonly #options: ModuleTransportOptions;
  readonly #times: ModuleTimes;
  readonly #queue = new SendQueue(QUEUE);
  readonly #flights = new Map<number, Flight>();
  readonly #problems: ProblemReporter;
  readonly #codes = new Set<string>();
  #thread: ModuleThread | undefined;
  #medium: Medium | undefined;
  #wanted = false;
  #lastId = 0;
  #pause: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Why it is down, as far as the log has been told. */
  #told: string | undefined;
  /** The first attempt has been made. */
  #tried: () => void = () => undefined;

  constructor(options: ModuleTransportOptions) {
    this.name = options.name;
    this.#options = options;
    this.#times = options.times ?? MODULE_TIMES;
    this.#pause = this.#times.restartMin;
    this.#problems = new ProblemReporter(options.name, options.observer);
  }

  /** Resolves when the first attempt has been made, or takes long: the module may come later. Never rejects. */
  async open(): Promise<void> {
    this.#wanted = true;
    this.#options.listener({ type: 'transport-closed', transport: this.name }); // until the module is ready
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, this.#times.patience);
      this.#tried = () => {
        clearTimeout(patience);
        resolve();
      };
      this.#start();
    });
  }

  /** The file, and what it said of its medium. */
  address(): string {
    const file = basename(this.#options.module);
    return this.#medium === undefined ? file : `${file}: ${this.#medium.description}`;
  }

  perform(effect: TransportEffect): void {
    if (this.#medium === undefined) {
      this.#undelivered(effect, 'the module is not ready');
      return;
    }
    for (const dropped of this.#queue.push(effect)) {
      this.#undelivered(dropped, 'too many frames wait for the module');
    }
    this.#next();
  }

  /** Lets the module free its medium; what was to be sent has left by then, or a second has passed. */
  async close(): Promise<void> {
    await flush(() => this.#medium !== undefined && (this.#queue.length > 0 || this.#flights.size > 0));
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#tried();
    const thread = this.#thread;
    this.#thread = undefined;
    this.#medium = undefined;
    this.#forget('the gateway stops');
    await thread?.close();
  }

  #start(): void {
    const { module, name, options, worker } = this.#options;
    this.#startedAt = performance.now();
    const thread = new ModuleThread({
      start: { module, name, options },
      ask: this.#times.ask,
      ...(worker && { worker }),
      told: (message) => thread === this.#thread && this.#heard(message),
      ended: (code, reason) => thread === this.#thread && this.#down(code, reason),
    });
    this.#thread = thread;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#down('ETIMEDOUT', `it is not ready after ${this.#times.open / 1000} s`);
    }, this.#times.open);
  }

  #heard(message: FromModule | ModuleAnswer): void {
    const { name, observer, listener } = this.#options;
    switch (message.type) {
      case 'opened':
        this.#up(message.medium, message.canBroadcast);
        return;
      case 'failed':
        this.#down(message.code, `it ${FAILED[message.step]}: ${message.reason}`);
        return;
      case 'lost':
        this.#down(message.code, message.reason);
        return;
      case 'sent':
        this.#landed(message.id);
        return;
      case 'unsent': {
        const effect = this.#landed(message.id);
        this.#report(message.code, `a frame could not be sent: ${message.reason}`);
        if (effect !== undefined) {
          this.#undelivered(effect, message.reason);
        }
        return;
      }
      case 'received': {
        const { address, frame } = message;
        if (this.#medium !== undefined) {
          const peer = { transport: name, host: address, address };
          listener({ type: 'frame-received', link: `${name}:${address}`, peer, frame });
        }
        return;
      }
      case 'signal': {
        const { address, rssi, retries } = message;
        observer.note({ type: 'radio-signal', link: `${name}:${address}`, rssi, retries });
        return;
      }
      case 'discarded':
        observer.note({ type: 'octets-discarded', transport: name, octets: message.octets, reason: 'module' });
        return;
      case 'problem':
        this.#report(message.code, message.reason);
    }
  }

  #up(medium: Medium, canBroadcast: boolean): void {
    const { name, observer, listener, advertise } = this.#options;
    const { maxFrame, pointToPoint, octetsPerSecond, overhead = 0 } = medium;
    clearTimeout(this.#timer);
    this.#medium = medium;
    this.#told = undefined;
    observer.note({ type: 'transport-up', transport: name, address: this.address() });
    const opened = transportOpened(this.#options, {
      ...{ maxFrame, broadcast: canBroadcast && advertise },
      ...(pointToPoint === true && { pointToPoint }),
      ...(octetsPerSecond !== undefined && { speed: { octetsPerSecond, overhead } }),
    });
    listener(opened);
    this.#tried();
  }

  /** The module has failed, or its medium is gone: it is started again. */
  #down(code: string, reason: string): void {
    const { name, observer, listener, module } = this.#options;
    const wasUp = this.#medium !== undefined;
    const thread = this.#thread;
    this.#thread = undefined;
    this.#medium = undefined;
    clearTimeout(this.#timer);
    const gone = thread?.close();
    this.#forget('the module is not ready');
    if (performance.now() - this.#startedAt >= this.#times.steady) {
      this.#pause = this.#times.restartMin;
    }
    const story = `${code} ${reason}`;
    if (this.#told !== story) {
      this.#told = story;
      const words = `${basename(module)}: ${reason}; it is started again, and again after ever longer pauses`;
      observer.note({ type: 'transport-down', transport: name, code, reason: words });
    }
    if (wasUp) {
      listener({ type: 'transport-closed', transport: name });
    }
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, this.#times.restartMax);
    // What it had open is free by then.
    void Promise.resolve(gone).then(() => {
      if (this.#wanted) {
        this.#timer = setTimeout(() => this.#start(), pause);
      }
    });
    this.#tried();
  }

  /** Hands frames to the module, no more at a time than it wants. */
  #next(): void {
    while (this.#medium !== undefined && this.#flights.size < (this.#medium.window ?? 1)) {
      const effect = this.#queue.take();
      if (effect === undefined) {
        return;
      }
      this.#lastId++;
      const id = this.#lastId;
      const timer = setTimeout(() => {
        this.#landed(id);
        this.#report('ETIMEDOUT', `a frame is with the module for ${this.#times.send / 1000} s, and counts as lost`);
        this.#undelivered(effect, 'the module does not say whether it was sent');
      }, this.#times.send);
      this.#flights.set(id, { effect, timer });
      const frame = Uint8Array.from(effect.frame);
      this.#thread?.tell(
        effect.type === 'send'
          ? { type: 'send', id, address: laneOf(effect).slice(this.name.length + 1), frame }
          : { type: 'broadcast', id, frame, radius: effect.radius },
      );
    }
  }

  /** The module has a frame no longer; the next one may go. */
  #landed(id: number): TransportEffect | undefined {
    const flight = this.#flights.get(id);
    clearTimeout(flight?.timer);
    if (this.#flights.delete(id)) {
      this.#next();
    }
    return flight?.effect;
  }

  #forget(reason: string): void {
    const flying = [...this.#flights.values()];
    this.#flights.clear();
    for (const { timer } of flying) {
      clearTimeout(timer);
    }
    for (const effect of [...flying.map(({ effect: each }) => each), ...this.#queue.clear()]) {
      this.#undelivered(effect, reason);
    }
  }

  #report(code: string, reason: string): void {
    if (this.#codes.size < MOST_CODES) {
      this.#codes.add(code);
    }
    this.#problems.report(this.#codes.has(code) ? code : 'ERROR', `${basename(this.#options.module)}: ${reason}`);
  }

  #undelivered(effect: TransportEffect, reason: string): void {
    undelivered(this.#options.listener, effect, reason);
  }
}
