import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from '@jest/globals';
import { freePort } from '../../support/free-port.ts';
import { PATIENT } from '../../support/gateway-under-test.ts';
import { currentMode } from '../../support/modes.ts';
import { Mosquitto, type MosquittoOptions } from '../../support/mosquitto.ts';
import { MqttPeer } from '../../support/mqtt-peer.ts';
import { RawSensor } from '../../support/raw-sensor.ts';
import { expectWellFormed } from '../../support/tshark.ts';
import { type ProgramUnderTest, programBench } from '../program/program-under-test.ts';
import { Sleeper } from '../sleep/sleeper.ts';

/** A gateway in a process of its own that can end and start again at the same port, with the same store. */
export interface Restartable {
  /** The folder of `sessions.path`. */
  readonly store: string;
  readonly program: ProgramUnderTest;
  /** Resolves when it is ready. `upstream`: other settings than before. */
  start(upstream?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Resolves when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts a further program with the same settings, but for the port; it may fail. */
  second(): Promise<ProgramUnderTest>;
  sensor(): Promise<RawSensor>;
  /** A client at a sensor of its own, not connected yet. */
  client(clientId: string): Promise<Sleeper>;
}

export interface RestartBench {
  broker(options?: MosquittoOptions): Promise<Mosquitto>;
  peer(broker: Mosquitto, ...filters: string[]): Promise<MqttPeer>;
  /** Started already, in the mode of the tests that run. */
  gateway(brokerUrl: string, upstream?: Readonly<Record<string, unknown>>): Promise<Restartable>;
  cleanUp(end: () => unknown): void;
}

/** For the top of a test file; tshark dissects at its end what the sensors have got. */
export function restartBench(): RestartBench {
  const startProgram = programBench();
  const ends: (() => unknown)[] = [];
  const frames: Uint8Array[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) {
      await end();
    }
  });

  afterAll(() => expectWellFormed(frames));

  return {
    async broker(options) {
      const broker = await Mosquitto.start(options);
      ends.push(() => broker.dispose());
      return broker;
    },
    async peer(broker, ...filters) {
      const peer = await MqttPeer.connect(broker.url);
      ends.push(() => peer.close().catch(() => undefined));
      for (const filter of filters) {
        await peer.subscribe(filter);
      }
      return peer;
    },
    async gateway(url, upstream = {}) {
      const folder = await mkdtemp(join(tmpdir(), 'sessions-'));
      const gateway = new RestartableGateway(startProgram, join(folder, 'sessions'), await freePort(), {
        url,
        ...PATIENT.upstream,
        mode: currentMode(),
        ...upstream,
      });
      ends.push(async () => {
        await gateway.close(frames);
        await rm(folder, { recursive: true, force: true });
      });
      await gateway.start();
      return gateway;
    },
    cleanUp: (end) => void ends.push(end),
  };
}

class RestartableGateway implements Restartable {
  readonly store: string;
  readonly #startProgram: ReturnType<typeof programBench>;
  readonly #port: number;
  #upstream: Readonly<Record<string, unknown>>;
  readonly #sensors: RawSensor[] = [];
  #program: ProgramUnderTest | undefined;

  constructor(
    startProgram: ReturnType<typeof programBench>,
    store: string,
    port: number,
    upstream: Readonly<Record<string, unknown>>,
  ) {
    this.#startProgram = startProgram;
    this.store = store;
    this.#port = port;
    this.#upstream = upstream;
  }

  get program(): ProgramUnderTest {
    if (this.#program === undefined) {
      throw new Error('the gateway has not been started');
    }
    return this.#program;
  }

  async start(upstream: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.#upstream = { ...this.#upstream, ...upstream };
    this.#program = await this.#run(this.#port);
    await this.#program.ready();
  }

  second(): Promise<ProgramUnderTest> {
    return this.#run(0);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.program.kill(signal);
    await this.program.ended;
  }

  async sensor(): Promise<RawSensor> {
    const sensor = await RawSensor.open({ port: this.#port });
    this.#sensors.push(sensor);
    return sensor;
  }

  async client(clientId: string): Promise<Sleeper> {
    return new Sleeper(await this.sensor(), clientId);
  }

  /** Closes the sensors and adds to `frames` what they have got. */
  async close(frames: Uint8Array[]): Promise<void> {
    await this.#program?.dispose();
    for (const sensor of this.#sensors) {
      frames.push(...sensor.received);
      await sensor.close();
    }
  }

  #run(port: number): Promise<ProgramUnderTest> {
    const settings = {
      transports: [{ type: 'udp', host: '127.0.0.1', port }],
      sessions: { path: this.store },
      timing: PATIENT.timing,
      upstream: this.#upstream,
      logging: { level: 'debug' },
    };
    // YAML takes JSON as it is.
    return this.#startProgram(['--config', 'gateway.yaml'], { files: { 'gateway.yaml': JSON.stringify(settings) } });
  }
}
