import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/app/gateway.ts';
import { type LoadedSettings, loadSettings } from '../../src/config/load.ts';
import type { Note, Observer } from '../../src/ports/observer.ts';
import { connectFrame } from './core-bench.ts';
import { Collected } from './eventually.ts';
import { currentMode, isShared } from './modes.ts';
import { Mosquitto, type MosquittoOptions } from './mosquitto.ts';
import { MqttPeer } from './mqtt-peer.ts';
import { RawSensor, type RawSensorOptions } from './raw-sensor.ts';
import { expectWellFormed } from './tshark.ts';

export type NoteOf<T extends Note['type']> = Extract<Note, { type: T }>;

export interface GatewayUnderTestOptions {
  /** Settings as in the file, without `transports` one UDP listener on a free port of 127.0.0.1. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Client id or `*` to id to name. */
  readonly predefined?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Text of the file `psk.yaml`. */
  readonly psk?: string;
  /** Called with each note from inside the observer, once it is recorded. */
  readonly onNote?: (note: Note) => void;
  /** What concerns the program around the gateway; it does nothing of that. */
  readonly program?: GatewayOptions['program'];
}

/**
 * Timers of the gateway that would otherwise end something where only the machine is slow. A test that is about one of them says so; only
 * the pauses between two attempts to reach the broker are short everywhere.
 */
export const PATIENT = {
  timing: { retryInterval: '2m' },
  upstream: { connectTimeout: '2m', grace: '10m', reconnectMin: '100ms', reconnectMax: '200ms' },
} as const;

/** A whole gateway in this process, over real sockets, in the mode of the tests that run. What it sends and what it notes is recorded. */
export class GatewayUnderTest {
  readonly notes = new Collected<Note>('notes of the gateway');
  /** All frames sent, unicast and multicast, in order. */
  readonly sent: Uint8Array[] = [];
  /** Datagrams that were handed to the core. */
  framesReceived = 0;
  #gateway: Gateway | undefined;

  /** Starts a gateway at the broker. Rejects as `startGateway` does. */
  static async start(brokerUrl: string, options: GatewayUnderTestOptions = {}): Promise<GatewayUnderTest> {
    const { settings = {}, predefined = {}, psk, onNote, program } = options;
    const running = new GatewayUnderTest();
    const predefinedTopics = new Map(
      Object.entries(predefined).map(([clientId, topics]) => [
        clientId,
        new Map(Object.entries(topics).map(([id, name]) => [Number(id), name])),
      ]),
    );
    const tree = {
      transports: [{ type: 'udp', host: '127.0.0.1', port: 0 }],
      ...settings,
      timing: { ...PATIENT.timing, ...(settings.timing ?? {}) },
      upstream: { url: brokerUrl, ...PATIENT.upstream, mode: currentMode(), ...(settings.upstream ?? {}) },
    };
    running.#gateway = await startGateway({
      ...(await loadedFrom(tree, psk)),
      predefinedTopics,
      observer: running.#observer(onNote),
      ...(program && { program }),
    });
    return running;
  }

  /** Port of the transport. */
  port(transport = 'udp'): number {
    const address = this.#gateway?.addresses.get(transport);
    const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
    if (!Number.isInteger(port)) {
      throw new Error(`the gateway has no transport ${transport}`);
    }
    return port;
  }

  get sessionCount(): number {
    return this.#gateway?.sessionCount() ?? 0;
  }

  /** The gateway itself, as somebody who embeds it has it. */
  get embedded(): Gateway {
    if (this.#gateway === undefined) {
      throw new Error('the gateway has not been started');
    }
    return this.#gateway;
  }

  /** The first note of this type (and with these fields), whether it is there already or comes later. */
  waitForNote<T extends Note['type']>(type: T, fields: Partial<NoteOf<T>> = {}, deadline?: number): Promise<NoteOf<T>> {
    const wanted = Object.entries(fields);
    return this.notes.find(
      `${type} ${JSON.stringify(fields)}`,
      (note): note is NoteOf<T> =>
        note.type === type && wanted.every(([name, value]) => (note as Record<string, unknown>)[name] === value),
      deadline,
    );
  }

  /** The notes of a type so far. */
  notesOf<T extends Note['type']>(type: T): NoteOf<T>[] {
    return this.notes.items.filter((note): note is NoteOf<T> => note.type === type);
  }

  /** Waits until the connection that carries a client to the broker has broken. */
  async connectionBroken(clientId: string): Promise<void> {
    await (isShared() ? this.waitForNote('shared-connection-down') : this.waitForNote('upstream-down', { clientId }));
  }

  /** Waits until what needs no client stands: the gateway's own connection, and the one that all clients share. */
  async connected(): Promise<void> {
    await this.waitForNote('upstream-up', { clientId: undefined });
    if (isShared()) {
      await this.waitForNote('shared-connection-up');
    }
  }

  /** How often the connection that carries a client to the broker has stood. */
  timesConnected(clientId: string): number {
    return isShared()
      ? this.notesOf('shared-connection-up').length
      : this.notesOf('upstream-up').filter((note) => note.clientId === clientId).length;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
  }

  #observer(onNote: ((note: Note) => void) | undefined): Observer {
    return {
      wantsFrames: true,
      note: (note) => {
        this.notes.add(note);
        onNote?.(note);
      },
      frame: (direction, _link, frame) => {
        if (direction === 'received') {
          this.framesReceived += 1;
        } else {
          this.sent.push(Uint8Array.from(frame));
        }
      },
    };
  }
}

export interface SensorOptions extends Partial<RawSensorOptions> {
  /** Name of the gateway's transport; `udp`. */
  readonly transport?: string;
}

export interface ClientOptions extends SensorOptions {
  readonly clean?: boolean;
  /** Keep-alive in seconds. */
  readonly duration?: number;
}

/** What tests of the whole gateway are made of; all of it ends with the test. */
export interface GatewayBench {
  broker(options?: MosquittoOptions): Promise<Mosquitto>;
  gateway(brokerUrl: string, options?: GatewayUnderTestOptions): Promise<GatewayUnderTest>;
  /** A sensor bound to the gateway. */
  sensor(gateway: GatewayUnderTest, options?: SensorOptions): Promise<RawSensor>;
  /** A sensor that is connected, without a will; clean session and 60 s unless told. */
  client(gateway: GatewayUnderTest, clientId: string, options?: ClientOptions): Promise<RawSensor>;
  /** An MQTT client at the broker, subscribed to the filters with QoS 2. */
  peer(broker: Mosquitto, ...filters: string[]): Promise<MqttPeer>;
  /** An MQTT client at the broker that sees everything, but for what gateways say of themselves. */
  observer(broker: Mosquitto): Promise<MqttPeer>;
  /** Waits until the broker has heard of the end of a client's session, or of a connection of it, and of what that led to. */
  left(gateway: GatewayUnderTest, broker: Mosquitto, clientId: string, from?: number): Promise<void>;
  /** Something more that ends with the test, before what was made earlier. */
  cleanUp(end: () => unknown): void;
}

/**
 * For the top of a test file: a bench that is cleaned up after each test; at the end of the file one tshark dissects every frame that the
 * gateways have sent, and no gateway may have noted a defect of its own.
 */
export function gatewayBench(): GatewayBench {
  const ends: (() => unknown)[] = [];
  const gateways: GatewayUnderTest[] = [];
  const kept = <T>(thing: T, end: () => unknown): T => {
    ends.push(end);
    return thing;
  };

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) {
      await end();
    }
  });

  afterAll(async () => {
    const defects = gateways.flatMap((gateway) => gateway.notesOf('session-failed'));
    if (defects.length > 0) {
      throw new Error(`defects of the gateway: ${JSON.stringify(defects)}`);
    }
    await expectWellFormed(gateways.flatMap(({ sent }) => sent));
  });

  let witnesses = 0;
  const sensor: GatewayBench['sensor'] = async (gateway, { transport, ...options } = {}) => {
    const opened = await RawSensor.open({ port: gateway.port(transport), ...options });
    return kept(opened, () => opened.close().catch(() => undefined));
  };

  return {
    sensor,
    async client(gateway, clientId, { clean, duration, ...options } = {}) {
      const opened = await sensor(gateway, options);
      await opened.exchange(connectFrame(clientId, clean, duration), '03 05 00');
      return opened;
    },
    async broker(options) {
      const broker = await Mosquitto.start(options);
      return kept(broker, () => broker.dispose());
    },
    async gateway(brokerUrl, options) {
      const gateway = await GatewayUnderTest.start(brokerUrl, options);
      gateways.push(gateway);
      return kept(gateway, () => gateway.stop());
    },
    async peer(broker, ...filters) {
      const peer = await MqttPeer.connect(broker.url);
      for (const filter of filters) {
        await peer.subscribe(filter);
      }
      return kept(peer, () => peer.close().catch(() => undefined));
    },
    async observer(broker) {
      const observer = await MqttPeer.connect(broker.url, {}, /^mqtt-sn-gateway\//);
      await observer.subscribe('#');
      return kept(observer, () => observer.close().catch(() => undefined));
    },
    async left(gateway, broker, clientId, from = 0) {
      if (!isShared()) {
        await broker.logged(new RegExp(`Client ${clientId} (disconnected|closed its connection)`), from);
        return;
      }
      // The broker hears of it on the connection of all: a publish of another client goes out behind it.
      const witness = await sensor(gateway);
      await witness.exchange(connectFrame(`witness-${++witnesses}`), '03 05 00');
      await witness.exchange('08 0C 22 77 77 00 01 77', '07 0D 77 77 00 01 00');
    },
    cleanUp: (end) => void ends.push(end),
  };
}

/** Settings from the text of a file, and pre-shared keys, as the program would load them. */
async function loadedFrom(
  tree: Readonly<Record<string, unknown>>,
  psk: string | undefined,
): Promise<Pick<LoadedSettings, 'settings' | 'pskKeys' | 'credentials'>> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-'));
  try {
    // YAML takes JSON as it is.
    await writeFile(join(directory, 'gateway.yaml'), JSON.stringify({ sessions: { path: 'memory' }, ...tree }));
    if (psk !== undefined) {
      await writeFile(join(directory, 'psk.yaml'), psk, { mode: 0o600 });
    }
    return loadSettings({ file: 'gateway.yaml', environment: {}, commandLine: [], workingFolder: directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
