import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { SERVER_PATH, ServerProcess } from './server-process.ts';

/** What a broker for a test is made of; nothing given: one MQTT listener on a free port, open to everybody, nothing kept on disk. */
export interface MosquittoOptions {
  /** Port of the plain MQTT listener. */
  readonly port?: number;
  /** User names and passwords; anonymous clients are then refused. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of an access control list, e.g. `topic readwrite #`. */
  readonly acl?: readonly string[];
  /** A further listener for TLS; PEM contents. */
  readonly tls?: {
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
    readonly requireCertificate?: boolean;
    /** The common name of a client's certificate is its user name. */
    readonly identityAsUsername?: boolean;
  };
  /** A further listener for TLS with pre-shared keys, in hexadecimal digits by identity, which is the user name. */
  readonly psk?: Readonly<Record<string, string>>;
  /** A further listener for WebSockets. */
  readonly websockets?: boolean;
  /** Sessions and retained messages survive a `restart` with SIGTERM. */
  readonly persistence?: boolean;
  /** `max_inflight_messages`; mosquitto's own default is 20. */
  readonly maxInflightMessages?: number;
  /** `max_queued_messages`; mosquitto's own default is 1000. */
  readonly maxQueuedMessages?: number;
  /** Says no more than that it runs, and what is wrong: where it is to be fast. */
  readonly quiet?: boolean;
  /** Further lines of the configuration file. */
  readonly settings?: readonly string[];
}

/** Of the listeners: plain, TLS, WebSockets, TLS with pre-shared keys. */
type Ports = readonly [number, number, number, number];

/** A mosquitto of the test's own. Always `dispose()` of it. */
export class Mosquitto {
  readonly port: number;
  /** Port of the TLS listener, 0 without. */
  readonly tlsPort: number;
  /** Port of the WebSocket listener, 0 without. */
  readonly websocketPort: number;
  /** Port of the listener for pre-shared keys, 0 without. */
  readonly pskPort: number;
  readonly #directory: string;
  readonly #process: ServerProcess;

  private constructor(directory: string, ports: Ports) {
    this.#directory = directory;
    this.#process = new ServerProcess({
      name: 'mosquitto',
      command: ['mosquitto', '-c', join(directory, 'mosquitto.conf')],
      ready: /mosquitto version \S+ running/,
    });
    [this.port, this.tlsPort, this.websocketPort, this.pskPort] = ports;
  }

  /** Starts a broker; resolves when it accepts connections. Error with mosquitto's own words if it does not come up. */
  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const directory = await mkdtemp(join(tmpdir(), 'mosquitto-'));
    for (let attempt = 1; ; attempt += 1) {
      const ports = [
        options.port ?? (await freePort()),
        options.tls ? await freePort() : 0,
        options.websockets ? await freePort() : 0,
        options.psk ? await freePort() : 0,
      ] as const;
      const broker = new Mosquitto(directory, ports);
      try {
        await writeConfiguration(directory, ports, options);
        await broker.start();
        return broker;
      } catch (error) {
        // Another process was quicker to take one of the ports.
        if (!broker.log.includes('Address already in use') || options.port !== undefined || attempt === 3) {
          await broker.dispose();
          throw error;
        }
      }
    }
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** For certificates made out to `localhost`. */
  get tlsUrl(): string {
    return `mqtts://localhost:${this.tlsPort}`;
  }

  get pskUrl(): string {
    return `mqtts://localhost:${this.pskPort}`;
  }

  get websocketUrl(): string {
    return `ws://127.0.0.1:${this.websocketPort}`;
  }

  /** Everything that mosquitto has said since it was first started (every packet, with `log_type all`). */
  get log(): string {
    return this.#process.log;
  }

  /** Waits for a line of the log, from the character `from` on (default: from the beginning). */
  async logged(pattern: RegExp, from = 0, deadline?: number): Promise<RegExpExecArray> {
    return this.#process.logged(pattern, from, deadline);
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** SIGTERM: a clean end. SIGKILL: as if the power had failed. Resolves when the process is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#process.stop(signal);
  }

  /** Starts again on the same ports after `stop`. */
  async start(): Promise<void> {
    await this.#process.start();
  }

  /** Ends the broker and starts it again on the same ports. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers any more. `resume` undoes it. */
  freeze(): void {
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
  }

  /** Ends the broker for good and removes its files. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const QUIET = [
  ...['error', 'warning', 'notice', 'information'].map((type) => `log_type ${type}`),
  'connection_messages false',
];

async function writeConfiguration(directory: string, ports: Ports, options: MosquittoOptions): Promise<void> {
  const [port, tlsPort, websocketPort, pskPort] = ports;
  const file = (name: string): string => join(directory, name);
  const lines = [
    // As root, mosquitto would change its user and could then not read its files.
    'user root',
    'log_dest stderr',
    ...(options.quiet === true ? QUIET : ['log_type all']),
    'set_tcp_nodelay true',
    `allow_anonymous ${options.users === undefined}`,
    `persistence ${options.persistence === true}`,
    `persistence_location ${directory}/`,
  ];
  if (options.users !== undefined) {
    await writeFile(file('passwords'), '');
    for (const [user, password] of Object.entries(options.users)) {
      spawnSync('mosquitto_passwd', ['-b', file('passwords'), user, password], {
        env: { ...process.env, PATH: SERVER_PATH },
      });
    }
    lines.push(`password_file ${file('passwords')}`);
  }
  if (options.acl !== undefined) {
    await writeFile(file('acl'), `${options.acl.join('\n')}\n`, { mode: 0o600 });
    lines.push(`acl_file ${file('acl')}`);
  }
  if (options.maxInflightMessages !== undefined) {
    lines.push(`max_inflight_messages ${options.maxInflightMessages}`);
  }
  if (options.maxQueuedMessages !== undefined) {
    lines.push(`max_queued_messages ${options.maxQueuedMessages}`);
  }
  lines.push(...(options.settings ?? []), `listener ${port} 127.0.0.1`);
  if (options.tls !== undefined) {
    await writeFile(file('ca.pem'), options.tls.ca);
    await writeFile(file('cert.pem'), options.tls.cert);
    await writeFile(file('key.pem'), options.tls.key);
    lines.push(
      `listener ${tlsPort} 127.0.0.1`,
      `cafile ${file('ca.pem')}`,
      `certfile ${file('cert.pem')}`,
      `keyfile ${file('key.pem')}`,
    );
    lines.push(`require_certificate ${options.tls.requireCertificate === true}`);
    lines.push(`use_identity_as_username ${options.tls.identityAsUsername === true}`);
  }
  if (options.websockets === true) {
    lines.push(`listener ${websocketPort} 127.0.0.1`, 'protocol websockets');
  }
  if (options.psk !== undefined) {
    const keys = Object.entries(options.psk).map(([identity, key]) => `${identity}:${key}\n`);
    await writeFile(file('keys'), keys.join(''), { mode: 0o600 });
    lines.push(`listener ${pskPort} 127.0.0.1`, 'psk_hint broker', `psk_file ${file('keys')}`);
    lines.push('use_identity_as_username true');
  }
  await writeFile(file('mosquitto.conf'), `${lines.join('\n')}\n`);
}
