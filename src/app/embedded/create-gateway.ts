/** A gateway inside another program. */
import { EventEmitter } from 'node:events';
import type { LoadedSettings } from '../../config/load.ts';
import { LogObserver } from '../../observe/log-observer.ts';
import type { Observer } from '../../ports/observer.ts';
import type { ReloadReport } from '../../ports/operator.ts';
import type { BrokerView, TransportView } from '../../ports/site.ts';
import { type Gateway as Running, startGateway } from '../gateway.ts';
import { logSettings } from '../log-settings.ts';
import { Reloader } from '../reloader.ts';
import { type ClientDetails, type ClientInfo, clientDetails, clientInfo } from './client-info.ts';
import { embeddedSettings, type GatewayOptions } from './embedded-settings.ts';
import { EventObserver, logEvents, messageEvents } from './event-observer.ts';
import { GatewayError } from './gateway-error.ts';
import type { GatewayEvents } from './gateway-events.ts';
import { publishProblem } from './publish-problem.ts';

/** How often what repeats in the log is summed up, in milliseconds. */
const SUMMARY_INTERVAL = 10_000;

/** How a message is published. */
export interface PublishOptions {
  /** Default 0. */
  readonly qos?: 0 | 1 | 2;
  /** Default false. */
  readonly retain?: boolean;
  /** The topic is as this client has it: its mount point (`upstream.topicPrefix`) comes before it. Left out: as the broker has it. */
  readonly clientId?: string;
}

/**
 * Makes a gateway; nothing is opened before `start`. `options`: only what differs from the defaults, with the names and units of the settings file
 * (`{ timing: { retryInterval: '30s' } }`), or the path of such a file. `folder`: to which paths are relative; the working folder. No environment variable
 * is looked at. Throws `ConfigError` (`code` is `ERR_SETTINGS`) with every problem that there is.
 */
export function createGateway(
  options: GatewayOptions | string = {},
  { folder = process.cwd() }: { readonly folder?: string } = {},
): Gateway {
  return new Gateway(options, folder);
}

/**
 * An MQTT-SN gateway: made by `createGateway`, started, observed by its events, stopped; and started again, if need be. With `await using` it is stopped at
 * the end of the block. Whatever needs a gateway that runs throws, or rejects with, `GatewayError` where it does not (`code` is `ERR_NOT_RUNNING`).
 */
export class Gateway extends EventEmitter<GatewayEvents> implements AsyncDisposable {
  readonly #folder: string;
  readonly #observer = new EventObserver(this);
  /** What is attached only while somebody listens: how it is taken away, by event. */
  readonly #attached = new Map<'message' | 'log', () => void>();
  #options: GatewayOptions | string;
  /** What counts from the next reading on. */
  #loaded: LoadedSettings;
  #running: Running | undefined;
  #reloader: Reloader | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** For `createGateway`. */
  constructor(options: GatewayOptions | string, folder: string) {
    super();
    this.#options = options;
    this.#folder = folder;
    this.#loaded = embeddedSettings(options, folder);
    const { on } = EventEmitter.prototype; // the two are no events of the gateway
    on.call(this, 'newListener', (name: keyof GatewayEvents) => this.#listened(name, true));
    on.call(this, 'removeListener', (name: keyof GatewayEvents) => {
      this.#listened(name, this.listenerCount(name) > 0);
    });
  }

  /**
   * Opens the transports and the way to the broker; where no `upstream.url` is given, an embedded broker. A broker or a serial port that is not there is waited
   * for: that is no failure. Rejects with an `Error` that has a `code` where something cannot be opened (EADDRINUSE, EACCES, …), and nothing is left
   * running then; with `ERR_RUNNING` where it runs already.
   */
  async start(): Promise<void> {
    await this.#stopping;
    if (this.#running !== undefined || this.#starting !== undefined) {
      throw new GatewayError('ERR_RUNNING', 'the gateway runs already');
    }
    this.#starting = this.#start();
    try {
      await this.#starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Says DISCONNECT to the clients and to the broker, and frees everything; within about 4 s. Nothing happens where it does not run. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    this.#stopping ??= this.#stop();
    await this.#stopping;
    this.#stopping = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** It has been started, and not stopped. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** URL of the broker in use, without credentials; that of the embedded one where no other is given. */
  get brokerUrl(): string {
    return this.#need().brokerUrl;
  }

  /** Bound address, or device, of each transport, by its name: `udp` is `127.0.0.1:1884`. */
  get addresses(): ReadonlyMap<string, string> {
    return this.#need().addresses;
  }

  /** The way to the broker, as it is now. */
  broker(): BrokerView {
    return this.#need().site.broker();
  }

  /** The transports, as they are now, with what went through them. */
  transports(): readonly TransportView[] {
    return this.#need().site.transports();
  }

  /** Every client that is known, connected or not. With very many: `for (const client of gateway.clients())` makes one after the other. */
  *clients(): IterableIterator<ClientInfo> {
    const running = this.#need();
    const now = running.now();
    for (const clientId of [...running.clientIds()]) {
      const view = running.summary(clientId);
      if (view !== undefined) {
        yield clientInfo(view, now);
      }
    }
  }

  /** One client, with its topics; undefined: it is not known. */
  client(clientId: string): ClientDetails | undefined {
    const running = this.#need();
    const view = running.session(clientId);
    return view && clientDetails(view, running.now());
  }

  /**
   * Publishes at the broker, on the gateway's own connection. Resolves when the broker has it (QoS 0: when it was written). Rejects with `ERR_PUBLISH` where
   * that is not possible, or not known after half a minute.
   */
  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { operator } = this.#need();
    const problem = publishProblem(topic, payload, options);
    if (problem !== undefined) {
      throw new GatewayError('ERR_PUBLISH', problem);
    }
    const { qos = 0, retain = false, clientId } = options;
    const octets = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    try {
      await operator.publish({ topic, payload: octets, qos, retain, ...(clientId !== undefined && { clientId }) });
    } catch (error) {
      throw new GatewayError('ERR_PUBLISH', error instanceof Error ? error.message : String(error), error);
    }
  }

  /** Sends DISCONNECT to a client that is connected or asleep; its session stays. False: there is none to send away. */
  async disconnect(clientId: string): Promise<boolean> {
    return this.#need().operator.disconnect(clientId);
  }

  /** Forgets the session of a client with its subscriptions and all that waits for it, here and at the broker. False: there is none. */
  async forget(clientId: string): Promise<boolean> {
    return this.#need().operator.forget(clientId);
  }

  /**
   * Other settings from now on, as far as they need no restart (config/README.md says which is which): nobody is dropped. Left out: the same ones, with what is in
   * their files read again. The report says what is in effect now and what would need a restart. Rejects with `ConfigError`, and nothing has changed.
   */
  async reload(options: GatewayOptions | string = this.#options): Promise<ReloadReport> {
    this.#need();
    this.#loaded = embeddedSettings(options, this.#folder);
    this.#options = options;
    const report = await this.#reloader?.reload('request');
    return report ?? { changed: [], needsRestart: [], problems: [] };
  }

  async #start(): Promise<void> {
    const loaded = embeddedSettings(this.#options, this.#folder); // what is in files may have changed
    this.#loaded = loaded;
    const { settings, predefinedTopics, pskKeys, credentials } = loaded;
    const wanted = (['message', 'log'] as const).filter((name) => this.listenerCount(name) > 0);
    const more = wanted.map((name) => [name, this.#observerOf(name)] as const);
    const observer = [this.#observer, ...more.map(([, each]) => each)];
    const running = await startGateway({ settings, predefinedTopics, pskKeys, credentials, observer });
    this.#running = running;
    for (const [name, each] of more) {
      this.#attach(name, each);
    }
    this.#reloader = new Reloader({
      loaded,
      load: async () => this.#loaded,
      apply: (now) => running.change(now.settings, now.predefinedTopics, now.pskKeys, now.credentials),
      tell: (note) => running.note(note),
      done: () => undefined,
    });
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#reloader = undefined;
    await running?.stop();
    for (const detach of this.#attached.values()) {
      detach();
    }
    this.#attached.clear();
  }

  /** Somebody listens to an event, or nobody does any more. */
  #listened(name: keyof GatewayEvents, isWanted: boolean): void {
    if (name === 'frame') {
      this.#observer.wantsFrames = isWanted;
    } else if (name === 'message' || name === 'log') {
      if (!isWanted) {
        this.#attached.get(name)?.();
        this.#attached.delete(name);
      } else if (this.#running !== undefined && !this.#attached.has(name)) {
        this.#attach(name, this.#observerOf(name));
      }
    }
  }

  #observerOf(name: 'message' | 'log'): Observer {
    const { settings } = this.#loaded;
    return name === 'message' ? messageEvents(this) : logEvents(this, settings.logging.level, logSettings(settings));
  }

  #attach(name: 'message' | 'log', observer: Observer): void {
    const remove = this.#running?.observe(observer);
    const summaries =
      observer instanceof LogObserver ? setInterval(() => observer.summarize(), SUMMARY_INTERVAL).unref() : undefined;
    this.#attached.set(name, () => {
      clearInterval(summaries);
      remove?.();
    });
  }

  #need(): Running {
    if (this.#running === undefined) {
      throw new GatewayError('ERR_NOT_RUNNING', 'the gateway does not run: call start() first');
    }
    return this.#running;
  }
}
